#include "config/secrets.h"

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
        {"raw_env = ['API_KEY=a b', 'A=1']", "raw_env = ['API_KEY=[redacted] b', 'A=1']"},
        {"{'password': 'x y', 'level': 'info'}", "{'password': '[redacted]', 'level': 'info'}"},
        {"db_passwd = \"x\"", "db_passwd = \"[redacted]\""},
        {"postgres://me:hunter2@db/x", "postgres://me:[redacted]@db/x"},
        {"https://example.org:8000/a@b", "https://example.org:8000/a@b"},
        {"if token == 3", "if token == 3"},
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
    CHECK(redact(*find_setting("proc_name"), "shop") == RawValue("shop"));
    CHECK(redact_value(RawValue(Dict{{"password", "x"}, {"level", "info"}})) == RawValue(Dict{{"password", "[redacted]"}, {"level", "info"}}));
}

}  // namespace
}  // namespace gunicorn::config
