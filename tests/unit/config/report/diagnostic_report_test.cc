#include "config/report/diagnostic_report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace gunicorn::config {
namespace {

Origin in_file(int line, int column = 0, int end_column = 0) {
    return {.kind = SourceKind::config_file, .name = "b.py", .line = line, .column = column, .end_column = end_column};
}

Diagnostic about(Origin origin, std::string message = "m") {
    return {DiagId::not_an_integer, "workers", std::move(origin), std::move(message)};
}

std::string text_of(const Diagnostics& diagnostics, const SourceTexts& texts = {}) {
    return format_diagnostics(diagnostics, texts, {});
}

TEST_CASE("findings are sorted by source, file and line, and equal ones told once") {
    const Origin argv{.kind = SourceKind::command_line, .position = 3};
    const Origin ini{.kind = SourceKind::paste, .name = "a.ini", .line = 1};
    const Diagnostics sorted = in_reading_order({about(ini), about(in_file(20)), about(in_file(3)), about(in_file(20)), about(argv)});
    std::string places;
    for (const Diagnostic& one : sorted) places += to_string(one.origin) + " ";
    CHECK(places == "command line b.py:3 b.py:20 a.ini:1 ");
}

TEST_CASE("a finding is shown with its line, what is wrong in it underlined, notes and help") {
    SourceTexts texts;
    texts.add("b.py", "import os\nworkers = -1\n");
    Origin origin = in_file(2, 1, 8);
    origin.value = {2, 11, 13};
    origin.variables = {"WORKERS"};
    Diagnostic one = about(origin, "must be a non-negative integer, not -1");
    one.notes.push_back({Origin{.kind = SourceKind::command_line, .position = 2}, "replaced here"});
    one.help = "write 1";
    CHECK(text_of({one}, texts) ==
          "error[GCF201]: workers: must be a non-negative integer, not -1\n"
          "  --> b.py:2:11 (from $WORKERS)\n"
          "   |\n"
          " 2 | workers = -1\n"
          "   |           ^^\n"
          "  = note: replaced here: command line, argument 2\n"
          "  = help: write 1\n");
}

TEST_CASE("a finding about a default has no place, one without a column no underline") {
    CHECK(text_of({about({})}) == "error[GCF201]: workers: m\n");
    SourceTexts texts;
    texts.add("b.py", "x");
    CHECK(text_of({about(in_file(1))}, texts) == "error[GCF201]: workers: m\n  --> b.py:1\n   |\n 1 | x\n");
    CHECK(text_of({about(in_file(7, 1, 2))}, texts) == "error[GCF201]: workers: m\n  --> b.py:7:1\n");
}

TEST_CASE("the underline counts characters, not bytes, and a tab is one of them") {
    SourceTexts texts;
    texts.add("b.py", "\tä = 'ö'; w = 1\r\n");
    const std::string text = text_of({about(in_file(1, 11, 12))}, texts);
    CHECK(text.find(" 1 |  ä = 'ö'; w = 1\n   |           ^\n") != std::string::npos);
}

TEST_CASE("a long line is cut around what is underlined") {
    SourceTexts texts;
    texts.add("b.py", std::string(5000, 'a') + "HERE" + std::string(5000, 'b'));
    const std::string text = text_of({about(in_file(1, 5001, 5005))}, texts);
    CHECK(text.size() < 400);
    const std::size_t shown = text.find("HERE");
    const std::size_t line = text.rfind('\n', shown);
    const std::size_t under = text.find("^^^^");
    REQUIRE(under != std::string::npos);
    CHECK(under - text.rfind('\n', under) == shown - line);
}

TEST_CASE("secrets and control characters reach neither message nor line") {
    SourceTexts texts;
    texts.add("b.py", "x = 1; DB_PASSWORD = 'hunter2'\x1b[2J");
    const Diagnostics one{about(in_file(1, 1, 2), "not 'SECRET_KEY=hunter2' \x1b[31m")};
    for (const auto format : {ReportFormat::text, ReportFormat::json, ReportFormat::github, ReportFormat::sarif}) {
        const std::string text = format_diagnostics(one, texts, {.format = format});
        CAPTURE(text);
        CHECK(text.find("hunter2") == std::string::npos);
        CHECK(text.find('\x1b') == std::string::npos);
    }
    CHECK(format_diagnostics(one, texts, {.secrets = Secrets::shown}).find("hunter2") != std::string::npos);
}

TEST_CASE("of a secret setting only what stands before its value is shown") {
    struct Case {
        const char* line;
        const char* shown;
    };
    const Case cases[] = {
        {"raw_env=['DB=hunter2', 'FOO']", "raw_env= [redacted]"},
        {"TOKEN = 'hunter2'; raw_env: list = ['hunter2']", "TOKEN = '[redacted]'; raw_env: list = [redacted]"},
        {"    'DB=hunter2', 'FOO',", "[redacted]"},
        {"raw_env.append('DB=hunter2')", "[redacted]"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.line);
        SourceTexts texts;
        texts.add("b.py", one.line);
        const Diagnostics found{{DiagId::bad_environment_entry, "raw_env", in_file(1, 1, 8), "m"}};
        CHECK(text_of(found, texts).find(std::string(" | ") + one.shown + "\n") != std::string::npos);
        const auto document = nlohmann::json::parse(format_diagnostics(found, texts, {.format = ReportFormat::json}));
        CHECK(document["diagnostics"][0]["source"] == one.shown);
        CHECK(format_diagnostics(found, texts, {.secrets = Secrets::shown}).find("hunter2") != std::string::npos);
    }
}

TEST_CASE("a colon ends the name of a secret setting in a paste file") {
    SourceTexts texts;
    texts.add("a.ini", "raw_env: hunter2,DB=hunter2");
    const Origin origin{.kind = SourceKind::paste, .name = "a.ini", .line = 1};
    const std::string text = text_of({{DiagId::bad_environment_entry, "raw_env", origin, "m"}}, texts);
    CHECK(text.find(" | raw_env: [redacted]\n") != std::string::npos);
}

TEST_CASE("lines of an environment file are never shown") {
    SourceTexts texts;
    texts.add("prod.env", "hunter2");
    const Diagnostics found{{DiagId::bad_syntax, {}, {.kind = SourceKind::environment_file, .name = "prod.env", .line = 1}, "m"}};
    for (const auto format : {ReportFormat::text, ReportFormat::json, ReportFormat::github, ReportFormat::sarif}) {
        const std::string text = format_diagnostics(found, texts, {.format = format, .secrets = Secrets::shown});
        CHECK(text.find("hunter2") == std::string::npos);
        CHECK(text.find("prod.env") != std::string::npos);
    }
}

TEST_CASE("a long line is redacted before it is cut") {
    SourceTexts texts;
    const std::string password(200, 'x');
    texts.add("b.py", "p = 1; PASSWORD = '" + password + "HERE" + password + "'; q = 2");
    const std::string text = text_of({about(in_file(1, 219, 223))}, texts);
    CHECK(text.find("xxx") == std::string::npos);
    CHECK(text.find('^') == std::string::npos);
}

TEST_CASE("what is redacted behind the underlined part does not take the line under it away") {
    SourceTexts texts;
    texts.add("b.py", "x = 1; PASSWORD = 'hunter2'; y = 2");
    CHECK(text_of({about(in_file(1, 1, 2))}, texts).find(" 1 | x = 1; PASSWORD = [redacted]; y = 2\n   | ^\n") != std::string::npos);
    CHECK(text_of({about(in_file(1, 30, 31))}, texts).find('^') == std::string::npos);
}

TEST_CASE("the json form names everything and says its version") {
    SourceTexts texts;
    texts.add("b.py", "workers = -1");
    Diagnostic warning = about(in_file(1, 1, 8));
    warning.severity = Severity::warning;
    warning.help = "h";
    warning.notes.push_back({{}, "n"});
    const auto document = nlohmann::json::parse(format_diagnostics({warning}, texts, {.format = ReportFormat::json}));
    CHECK(document["format_version"] == 1);
    CHECK(document["valid"] == true);
    CHECK(document["errors"] == 0);
    CHECK(document["warnings"] == 1);
    const auto& one = document["diagnostics"][0];
    CHECK(one["severity"] == "warning");
    CHECK(one["code"] == "GCF201");
    CHECK(one["name"] == "not-an-integer");
    CHECK(one["setting"] == "workers");
    CHECK(one["help"] == "h");
    CHECK(one["source"] == "workers = -1");
    CHECK(one["origin"] == nlohmann::json({{"kind", "config_file"}, {"name", "b.py"}, {"line", 1}, {"column", 1}, {"end_column", 8}}));
    CHECK(one["notes"][0]["message"] == "n");
    const auto nothing = nlohmann::json::parse(format_diagnostics({}, {}, {.format = ReportFormat::json}));
    CHECK(nothing["diagnostics"].empty());
    CHECK(nothing["valid"] == true);
}

TEST_CASE("bytes that are no UTF-8 do not break a document") {
    const std::string text = format_diagnostics({about(in_file(1), "\xff")}, {}, {.format = ReportFormat::json});
    CHECK(nlohmann::json::parse(text)["diagnostics"].size() == 1);
}

TEST_CASE("the github form is one workflow command a finding") {
    Diagnostic one = about(in_file(3, 5, 7), "50 %\nmore");
    CHECK(format_diagnostics({one}, {}, {.format = ReportFormat::github}) ==
          "::error file=b.py,line=3,col=5,endColumn=7,title=GCF201::workers: 50 %25%0Amore\n");
    one.origin = {.kind = SourceKind::command_line, .position = 2};
    one.severity = Severity::note;
    one.message = "m";
    CHECK(format_diagnostics({one}, {}, {.format = ReportFormat::github}) ==
          "::notice title=GCF201::command line: workers: m\n");
}

TEST_CASE("the sarif form has a rule for each code and a region for each finding") {
    const auto document = nlohmann::json::parse(
        format_diagnostics({about(in_file(3, 5, 7)), about(in_file(4))}, {}, {.format = ReportFormat::sarif}));
    CHECK(document["version"] == "2.1.0");
    const auto& run = document["runs"][0];
    CHECK(run["tool"]["driver"]["rules"].size() == 1);
    CHECK(run["tool"]["driver"]["rules"][0]["id"] == "GCF201");
    REQUIRE(run["results"].size() == 2);
    const auto& region = run["results"][0]["locations"][0]["physicalLocation"]["region"];
    CHECK(region == nlohmann::json({{"startLine", 3}, {"startColumn", 5}, {"endColumn", 7}}));
}

TEST_CASE("errors and warnings are counted in words") {
    Diagnostic warning = about({});
    warning.severity = Severity::warning;
    CHECK(count_of({}).empty());
    CHECK(count_of({about({})}) == "1 error");
    CHECK(count_of({about({}), about({}), warning}) == "2 errors, 1 warning");
    CHECK(count_of({warning, warning}) == "2 warnings");
}

}  // namespace
}  // namespace gunicorn::config
