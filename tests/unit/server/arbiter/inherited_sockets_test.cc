#include "server/arbiter/inherited_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::TempDir;

/// As another process would pass it: only the descriptor is left.
int passed(const Address& address, const ListenerOptions& options = {}) {
    auto listener = options.reuse_port ? Listener::reserve(address, options) : Listener::open(address, options);
    REQUIRE(listener);
    return ::dup(listener->fd());
}

InheritedSockets adopted(std::vector<int> descriptors) {
    auto sockets = InheritedSockets::adopt({1, std::move(descriptors), false, -1});
    REQUIRE(sockets);
    return *std::move(sockets);
}

bool takes(InheritedSockets& sockets, const Address& address, const ListenerOptions& options = {}) {
    auto taken = sockets.take(address, options);
    REQUIRE(taken);
    if (!*taken) return false;
    CHECK((*taken)->configured() == address);
    CHECK((*taken)->listens() == !options.reuse_port);
    return true;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

TEST_CASE("a socket is found by the address that it listens on, once") {
    const int fd = passed(Address::tcp("127.0.0.1", 0));
    const std::uint16_t port = address_of(*name_of_socket(fd)).port;
    InheritedSockets sockets = adopted({fd});
    CHECK_FALSE(takes(sockets, Address::tcp("127.0.0.1", port == 1 ? 2 : 1)));
    CHECK_FALSE(takes(sockets, Address::tcp("0.0.0.0", port)));
    CHECK_FALSE(takes(sockets, Address::tcp("::1", port)));
    CHECK_FALSE(takes(sockets, Address::unix_socket("127.0.0.1")));
    CHECK(takes(sockets, Address::tcp("localhost", port)));
    CHECK_FALSE(takes(sockets, Address::tcp("localhost", port)));
}

TEST_CASE("port 0 is any port of the address, in order") {
    const int first = passed(Address::tcp("127.0.0.1", 0));
    const int second = passed(Address::tcp("127.0.0.1", 0));
    InheritedSockets sockets = adopted({first, second});
    auto taken = sockets.take(Address::tcp("127.0.0.1", 0), {});
    REQUIRE(taken);
    REQUIRE(*taken);
    CHECK((*taken)->fd() == first);
    CHECK(takes(sockets, Address::tcp("127.0.0.1", 0)));
    CHECK_FALSE(takes(sockets, Address::tcp("127.0.0.1", 0)));
}

TEST_CASE("a descriptor is found by its number") {
    const int fd = passed(Address::tcp("127.0.0.1", 0));
    InheritedSockets sockets = adopted({fd});
    CHECK_FALSE(takes(sockets, Address::descriptor(fd + 1)));
    CHECK(takes(sockets, Address::descriptor(fd)));
}

TEST_CASE("a socket that only held its port listens where the port is not shared") {
    const ListenerOptions shared{.reuse_port = true};
    const int first = passed(Address::tcp("127.0.0.1", 0), shared);
    const int second = passed(Address::tcp("127.0.0.1", 0), shared);
    InheritedSockets sockets = adopted({first, second});
    CHECK(takes(sockets, Address::tcp("127.0.0.1", 0), shared));
    CHECK(takes(sockets, Address::tcp("127.0.0.1", 0)));
}

TEST_CASE("what nobody asks for is closed, and its file goes only later") {
    const TempDir folder;
    const std::string path = folder.path("s.sock");
    const int fd = passed(Address::unix_socket(path));
    InheritedSockets sockets = adopted({fd});
    CHECK(sockets.close_rest() == std::vector<std::string>{"unix:" + path});
    CHECK(::fcntl(fd, F_GETFD) < 0);
    CHECK(is_there(path));
    sockets.remove_files();
    CHECK_FALSE(is_there(path));
}

TEST_CASE("a descriptor that is no socket is named with the variable that it came by") {
    const int closed = ::dup(STDERR_FILENO);
    ::close(closed);
    for (const bool by_systemd : {false, true}) {
        const auto sockets = InheritedSockets::adopt({1, {closed}, by_systemd, -1});
        REQUIRE_FALSE(sockets);
        INFO(sockets.error().message);
        CHECK(sockets.error().message.find("fd://" + std::to_string(closed)) != std::string::npos);
        CHECK(sockets.error().message.find(by_systemd ? "LISTEN_FDS" : "GUNICORN_FD") != std::string::npos);
    }
    const int reserved = passed(Address::tcp("127.0.0.1", 0), {.reuse_port = true});
    CHECK_FALSE(InheritedSockets::adopt({0, {reserved}, true, -1}));
    ::close(reserved);
}

TEST_CASE("sockets of systemd stand in the place of bind, and what they do not have is a warning") {
    const int fd = passed(Address::tcp("127.0.0.1", 0));
    const std::string number = "fd://" + std::to_string(fd);
    const std::string name = "127.0.0.1:" + std::to_string(address_of(*name_of_socket(fd)).port);
    config::Settings settings;
    auto& origin = settings.origins[static_cast<std::size_t>(config::SettingId::bind)];
    const std::vector<std::string> before = settings.bind;

    CHECK(bind_systemd_sockets(settings, {1, {fd}, false, -1}).empty());
    CHECK(settings.bind == before);

    CHECK(bind_systemd_sockets(settings, {0, {fd}, true, -1}).empty());  // the default is nobody's wish
    CHECK(settings.bind == std::vector<std::string>{number});

    origin = {.kind = SourceKind::config_file, .name = "c.py"};
    settings.bind = {name, number, "127.0.0.1:1", "unix:/s.sock"};
    const Diagnostics dropped = bind_systemd_sockets(settings, {0, {fd}, true, -1});
    CHECK(settings.bind == std::vector<std::string>{number});
    REQUIRE(dropped.size() == 2);
    CHECK(dropped[0].id == DiagId::replaced_by_systemd);
    CHECK(dropped[0].origin.name == "c.py");
    CHECK(dropped[0].message.find("127.0.0.1:1 ") != std::string::npos);
    CHECK(dropped[1].message.find("unix:/s.sock ") != std::string::npos);
    ::close(fd);
}

}  // namespace
}  // namespace gunicorn::server
