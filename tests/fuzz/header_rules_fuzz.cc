// The first byte is a policy; the others are a head.

#include <algorithm>
#include <map>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "fuzz/fuzz_target.h"
#include "http/characters.h"
#include "http/head_parser.h"
#include "http/header_rules.h"

namespace gunicorn::fuzz {
namespace {

http::HeaderPolicy policy_of(unsigned char bits) {
    http::HeaderPolicy policy;
    policy.header_map = static_cast<http::HeaderMap>((bits & 3U) % 3U);
    if ((bits & 4U) != 0) policy.forwarder_headers = {"REMOTE_USER", "*"};
    if ((bits & 8U) != 0) policy.forwarder_headers.clear();
    return policy;
}

/// What a strict policy lets pass: names with "-" only, each with a key of its own, and no Proxy.
void check_keys(const http::RequestHead& head, const http::HeaderPolicy& policy) {
    std::map<std::string, std::string> names;
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        const std::string_view name = head.field(i).name;
        const auto decision = http::may_forward(name, policy, http::PeerTrust::untrusted);
        GN_ASSERT(decision || policy.header_map == http::HeaderMap::refuse, "only one policy refuses");
        if (!decision || *decision == http::Forward::drop) continue;
        std::string key = "x";  // what is there stays
        http::append_cgi_name(name, key);
        GN_ASSERT(key[0] == 'x', "appending is all that is done");
        key.erase(0, 1);
        GN_ASSERT(key != "HTTP_PROXY", "httpoxy");
        GN_ASSERT(std::none_of(key.begin(), key.end(), [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); }),
                  "a key is what CGI calls it");
        GN_ASSERT(key.starts_with("HTTP_") || key == "CONTENT_TYPE" || key == "CONTENT_LENGTH",
                  "and no other variable");
        const auto [known, is_new] = names.emplace(key, name);
        GN_ASSERT(
            is_new || policy.header_map == http::HeaderMap::dangerous || text::equal_ignoring_case(known->second, name),
            "no field passes for another one");
    }
}

void check_scheme(const http::RequestHead& head, const http::HeaderPolicy& policy) {
    const auto from_anybody = http::declared_scheme(head, policy, http::PeerTrust::untrusted);
    GN_ASSERT(from_anybody && !*from_anybody, "who is not trusted declares nothing");
    std::size_t https = 0;
    std::size_t listed = 0;
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        for (const http::SchemeHeader& header : policy.secure_scheme_headers) {
            if (!text::equal_ignoring_case(head.field(i).name, header.name)) continue;
            ++listed;
            if (head.field(i).value == header.value) ++https;
        }
    }
    const auto declared = http::declared_scheme(head, policy, http::PeerTrust::trusted);
    GN_ASSERT(declared.has_value() == (https == 0 || https == listed), "all say the same, or it is a conflict");
    if (!declared) return;
    GN_ASSERT(declared->has_value() == (listed > 0), "silence declares nothing");
    if (*declared) GN_ASSERT((**declared == http::Scheme::https) == (https > 0), "the values decide");
}

void check_decoding(std::string_view bytes) {
    std::string decoded;
    http::percent_decode(bytes, decoded);
    GN_ASSERT(decoded.size() <= bytes.size(), "decoding adds nothing");
    if (bytes.find('%') == std::string_view::npos) GN_ASSERT(decoded == bytes, "and changes only escapes");
    std::string encoded;
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        encoded += {'%', "0123456789ABCDEF"[value / 16], "0123456789abcdef"[value % 16]};
    }
    decoded.clear();
    http::percent_decode(encoded, decoded);
    GN_ASSERT(decoded == bytes, "any bytes can be escaped");
}

}  // namespace

void header_rules(std::string_view bytes) {
    if (bytes.empty()) return;
    const http::HeaderPolicy policy = policy_of(static_cast<unsigned char>(bytes[0]));
    bytes.remove_prefix(1);
    check_decoding(bytes);
    http::HeadParser parser({}, {.permit_obsolete_folding = true, .strip_header_spaces = true});
    http::RequestHead head;
    const auto progress = parser.feed(bytes, head);
    if (!progress || !progress->complete) return;
    check_keys(head, policy);
    check_scheme(head, policy);
}

}  // namespace gunicorn::fuzz
