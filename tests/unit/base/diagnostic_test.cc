#include "base/diagnostic.h"

#include <catch2/catch.hpp>
#include <set>

namespace gunicorn {
namespace {

const Origin kLine12{.kind = SourceKind::config_file, .name = "gunicorn.conf.py", .line = 12};

TEST_CASE("a diagnostic in one line says place, severity, code, setting, message and help") {
    Diagnostic diagnostic{DiagId::negative_integer, "workers", kLine12, "must be a non-negative integer, not -1"};
    CHECK(to_string(diagnostic) ==
          "gunicorn.conf.py:12: error[GCF202]: workers: must be a non-negative integer, not -1");
    diagnostic.help = "write 1";
    CHECK(to_string(diagnostic) ==
          "gunicorn.conf.py:12: error[GCF202]: workers: must be a non-negative integer, not -1; write 1");
    const Diagnostic whole{DiagId::bad_syntax, "", kLine12, "odd", Severity::note};
    CHECK(to_string(whole) == "gunicorn.conf.py:12: note[GCF003]: odd");
}

TEST_CASE("the severity is that of the schema unless the finding says otherwise") {
    CHECK(Diagnostic{DiagId::unknown_name, "", {}, ""}.severity == Severity::warning);
    CHECK(Diagnostic{DiagId::unknown_name, "", {}, "", Severity::error}.severity == Severity::error);
}

TEST_CASE("only an error makes a configuration unusable") {
    CHECK_FALSE(has_errors({}));
    CHECK_FALSE(has_errors({{DiagId::no_workers, "", {}, ""}, {DiagId::debug_limits_workers, "", {}, ""}}));
    CHECK(has_errors({{DiagId::no_workers, "", {}, ""}, {DiagId::not_an_integer, "", {}, ""}}));
}

TEST_CASE("every code stands in the order of the codes, with a name of its own and a description") {
    std::set<std::string_view> names;
    std::string_view before;
    for (const DiagKind& kind : diag_kinds()) {
        CAPTURE(kind.code);
        CHECK(kind.code > before);
        before = kind.code;
        names.insert(kind.name);
        CHECK_FALSE(kind.title.empty());
        CHECK_FALSE(kind.description.empty());
    }
    CHECK(names.size() == kDiagCount);
}

TEST_CASE("a kind is found by its code in any case and by its name") {
    REQUIRE(find_diag_kind("gcf101") != nullptr);
    CHECK(find_diag_kind("gcf101")->name == "unknown-name");
    CHECK(find_diag_kind("unknown-name") == find_diag_kind("GCF101"));
    CHECK(find_diag_kind("GCF999") == nullptr);
    CHECK(find_diag_kind("") == nullptr);
}

}  // namespace
}  // namespace gunicorn
