#include "server/arbiter/inheritance.h"

#include <catch2/catch.hpp>

#include "server/arbiter/reexec.h"

namespace gunicorn::server {
namespace {

config::Environment variables_of(const std::vector<std::string>& entries) {
    config::Environment variables;
    for (const std::string& entry : entries) {
        const std::size_t equals = entry.find('=');
        variables[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    return variables;
}

Inheritance read(const std::vector<std::string>& entries) {
    auto inherited = read_inheritance(variables_of(entries), 42);
    REQUIRE(inherited);
    return *inherited;
}

TEST_CASE("whom nobody handed anything inherits nothing") {
    CHECK(read({"PATH=/bin"}) == Inheritance{});
    CHECK(read({"GUNICORN_FD=5"}) == Inheritance{});
    CHECK(read({"GUNICORN_UPGRADE_REPORT_FD=5"}) == Inheritance{});
    CHECK(read({"LISTEN_FDS=1"}) == Inheritance{});
    CHECK(read({"LISTEN_PID=42"}) == Inheritance{});
    CHECK(read({"LISTEN_PID=42", "LISTEN_FDS=0"}) == Inheritance{});
    CHECK(read({"LISTEN_PID=41", "LISTEN_FDS=1"}) == Inheritance{});
    CHECK(read({"LISTEN_PID=", "LISTEN_FDS=", "GUNICORN_PID=", "GUNICORN_FD="}) == Inheritance{});
}

TEST_CASE("a new master has the sockets of the old one") {
    CHECK(read({"GUNICORN_PID=7", "GUNICORN_FD=5,9", "GUNICORN_UPGRADE_REPORT_FD=11"}) == Inheritance{7, {5, 9}, false, 11});
    CHECK(read({"GUNICORN_PID=7", "GUNICORN_FD="}) == Inheritance{7, {}, false, -1});
    CHECK(read({"GUNICORN_PID=7"}) == Inheritance{7, {}, false, -1});
}

TEST_CASE("the sockets of systemd begin at 3 and go before all others") {
    CHECK(read({"LISTEN_PID=42", "LISTEN_FDS=2"}) == Inheritance{0, {3, 4}, true, -1});
    CHECK(read({"LISTEN_PID=42", "LISTEN_FDS=1", "GUNICORN_PID=7", "GUNICORN_FD=9"}) == Inheritance{7, {3}, true, -1});
}

TEST_CASE("a variable without numbers is named") {
    for (const std::vector<std::string>& entries : std::vector<std::vector<std::string>>{
             {"GUNICORN_PID=me"},
             {"GUNICORN_PID=-1"},
             {"GUNICORN_PID=7", "GUNICORN_FD=5,x"},
             {"GUNICORN_PID=7", "GUNICORN_FD=5,"},
             {"GUNICORN_PID=7", "GUNICORN_FD=99999999999"},
             {"GUNICORN_PID=7", "GUNICORN_UPGRADE_REPORT_FD=x"},
             {"LISTEN_PID=me", "LISTEN_FDS=1"},
             {"LISTEN_PID=42", "LISTEN_FDS=many"},
             {"LISTEN_PID=42", "LISTEN_FDS=1000000"},
         }) {
        const auto inherited = read_inheritance(variables_of(entries), 42);
        REQUIRE_FALSE(inherited);
        const std::string name = entries.back().substr(0, entries.back().find('='));
        const std::string first = entries.front().substr(0, entries.front().find('='));
        INFO(inherited.error().message);
        CHECK((inherited.error().message.starts_with(name) || inherited.error().message.starts_with(first)));
    }
}

TEST_CASE("what is handed over is what is read, whatever the old master was handed itself") {
    const std::vector<std::string> start{"PATH=/bin",    "GUNICORN_PID=1",  "GUNICORN_FD=3",
                                         "LISTEN_PID=2", "LISTEN_FDS=9",    "GUNICORN_UPGRADE_REPORT_FD=4",
                                         "LISTEN_FDNAMES=web", "GUNICORN_FDS=kept"};
    for (const Inheritance& handed : {Inheritance{7, {5, 9}, false, 11}, Inheritance{7, {3, 4}, true, 11}}) {
        const std::vector<std::string> environment = environment_for(start, handed, 42);
        CHECK(read(environment) == handed);
        const config::Environment variables = variables_of(environment);
        CHECK(variables.size() == environment.size());
        CHECK(variables.at("PATH") == "/bin");
        CHECK(variables.at("LISTEN_FDNAMES") == "web");
        CHECK(variables.at("GUNICORN_FDS") == "kept");
    }
}

TEST_CASE("the new master is the one that systemd's watchdog watches") {
    const std::vector<std::string> environment = environment_for({"WATCHDOG_USEC=5", "WATCHDOG_PID=7"}, {7, {}, false, 3}, 42);
    CHECK(variables_of(environment).at("WATCHDOG_PID") == "42");
    CHECK(variables_of(environment).at("WATCHDOG_USEC") == "5");
    CHECK(variables_of(environment_for({}, {7, {}, false, 3}, 42)).count("WATCHDOG_PID") == 0);
}

}  // namespace
}  // namespace gunicorn::server
