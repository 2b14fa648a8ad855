#include "config/report/diagnostic_policy.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

namespace gunicorn::config {
namespace {

Diagnostic finding(DiagId id, int line) {
    return {id, "x", Origin{.kind = SourceKind::config_file, .name = "conf.py", .line = line, .column = 1}, "m"};
}

SourceTexts file(std::string text) {
    SourceTexts texts;
    texts.add("conf.py", std::move(text));
    return texts;
}

std::size_t left_of(const std::string& text, int line, DiagId id = DiagId::unknown_name) {
    return apply_policy({finding(id, line)}, {}, file(text)).size();
}

TEST_CASE("a comment drops the finding of its line, by code, by name or all") {
    CHECK(left_of("treads = 4", 1) == 1);
    CHECK(left_of("treads = 4  # gunicorn: ignore[GCF101]", 1) == 0);
    CHECK(left_of("treads = 4  # gunicorn: ignore[unknown-name]", 1) == 0);
    CHECK(left_of("treads = 4  # gunicorn: ignore[GCF104, gcf101]", 1) == 0);
    CHECK(left_of("treads = 4  # gunicorn: ignore", 1) == 0);
    CHECK(left_of("treads = 4  # gunicorn: ignore[GCF104]", 1) == 1);
    CHECK(left_of("treads = 'gunicorn: ignore'", 1) == 1);
}

TEST_CASE("a comment of its own counts for the line below, through other comments") {
    CHECK(left_of("# gunicorn: ignore[GCF101]\ntreads = 4", 2) == 0);
    CHECK(left_of("# gunicorn: ignore[GCF101]\n# why\ntreads = 4", 3) == 0);
    CHECK(left_of("; gunicorn: ignore[GCF101]\ntreads = 4", 2) == 0);
    CHECK(left_of("# gunicorn: ignore[GCF101]\n\ntreads = 4", 3) == 1);
    CHECK(left_of("a = 1  # gunicorn: ignore[GCF101]\ntreads = 4", 2) == 1);
}

TEST_CASE("an error is never dropped and never lowered") {
    CHECK(left_of("workers = -1  # gunicorn: ignore", 1, DiagId::negative_integer) == 1);
    const std::vector<WarningRule> rules{{WarningRule::Action::ignore, DiagId::negative_integer},
                                         {WarningRule::Action::warning, DiagId::negative_integer}};
    const Diagnostics kept = apply_policy({finding(DiagId::negative_integer, 1)}, rules, {});
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].severity == Severity::error);
}

TEST_CASE("an error that may be wrong is lowered and dropped as a warning is") {
    CHECK(left_of("    worker.x", 1, DiagId::unknown_attribute) == 1);
    CHECK(left_of("    worker.x  # gunicorn: ignore[GCF404]", 1, DiagId::unknown_attribute) == 0);
    CHECK(left_of("    worker.tmp  # gunicorn: ignore", 1, DiagId::missing_attribute) == 0);
    const auto policy = [](WarningRule::Action action, std::optional<DiagId> id) {
        return apply_policy({finding(DiagId::unknown_attribute, 1)}, {{action, id}}, {});
    };
    CHECK(policy(WarningRule::Action::ignore, DiagId::unknown_attribute).empty());
    CHECK(policy(WarningRule::Action::warning, DiagId::unknown_attribute).at(0).severity == Severity::warning);
    CHECK(policy(WarningRule::Action::ignore, std::nullopt).at(0).severity == Severity::error);
}

TEST_CASE("the warning of a code that does not exist obeys the rules") {
    const auto policy = [](WarningRule::Action action) {
        return apply_policy({finding(DiagId::negative_integer, 1), finding(DiagId::unknown_name, 1)},
                            {{action, DiagId::unknown_code}}, file("treads = 4  # gunicorn: ignore[GCF999]"));
    };
    CHECK(policy(WarningRule::Action::ignore).size() == 2);
    const Diagnostics raised = policy(WarningRule::Action::error);
    REQUIRE(raised.size() == 3);
    CHECK(std::count_if(raised.begin(), raised.end(), [](const Diagnostic& one) {
              return one.id == DiagId::unknown_code && one.severity == Severity::error;
          }) == 1);
}

TEST_CASE("a comment with a code that does not exist is told once") {
    const Diagnostics kept = apply_policy({finding(DiagId::unknown_name, 1), finding(DiagId::defined_twice, 1)}, {},
                                          file("treads = 4  # gunicorn: ignore[GCF999]"));
    REQUIRE(kept.size() == 3);
    CHECK(kept[0].id == DiagId::unknown_code);
    CHECK(kept[0].origin.line == 1);
}

TEST_CASE("-W drops, raises and takes back, the last rule winning") {
    using Action = WarningRule::Action;
    const Diagnostics found{finding(DiagId::unknown_name, 1), finding(DiagId::debug_limits_workers, 2)};
    const auto severities = [&](const std::vector<WarningRule>& rules) {
        std::string out;
        for (const Diagnostic& one : apply_policy(found, rules, {})) out += std::string(name_of(one.severity)) + " ";
        return out;
    };
    CHECK(severities({}) == "warning note ");
    CHECK(severities({{Action::error, DiagId::unknown_name}}) == "error note ");
    CHECK(severities({{Action::error, std::nullopt}}) == "error note ");
    CHECK(severities({{Action::ignore, std::nullopt}}) == "note ");
    CHECK(severities({{Action::error, DiagId::debug_limits_workers}}) == "warning error ");
    CHECK(severities({{Action::error, DiagId::unknown_name}, {Action::warning, DiagId::unknown_name}}) == "warning note ");
}

TEST_CASE("strict refuses warnings, notes never matter") {
    const Diagnostics note{finding(DiagId::debug_limits_workers, 1)};
    const Diagnostics warning{finding(DiagId::unknown_name, 1)};
    const Diagnostics error{finding(DiagId::negative_integer, 1)};
    CHECK(is_acceptable(note, Strictness::strict));
    CHECK(is_acceptable(warning, Strictness::normal));
    CHECK_FALSE(is_acceptable(warning, Strictness::strict));
    CHECK_FALSE(is_acceptable(error, Strictness::normal));
}

}  // namespace
}  // namespace gunicorn::config
