#include "base/diagnostic.h"

#include <catch2/catch.hpp>
#include <set>

namespace gunicorn {
namespace {

const Origin kLine12{.kind = SourceKind::config_file, .name = "gunicorn.conf.py", .line = 12};

TEST_CASE("a diagnostic says place, setting, message and id") {
    const Diagnostic diagnostic{DiagId::negative_integer, "workers", kLine12, "must be a non-negative integer, not -1"};
    CHECK(to_string(diagnostic) ==
          "gunicorn.conf.py:12: workers: must be a non-negative integer, not -1 [negative-integer]");
}

TEST_CASE("a diagnostic says when it is no error, and leaves out the setting when it is about a whole source") {
    const Diagnostic warning{DiagId::conflict, "workers", kLine12, "is 0", Severity::warning};
    CHECK(to_string(warning) == "gunicorn.conf.py:12: warning: workers: is 0 [conflict]");
    const Diagnostic note{DiagId::bad_syntax, "", kLine12, "odd", Severity::note};
    CHECK(to_string(note) == "gunicorn.conf.py:12: note: odd [bad-syntax]");
}

TEST_CASE("only an error makes a configuration unusable") {
    CHECK_FALSE(has_errors({}));
    CHECK_FALSE(
        has_errors({{DiagId::conflict, "", {}, "", Severity::note}, {DiagId::conflict, "", {}, "", Severity::warning}}));
    CHECK(has_errors({{DiagId::conflict, "", {}, "", Severity::note}, {DiagId::conflict, "", {}, ""}}));
}

TEST_CASE("every id has a name of its own") {
    std::set<std::string_view> names;
    const int last = static_cast<int>(DiagId::hook_raised);
    for (int id = 0; id <= last; ++id) names.insert(name_of(static_cast<DiagId>(id)));
    CHECK(names.size() == static_cast<std::size_t>(last) + 1);
    CHECK(names.count("") == 0);
}

}  // namespace
}  // namespace gunicorn
