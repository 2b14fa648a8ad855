#include "config/known_names.h"

#include <catch2/catch.hpp>

namespace gunicorn::config {
namespace {

struct Case {
    std::string_view name;
    Where where;
    DiagId id;
    std::string_view message;
    std::string_view help;
    bool is_certain;
};

TEST_CASE("an unknown name is explained by what was meant") {
    using enum Where;
    const Case one = GENERATE(
        // another way to write a setting
        Case{"worker-class", elsewhere, DiagId::unknown_setting, "is no setting", "did you mean 'worker_class'?", true},
        Case{"BIND", assignment, DiagId::unknown_name, "is no setting, and nothing reads it", "did you mean 'bind'?", true},
        // an option
        Case{"log-level", elsewhere, DiagId::unknown_setting, "is no setting", "the setting for --log-level is 'loglevel'", true},
        Case{"log_file", elsewhere, DiagId::unknown_setting, "is no setting", "the setting for --log-file is 'errorlog'", true},
        Case{"no_sendfile", assignment, DiagId::unknown_name,
             "is no setting, and nothing reads it", "the setting for --no-sendfile is 'sendfile = False'", true},
        // a name of the schema's `also_called`
        Case{"num_workers", elsewhere, DiagId::unknown_setting, "is no setting", "did you mean 'workers'?", true},
        Case{"on_worker_boot", function, DiagId::unbound_hook, "looks like a hook but is none", "did you mean 'post_fork'?", true},
        // a removed setting
        Case{"logfile", assignment, DiagId::removed_setting, "is no setting since Gunicorn 0.13.0", "use 'errorlog'", true},
        Case{"lockfile", elsewhere, DiagId::removed_setting,
             "is no setting since Gunicorn 0.17.2", "there is no lock file; pidfile names the file with the pid of the master", true},
        Case{"statsd_to", elsewhere, DiagId::removed_setting,
             "was a setting of development versions of Gunicorn only", "use 'statsd_host'", true},
        Case{"before_fork", function, DiagId::removed_setting, "is no setting since Gunicorn 0.9.0", "use 'pre_fork'", true},
        // a near miss
        Case{"wrokers", elsewhere, DiagId::unknown_setting, "is no setting", "did you mean 'workers'?", false},
        Case{"when_read", function, DiagId::unbound_hook, "looks like a hook but is none", "did you mean 'when_ready'?", false},
        // nothing that is known
        Case{"colour", elsewhere, DiagId::unknown_setting, "is no setting", "", false},
        Case{"", elsewhere, DiagId::unknown_setting, "is no setting", "", false},
        Case{"colour", assignment, DiagId::unknown_name, "is no setting, and nothing reads it", "", false},
        Case{"colour", function, DiagId::unbound_hook, "looks like a hook but is none", "", false});
    CAPTURE(one.name);
    const Explanation explained = explain_unknown(one.name, one.where);
    CHECK(explained.id == one.id);
    CHECK(explained.message == one.message);
    CHECK(explained.help == one.help);
    CHECK(explained.is_certain == one.is_certain);
}

TEST_CASE("a function is never explained by what is no hook") {
    CHECK(explain_unknown("num_workers", Where::function).help.empty());
    CHECK(explain_unknown("logfile", Where::function).help.empty());
    CHECK(explain_unknown("lockfile", Where::function).help.empty());
}

TEST_CASE("an enormous name is not compared with anything") {
    CHECK(explain_unknown(std::string(100000, 'w'), Where::elsewhere).help.empty());
}

TEST_CASE("every option and every other name leads to its setting") {
    for (const Declaration& setting : declarations()) {
        CAPTURE(setting.name);
        CHECK(meant_setting(setting.name) == &setting);
        for (const std::string_view name : setting.also_called) CHECK(meant_setting(name) == &setting);
        for (const std::string_view flag : setting.flags) {
            if (flag.starts_with("--")) CHECK(meant_setting(flag.substr(2)) != nullptr);
        }
    }
}

TEST_CASE("no removed setting is one, and each says what to do") {
    CHECK(removed_settings().size() >= 24);
    for (const RemovedSetting& removed : removed_settings()) {
        CAPTURE(removed.name);
        CHECK(find_setting(removed.name) == nullptr);
        CHECK(explain_unknown(removed.name, Where::elsewhere).id == DiagId::removed_setting);
        CHECK((find_setting(removed.instead) != nullptr || !removed.note.empty()));
    }
}

}  // namespace
}  // namespace gunicorn::config
