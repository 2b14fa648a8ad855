#include "server/preflight/processes.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "unit/server/preflight/fake_proc.h"

namespace gunicorn::server::preflight {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("a process is described by /proc") {
    testing::FakeProc proc;
    proc.process(12, "nginx", {"nginx", "-g", "daemon off;"}, "/srv", {}, 7);
    const auto facts = process_facts(12, proc.path());
    REQUIRE(facts);
    CHECK(to_string(*facts) == "nginx (pid 12)");
    CHECK(facts->arguments == Words{"nginx", "-g", "daemon off;"});
    CHECK(facts->directory == "/srv");
    CHECK(facts->parent == 7);
    CHECK_FALSE(process_facts(13, proc.path()));
    CHECK(process_facts(::getpid(), "/proc")->parent == ::getppid());
}

TEST_CASE("a gunicorn is known by its command line or its title") {
    const auto process = [](std::string name, Words words) {
        return ProcessFacts{1, 1, std::move(name), std::move(words), ""};
    };
    CHECK(is_gunicorn(process("gunicorn", {"/usr/bin/gunicorn", "a:b"})));
    CHECK(is_gunicorn(process("python3", {"/usr/bin/python3", "/usr/bin/gunicorn", "a:b"})));
    CHECK(is_gunicorn(process("python3", {"python3", "-m", "gunicorn", "a:b"})));
    CHECK(is_gunicorn(process("python3", {"gunicorn: master [/a/b]"})));
    CHECK_FALSE(is_gunicorn(process("nginx", {"nginx: master process"})));
    CHECK_FALSE(is_gunicorn(process("tail", {"tail", "-f", "/var/log/gunicorn.log"})));
    CHECK_FALSE(is_gunicorn(process("kworker", {})));
}

TEST_CASE("a title says which application a server has") {
    CHECK(name_in_title({1, 1, "python3", {"gunicorn: master [shop:app]", ""}, ""}) == "shop:app");
    CHECK_FALSE(name_in_title({1, 1, "python3", {"gunicorn: worker [shop:app]"}, ""}));
    CHECK_FALSE(name_in_title({1, 1, "gunicorn", {"gunicorn", "shop:app"}, ""}));
    CHECK(to_string(ProcessFacts{9, 1, "gunicorn: maste", {"gunicorn: master [shop:app]"}, ""}) ==
          "gunicorn: master [shop:app] (pid 9)");
}

TEST_CASE("command lines are the same but for the program and the options of a check") {
    const Words server{"/usr/bin/gunicorn", "-c", "conf.py", "shop:app"};
    CHECK(is_same_command(server, {"gunicorn", "--check-config", "-c", "conf.py", "shop:app"}));
    CHECK(is_same_command(server, {"gunicorn", "--check-config=full", "-c", "conf.py", "shop:app", "--strict"}));
    CHECK(is_same_command(server, {"python3", "-m", "gunicorn", "-c", "conf.py", "shop:app"}));
    CHECK_FALSE(is_same_command(server, {"gunicorn", "-c", "other.py", "shop:app"}));
    CHECK_FALSE(is_same_command(server, {"gunicorn", "-c", "conf.py", "blog:app"}));
    CHECK_FALSE(is_same_command(server, {}));
}

}  // namespace
}  // namespace gunicorn::server::preflight
