// Each switch of ParsePolicy, off and on, with the requests that it is about.

#include "unit/http/read_request.h"

namespace gunicorn::test {
namespace {

using http::ParsePolicy;

constexpr ParsePolicy kFolding{.permit_obsolete_folding = true};
constexpr ParsePolicy kSpaces{.strip_header_spaces = true};
constexpr ParsePolicy kMethod{.permit_unconventional_http_method = true};
constexpr ParsePolicy kVersion{.permit_unconventional_http_version = true};
constexpr ParsePolicy kCase{.casefold_http_method = true};

/// "METHOD VERSION fields", or the error.
std::string reading(const std::string& bytes, const ParsePolicy& policy) {
    const Outcome outcome = read_request(bytes, {}, policy);
    if (outcome.verdict() != "complete") return std::string(outcome.verdict());
    std::string text = std::string(outcome.head.method()) + ' ' + std::string(outcome.head.protocol());
    for (const auto& [name, value] : outcome.fields()) text += ' ' + name + '=' + value;
    return text;
}

struct Row {
    ParsePolicy policy;
    const char* bytes;
    const char* off;
    const char* on;
};

constexpr Row kRows[] = {
    {kFolding, "GET / HTTP/1.1\r\nA: b\r\n c\r\n\td \r\n\r\n", "obsolete_folding", "GET HTTP/1.1 A=b c d"},
    {kFolding, "GET / HTTP/1.1\r\nA:\r\n b\r\n\r\n", "obsolete_folding", "GET HTTP/1.1 A=b"},
    {kFolding, "GET / HTTP/1.1\r\nA: b\r\n \r\nC: d\r\n\r\n", "obsolete_folding", "GET HTTP/1.1 A=b C=d"},
    {kFolding, "GET / HTTP/1.1\r\n A: b\r\n\r\n", "bad_field_line", "bad_field_line"},
    {kFolding, "GET / HTTP/1.1\r\nA: b\r\n c\n\r\n", "obsolete_folding", "bare_line_feed"},
    {kFolding, "GET / HTTP/1.1\r\nContent-Length: 1\r\n 0\r\n\r\n", "obsolete_folding", "bad_content_length"},
    {kFolding, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n , gzip\r\n\r\n", "obsolete_folding",
     "bad_transfer_encoding"},
    {kFolding, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n", "obsolete_folding",
     "obsolete_folding"},
    {kSpaces, "GET / HTTP/1.1\r\nA \t: b\r\n\r\n", "space_before_colon", "GET HTTP/1.1 A=b"},
    {kSpaces, "GET / HTTP/1.1\r\nA b : c\r\n\r\n", "space_before_colon", "bad_field_name"},
    {kSpaces, "GET / HTTP/1.1\r\n: c\r\n\r\n", "bad_field_name", "bad_field_name"},
    {kSpaces, "GET / HTTP/1.1\r\nA\x0b: c\r\n\r\n", "bad_field_name", "bad_field_name"},
    {kSpaces, "GET / HTTP/1.1\r\nContent-Length : 0\r\nContent-Length: 0\r\n\r\n", "space_before_colon",
     "duplicate_field"},
    {kMethod, "get / HTTP/1.1\r\n\r\n", "bad_method", "get HTTP/1.1"},
    {kMethod, "X / HTTP/1.1\r\n\r\n", "bad_method", "X HTTP/1.1"},
    {kMethod, "A#B / HTTP/1.1\r\n\r\n", "bad_method", "A#B HTTP/1.1"},
    {kMethod, "ABCDEFGHIJKLMNOPQRSTU / HTTP/1.1\r\n\r\n", "bad_method", "ABCDEFGHIJKLMNOPQRSTU HTTP/1.1"},
    {kMethod, "G(T / HTTP/1.1\r\n\r\n", "bad_method", "bad_method"},
    {kMethod, "G\xc3\x89T / HTTP/1.1\r\n\r\n", "bad_method", "bad_method"},
    {kMethod, "connect / HTTP/1.1\r\n\r\n", "bad_method", "connect HTTP/1.1"},
    {kVersion, "GET / HTTP/2.0\r\n\r\n", "unsupported_version", "GET HTTP/2.0"},
    {kVersion, "GET / HTTP/0.9\r\n\r\n", "unsupported_version", "GET HTTP/0.9"},
    {kVersion, "GET / HTTP/0.9\r\nTransfer-Encoding: chunked\r\n\r\n", "unsupported_version",
     "transfer_encoding_in_old_version"},
    {kVersion, "GET / HTTP/1.10\r\n\r\n", "bad_version", "bad_version"},
    {kVersion, "GET / http/1.1\r\n\r\n", "bad_version", "bad_version"},
    {kVersion, "GET / HTTP/1,1\r\n\r\n", "bad_version", "bad_version"},
    {kCase, "get / HTTP/1.1\r\n\r\n", "bad_method", "GET HTTP/1.1"},
    {kCase, "gEt / HTTP/1.1\r\n\r\n", "bad_method", "GET HTTP/1.1"},
    {kCase, "connect / HTTP/1.1\r\n\r\n", "bad_method", "bad_target"},
    {kCase, "x / HTTP/1.1\r\n\r\n", "bad_method", "bad_method"},
};

TEST_CASE("a switch changes what it is named after, and is off by default") {
    for (const Row& row : kRows) {
        INFO(row.bytes);
        CHECK(reading(row.bytes, {}) == row.off);
        CHECK(reading(row.bytes, row.policy) == row.on);
    }
}

TEST_CASE("a method of any length may be folded to upper case when both switches are on") {
    CHECK(reading("x / HTTP/1.1\r\n\r\n", {.permit_unconventional_http_method = true, .casefold_http_method = true}) ==
          "X HTTP/1.1");
}

}  // namespace
}  // namespace gunicorn::test
