// The bytes are an access_log_format; the client is a hostile one.

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "fuzz/fuzz_target.h"
#include "http/head_parser.h"
#include "http/response_head.h"
#include "server/log/access_format.h"

namespace gunicorn::fuzz {
namespace {

using server::AccessFormat;
using server::UnknownAtoms;

constexpr std::string_view kHostile = "\"\\\n\x1b[2J\xff";

struct HostileEnviron final : gateway::EnvironValues {
    bool append_environ_value(std::string_view lower_name, std::string& out) const override {
        out += std::string(lower_name) + std::string(kHostile);
        return true;
    }
};

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string line_of(const AccessFormat& format, const http::RequestHead& request) {
    const HostileEnviron environ_values;
    const gateway::AccessRecord record{.remote_addr = kHostile,
                                       .request_line = kHostile,
                                       .method = "GET",
                                       .target = kHostile,
                                       .path = kHostile,
                                       .query = kHostile,
                                       .protocol = "HTTP/1.1",
                                       .status = 200,
                                       .bytes_sent = 12,
                                       .duration = std::chrono::milliseconds(3045),
                                       .pid = 77,
                                       .request = &request,
                                       .environ_values = &environ_values};
    std::string line;
    format.print(record, line);
    return line;
}

}  // namespace

void access_format(std::string_view bytes) {
    http::RequestHead request;
    http::HeadParser parser({}, {});
    const auto head =
        parser.feed("GET / HTTP/1.1\r\nHost: h\r\nReferer: \"\\\xff\r\nAuthorization: Basic Ig0KOmE=\r\n\r\n", request);
    GN_ASSERT(head && head->complete, "the request is a good one");

    const auto strict = AccessFormat::compile(bytes);
    const auto lenient = AccessFormat::compile(bytes, UnknownAtoms::print_dash);
    GN_ASSERT(!strict || lenient, "who prints dashes refuses no more than who does not");
    if (!strict) GN_ASSERT(!strict.error().message.empty(), "a refusal says why");
    if (!lenient) return;
    for (const std::string& name : lenient->environ_names()) {
        GN_ASSERT(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
                  "names are lower-case");
    }
    const std::string line = line_of(*lenient, request);
    if (is_printable(bytes)) GN_ASSERT(is_printable(line), "what a client says is escaped");
    if (strict) GN_ASSERT(line_of(*strict, request) == line, "both print the same");
}

}  // namespace gunicorn::fuzz
