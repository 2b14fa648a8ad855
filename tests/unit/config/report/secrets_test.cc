#include "config/report/secrets.h"

#include <catch2/catch.hpp>

namespace gunicorn::config {
namespace {

TEST_CASE("what follows a secret name is hidden, and nothing else") {
    struct Case {
        const char* given;
        const char* shown;
    };
    const Case cases[] = {
        {"SECRET_KEY=hunter2", "SECRET_KEY=[redacted]"},
        {"must be a list, not 'DB_PASSWORD=hunter2'", "must be a list, not 'DB_PASSWORD=[redacted]'"},
        {"env = ['API_KEY=a b', 'A=1']", "env = ['API_KEY=[redacted] b', 'A=1']"},
        {"x = 1; raw_env = ['DB=hunter2']  # why\nx = 2", "x = 1; raw_env = [redacted]\nx = 2"},
        {"raw_env += ['DB=hunter2']", "raw_env += [redacted]"},
        {"raw_env: must be NAME=value", "raw_env: must be NAME=value"},
        {"if raw_env == []", "if raw_env == []"},
        {"{'password': 'x y', 'level': 'info'}", "{'password': '[redacted]', 'level': 'info'}"},
        {"db_passwd = \"x\"", "db_passwd = \"[redacted]\""},
        {"postgres://me:hunter2@db/x", "postgres://me:[redacted]@db/x"},
        {"https://example.org:8000/a@b", "https://example.org:8000/a@b"},
        {"https://[::1]:8000/a@b", "https://[::1]:8000/a@b"},
        {"https://example.org/a:b@c", "https://example.org/a:b@c"},
        {"'postgres://u:hun/ter2@h/db' a@b", "'postgres://u:[redacted]@h/db' a@b"},
        {"redis://:hunter2@h", "redis://:[redacted]@h"},
        {"if token == 3", "if token == 3"},
        {"SECRET=x\ny = 1", "SECRET=[redacted]\ny = 1"},
        {"password = 'x\ny = 'z'", "password = '[redacted]\ny = 'z'"},
        {"TOKEN = b'x'", "TOKEN = b'[redacted]'"},
        {"MYSQL_PWD=x PGPASSFILE=x", "MYSQL_PWD=[redacted] PGPASSFILE=[redacted]"},
        {"API-KEY=x, AUTH=x, ACCESS_KEY=x, JWT=x", "API-KEY=[redacted], AUTH=[redacted], ACCESS_KEY=[redacted], JWT=[redacted]"},
        {"keepalive = 3; key_prefix = 'a'", "keepalive = 3; key_prefix = 'a'"},
        {"auth_basic_user_file=x monkey=1 author='me'", "auth_basic_user_file=x monkey=1 author='me'"},
        {"keyfile = 'server.key'", "keyfile = 'server.key'"},
        {"password", "password"},
        {"password =", "password ="},
        {"password: ''", "password: ''"},
        {"TOKEN=\nAPI_KEY = hunter2", "TOKEN=\nAPI_KEY = [redacted]"},
        {"TOKEN=a\r\nAPI_KEY = hunter2", "TOKEN=[redacted]\r\nAPI_KEY = [redacted]"},
        {"", ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.given);
        CHECK(redact_text(one.given) == one.shown);
    }
}

TEST_CASE("the value of a secret setting keeps its shape only") {
    const Declaration& raw_env = *find_setting("raw_env");
    CHECK(redact(raw_env, List{"A=1", "B"}) == RawValue(List{"A=[redacted]", "[redacted]"}));
    CHECK(redact(raw_env, RawValue()) == RawValue());
    CHECK(redact(raw_env, Dict{{"A=1", 2}}) == RawValue(Dict{{"A=[redacted]", "[redacted]"}}));
    CHECK(redact(*find_setting("raw_paste_global_conf"), List{"a=hunter2"}) == RawValue(List{"a=[redacted]"}));
    CHECK(redact(*find_setting("proc_name"), "shop") == RawValue("shop"));
    CHECK(redact_value(RawValue(Dict{{"password", "x"}, {"level", "info"}})) == RawValue(Dict{{"password", "[redacted]"}, {"level", "info"}}));
}

}  // namespace
}  // namespace gunicorn::config
