#include "http/header_rules.h"

#include "unit/http/read_request.h"

namespace gunicorn::test {

using http::Forward;
using http::HeaderMap;
using http::HeaderPolicy;
using http::ParseError;
using http::PeerTrust;
using http::Scheme;

TEST_CASE("a name without an underscore reaches the application whoever sends it") {
    for (const HeaderMap map : {HeaderMap::drop, HeaderMap::refuse, HeaderMap::dangerous}) {
        const HeaderPolicy policy{.header_map = map};
        CHECK(*http::may_forward("X-Forwarded-For", policy, PeerTrust::untrusted) == Forward::keep);
        CHECK(*http::may_forward("Script-Name", policy, PeerTrust::untrusted) == Forward::keep);
    }
}

TEST_CASE("a name with an underscore is dropped, refused or kept as header_map says") {
    for (const PeerTrust trust : {PeerTrust::untrusted, PeerTrust::trusted}) {
        CHECK(*http::may_forward("X_Forwarded_For", {.header_map = HeaderMap::drop}, trust) == Forward::drop);
        CHECK(*http::may_forward("X_Forwarded_For", {.header_map = HeaderMap::dangerous}, trust) == Forward::keep);
        CHECK(http::may_forward("X_Forwarded_For", {.header_map = HeaderMap::refuse}, trust).error() ==
              ParseError::underscore_in_field_name);
    }
}

TEST_CASE("Proxy never reaches the application: HTTP_PROXY means something else there") {
    for (const HeaderMap map : {HeaderMap::drop, HeaderMap::refuse, HeaderMap::dangerous}) {
        const HeaderPolicy policy{.header_map = map, .forwarder_headers = {"*", "PROXY"}};
        for (const PeerTrust trust : {PeerTrust::untrusted, PeerTrust::trusted}) {
            for (const char* name : {"Proxy", "PROXY", "proxy"}) {
                CHECK(*http::may_forward(name, policy, trust) == Forward::drop);
            }
            CHECK(*http::may_forward("Proxy-Authorization", policy, trust) == Forward::keep);
            CHECK(*http::may_forward("Proxi", policy, trust) == Forward::keep);
        }
    }
}

TEST_CASE("forwarder_headers are kept from a trusted peer only, in any case") {
    const HeaderPolicy policy{.header_map = HeaderMap::refuse};
    CHECK(*http::may_forward("Script_Name", policy, PeerTrust::trusted) == Forward::keep);
    CHECK(*http::may_forward("PATH_INFO", policy, PeerTrust::trusted) == Forward::keep);
    CHECK_FALSE(http::may_forward("SCRIPT_NAME", policy, PeerTrust::untrusted));
    CHECK_FALSE(http::may_forward("REMOTE_USER", policy, PeerTrust::trusted));
}

TEST_CASE("a star in forwarder_headers stands for every name") {
    const HeaderPolicy policy{.forwarder_headers = {"*"}};
    CHECK(*http::may_forward("REMOTE_USER", policy, PeerTrust::trusted) == Forward::keep);
    CHECK(*http::may_forward("REMOTE_USER", policy, PeerTrust::untrusted) == Forward::drop);
}

TEST_CASE("the scheme is what the secure_scheme_headers of a trusted peer say") {
    struct Row {
        const char* fields;
        PeerTrust trust;
        std::optional<Scheme> scheme;
    };
    const Row rows[] = {
        {"", PeerTrust::trusted, std::nullopt},
        {"X-Forwarded-Proto: https\r\n", PeerTrust::untrusted, std::nullopt},
        {"X-Forwarded-Proto: https\r\n", PeerTrust::trusted, Scheme::https},
        {"X-FORWARDED-PROTOCOL: ssl\r\n", PeerTrust::trusted, Scheme::https},
        {"x-forwarded-ssl: on\r\n", PeerTrust::trusted, Scheme::https},
        {"X-Forwarded-Proto: http\r\n", PeerTrust::trusted, Scheme::http},
        {"X-Forwarded-Proto: HTTPS\r\n", PeerTrust::trusted, Scheme::http},
        {"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\n", PeerTrust::trusted, Scheme::https},
        {"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n", PeerTrust::untrusted, std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.fields);
        const Outcome outcome = read_request(std::string("GET / HTTP/1.1\r\n") + row.fields + "\r\n");
        const auto scheme = http::declared_scheme(outcome.head, HeaderPolicy{}, row.trust);
        REQUIRE(scheme);
        CHECK((*scheme == row.scheme));
    }
}

TEST_CASE("secure_scheme_headers that disagree are refused") {
    for (const char* fields : {"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n",
                               "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"}) {
        const Outcome outcome = read_request(std::string("GET / HTTP/1.1\r\n") + fields + "\r\n");
        CHECK(http::declared_scheme(outcome.head, HeaderPolicy{}, PeerTrust::trusted).error() ==
              ParseError::scheme_conflict);
    }
}

TEST_CASE("percent_decode takes two hexadecimal digits and leaves everything else") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", ""},
        {"/plain", "/plain"},
        {"/a%20b", "/a b"},
        {"%2F%2f", "//"},
        {"/%e4%C3%A4", "/\xe4\xc3\xa4"},
        {"100%", "100%"},
        {"%4", "%4"},
        {"%zz%41", "%zzA"},
        {"%%41", "%A"},
        {"%25%34%31", "%41"},
        {"a+b", "a+b"},
        {"\xff%ff", "\xff\xff"},
        {"%-1% 1%+1", "%-1% 1%+1"},
    };
    for (const auto& [encoded, decoded] : rows) {
        INFO(encoded);
        std::string out = "kept:";
        http::percent_decode(encoded, out);
        CHECK(out == "kept:" + std::string(decoded));
    }
    std::string nul;
    http::percent_decode("%00", nul);
    CHECK(nul == std::string(1, '\0'));
}

