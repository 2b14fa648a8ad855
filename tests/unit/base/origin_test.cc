#include "base/origin.h"

#include <catch2/catch.hpp>

namespace gunicorn {
namespace {

TEST_CASE("an origin reads as people name the place") {
    struct Case {
        Origin origin;
        const char* text;
    };
    const Case cases[] = {
        {{}, "default"},
        {{.kind = SourceKind::default_environment, .name = "PORT"}, "environment variable PORT"},
        {{.kind = SourceKind::setting_environment, .name = "GUNICORN_SETTING_BIND"},
         "environment variable GUNICORN_SETTING_BIND"},
        {{.kind = SourceKind::paste, .name = "dev.ini", .line = 3}, "dev.ini:3"},
        {{.kind = SourceKind::config_file, .name = "gunicorn.conf.py", .line = 12}, "gunicorn.conf.py:12"},
        {{.kind = SourceKind::config_file, .name = "gunicorn.conf.py", .line = 12, .column = 5}, "gunicorn.conf.py:12:5"},
        {{.kind = SourceKind::config_file, .name = "gunicorn.conf.py"}, "gunicorn.conf.py"},
        {{.kind = SourceKind::command_environment, .name = "GUNICORN_CMD_ARGS", .position = 2}, "GUNICORN_CMD_ARGS"},
        {{.kind = SourceKind::command_line, .position = 2}, "command line"},
        {{.kind = SourceKind::runtime, .name = "hooks.py", .line = 4}, "hooks.py:4"},
        {{.kind = SourceKind::application, .name = "shop/wsgi.py", .line = 7, .column = 2}, "shop/wsgi.py:7:2"},
    };
    for (const Case& one : cases) CHECK(to_string(one.origin) == one.text);
}

TEST_CASE("a later source is a stronger one") {
    CHECK(SourceKind::defaults < SourceKind::default_environment);
    CHECK(SourceKind::default_environment < SourceKind::paste);
    CHECK(SourceKind::paste < SourceKind::config_file);
    CHECK(SourceKind::config_file < SourceKind::setting_environment);
    CHECK(SourceKind::setting_environment < SourceKind::command_environment);
    CHECK(SourceKind::command_environment < SourceKind::command_line);
    CHECK(SourceKind::command_line < SourceKind::runtime);
}

}  // namespace
}  // namespace gunicorn
