// Runs tests/corpus/http; its README.md defines the format.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/http/corpus_escapes.h"
#include "unit/http/read_request.h"

namespace gunicorn::test {
namespace {

struct Case {
    std::string name;
    std::vector<std::pair<std::string, std::string>> expectations;
    std::string bytes;
    http::Limits limits;
    http::ParsePolicy policy;
};

void set_limits(const std::string& line, http::Limits& limits) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        REQUIRE(equals != std::string::npos);
        const std::string key = word.substr(0, equals);
        const std::size_t value = std::stoul(word.substr(equals + 1));
        if (key == "request_line")
            limits.request_line = value;
        else if (key == "fields")
            limits.fields = value;
        else if (key == "field_size")
            limits.field_size = value;
        else if (key == "body")
            limits.body = value;
        else if (key == "chunk_extensions")
            limits.chunk_extensions = value;
        else
            FAIL("unknown limit " << key);
    }
}

void set_policy(const std::string& line, http::ParsePolicy& policy) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        if (word == "permit_obsolete_folding")
            policy.permit_obsolete_folding = true;
        else if (word == "strip_header_spaces")
            policy.strip_header_spaces = true;
        else if (word == "permit_unconventional_http_method")
            policy.permit_unconventional_http_method = true;
        else if (word == "permit_unconventional_http_version")
            policy.permit_unconventional_http_version = true;
        else if (word == "casefold_http_method")
            policy.casefold_http_method = true;
        else
            FAIL("unknown policy " << word);
    }
}

Case read_case(const std::filesystem::path& path) {
    INFO(path);
    Case read;
    read.name = path.filename();
    std::ifstream file(path);
    REQUIRE(file);
    std::string line;
    while (std::getline(file, line) && line != "---") {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t colon = line.find(':');
        REQUIRE(colon != std::string::npos);
        const std::string key = line.substr(0, colon);
        const std::string value = line.substr(std::min(colon + 2, line.size()));
        if (key == "limits")
            set_limits(value, read.limits);
        else if (key == "policy")
            set_policy(value, read.policy);
        else
            read.expectations.emplace_back(key, unescape(value));
    }
    std::string payload;
    while (std::getline(file, line)) payload += line;
    read.bytes = unescape(payload);
    return read;
}

std::vector<Case> read_cases(const std::string& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(GN_SOURCE_DIR "/tests/corpus/http/" + folder)) {
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Case> cases;
    for (const auto& path : paths) cases.push_back(read_case(path));
    return cases;
}

std::string joined(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) text += name + '=' + value + '\n';
    return text;
}

std::string listed(const Case& read, std::string_view key) {
    std::string text;
    for (const auto& [name, value] : read.expectations) {
        if (name == key) text += value + '\n';
    }
    return text;
}

std::string_view name_of(http::Framing framing) {
    switch (framing) {
        case http::Framing::none: return "none";
        case http::Framing::length: return "length";
        case http::Framing::chunked: return "chunked";
    }
    return "";
}

/// What `key` is in this outcome.
std::string property(const std::string& key, const Case& read, const Outcome& outcome) {
    const auto word = [](bool yes) { return std::string(yes ? "yes" : "no"); };
    const http::RequestHead& head = outcome.head;
    if (key == "method") return std::string(head.method());
    if (key == "target") return std::string(head.target());
    if (key == "path") return std::string(head.path());
    if (key == "query") return std::string(head.query());
    if (key == "fragment") return std::string(head.fragment());
    if (key == "version") return std::to_string(head.version().major) + '.' + std::to_string(head.version().minor);
    if (key == "fields") return std::to_string(head.field_count());
    if (key == "framing") return std::string(name_of(head.framing()));
    if (key == "length") return std::to_string(head.content_length());
    if (key == "keep_alive") return word(head.wants_keep_alive());
    if (key == "upgrade") return word(head.wants_upgrade());
    if (key == "continue") return word(head.expects_continue());
    if (key == "body") return outcome.body;
    if (key == "rest") return read.bytes.substr(outcome.consumed);
    FAIL("unknown expectation " << key);
    return {};
}

}  // namespace

TEST_CASE("every request of the valid corpus is read as its file says") {
    const std::vector<Case> cases = read_cases("valid");
    REQUIRE(cases.size() >= 25);
    for (const Case& read : cases) {
        INFO(read.name);
        const Outcome outcome = read_request(read.bytes, read.limits, read.policy);
        CHECK(outcome.verdict() == "complete");
        for (const auto& [key, value] : read.expectations) {
            INFO(key);
            if (key == "field")
                CHECK(joined(outcome.fields()) == listed(read, "field"));
            else if (key == "trailer")
                CHECK(joined(outcome.trailers) == listed(read, "trailer"));
            else
                CHECK(property(key, read, outcome) == value);
        }
    }
}

TEST_CASE("every request of the invalid corpus is refused as its file says") {
    const std::vector<Case> cases = read_cases("invalid");
    REQUIRE(cases.size() >= 40);
    for (const Case& read : cases) {
        INFO(read.name);
        const Outcome outcome = read_request(read.bytes, read.limits, read.policy);
        REQUIRE(read.expectations.size() == 1);
        CHECK(read.expectations[0].first == "error");
        CHECK(outcome.verdict() == read.expectations[0].second);
    }
}

TEST_CASE("the corpus has a request for every error of the parsers") {
    std::string seen;
    for (const Case& read : read_cases("invalid")) seen += ' ' + read.expectations.at(0).second + ' ';
    for (int i = 0; i < http::kParseErrorCount; ++i) {
        const auto error = static_cast<http::ParseError>(i);
        // These two are said about the head by header_rules.
        if (error == http::ParseError::underscore_in_field_name || error == http::ParseError::scheme_conflict) continue;
        INFO(http::info_of(error).name);
        CHECK(seen.find(' ' + std::string(http::info_of(error).name) + ' ') != std::string::npos);
    }
}

}  // namespace gunicorn::test
