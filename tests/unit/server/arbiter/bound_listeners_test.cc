#include "server/arbiter/bound_listeners.h"

#include <unistd.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/scope_exit.h"
#include "base/sys.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::TempDir;

config::Settings binding(std::vector<std::string> addresses) {
    config::Settings settings;
    settings.bind = std::move(addresses);
    return settings;
}

std::vector<Listener> bound(std::vector<std::string> addresses, const std::vector<Listener>& running = {}) {
    auto listeners =
        bound_listeners(binding(std::move(addresses)), running, [](const Address& one) { return Listener::open(one); });
    REQUIRE(listeners);
    return *std::move(listeners);
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

TEST_CASE("an address is shared however it is spelled") {
    const auto running = bound({"127.0.0.1:0"});
    const std::string port = std::to_string(running[0].local().port);
    const auto shared = bound({"localhost:" + port}, running);
    CHECK(shared[0].is_same_socket(running[0]));
    CHECK(shared[0].configured() == Address::tcp("localhost", running[0].local().port));
    CHECK(retired_listeners(running, shared) == 0);
}

TEST_CASE("a port of the kernel's choice stays with the words that asked for it, one for each") {
    const auto running = bound({"127.0.0.1:0", "127.0.0.1:0"});
    const auto shared = bound({"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}, running);
    CHECK(shared[0].is_same_socket(running[0]));
    CHECK(shared[1].is_same_socket(running[1]));
    CHECK(shared[2].local().port != running[0].local().port);
    CHECK(shared[2].local().port != running[1].local().port);
}

TEST_CASE("what no entry names any more is retired, what two entries name is taken") {
    const auto running = bound({"127.0.0.1:0", "127.0.0.1:0"});
    const std::string port = std::to_string(running[1].local().port);
    CHECK(retired_listeners(running, bound({"127.0.0.1:" + port}, running)) == 0b01);
    const auto twice = bound_listeners(binding({"127.0.0.1:" + port, "localhost:" + port}), running,
                                       [](const Address& one) { return Listener::open(one); });
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == EADDRINUSE);
}

TEST_CASE("a relative path is a file in the directory of when it was bound") {
    const TempDir first;
    const TempDir second;
    const std::string before = std::filesystem::current_path();
    const ScopeExit restore([&] { std::filesystem::current_path(before); });
    std::filesystem::current_path(first.path());
    auto running = bound({"unix:a.sock"});
    std::filesystem::current_path(second.path());
    const auto successors = bound({"unix:a.sock"}, running);
    CHECK_FALSE(successors[0].is_same_socket(running[0]));
    CHECK(bound({"unix:" + first.path("a.sock")}, running)[0].is_same_socket(running[0]));
    close_listeners(running, successors, SocketFiles::remove);
    CHECK_FALSE(is_there(first.path("a.sock")));
    CHECK(is_there(second.path("a.sock")));
}

}  // namespace
}  // namespace gunicorn::server