TEST_CASE("the mount point is what the last field of a trusted peer says, else what is configured") {
    const auto mounted = [](const std::string& fields, PeerTrust trust, const HeaderPolicy& policy = {}) {
        const Outcome outcome = read_request("GET / HTTP/1.1\r\n" + fields + "\r\n");
        return std::string(http::script_name_of(outcome.head, policy, trust, "/configured/"));
    };
    CHECK(mounted("", PeerTrust::trusted) == "/configured");
    CHECK(mounted("SCRIPT_NAME: /app\r\n", PeerTrust::trusted) == "/app");
    CHECK(mounted("Script_Name: /app//\r\n", PeerTrust::trusted) == "/app");
    CHECK(mounted("SCRIPT_NAME: /a\r\nSCRIPT_NAME: /b\r\n", PeerTrust::trusted) == "/b");
    CHECK(mounted("SCRIPT_NAME: \r\n", PeerTrust::trusted).empty());
    CHECK(mounted("SCRIPT_NAME: /\r\n", PeerTrust::trusted).empty());
    CHECK(mounted("Script-Name: /app\r\n", PeerTrust::trusted) == "/configured");
    CHECK(mounted("SCRIPT_NAME: /app\r\n", PeerTrust::untrusted) == "/configured");
    const HeaderPolicy dangerous{.header_map = HeaderMap::dangerous};
    CHECK(mounted("SCRIPT_NAME: /app\r\n", PeerTrust::untrusted, dangerous) == "/configured");
    CHECK(mounted("SCRIPT_NAME: /app\r\n", PeerTrust::trusted, {.forwarder_headers = {"PATH_INFO"}}) == "/configured");
}

TEST_CASE("a path is below a mount point at a border of segments only") {
    CHECK(http::is_below("/app", "/app"));
    CHECK(http::is_below("/app/", "/app"));
    CHECK(http::is_below("/app//x", "/app"));
    CHECK(http::is_below("/anything", ""));
    CHECK(http::is_below("*", ""));
    CHECK(http::is_below("", ""));
    CHECK_FALSE(http::is_below("/apple", "/app"));
    CHECK_FALSE(http::is_below("/ap", "/app"));
    CHECK_FALSE(http::is_below("*", "/app"));
    CHECK_FALSE(http::is_below("", "/app"));
}

TEST_CASE("a field has the name of CGI in the environ") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"Host", "HTTP_HOST"},
        {"accept-encoding", "HTTP_ACCEPT_ENCODING"},
        {"X.Custom|Pipe", "HTTP_X.CUSTOM|PIPE"},
        {"Content-Type", "CONTENT_TYPE"},
        {"CONTENT-length", "CONTENT_LENGTH"},
        {"Content-Encoding", "HTTP_CONTENT_ENCODING"},
        {"Script_Name", "HTTP_SCRIPT_NAME"},
        {"Content_Length", "HTTP_CONTENT_LENGTH"},
    };
    for (const auto& [name, key] : rows) {
        std::string out;
        http::append_cgi_name(name, out);
        CHECK(out == key);
    }
}

}  // namespace gunicorn::test
