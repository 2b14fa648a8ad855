#include "server/net/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::read_text;
using testing::TempDir;
using testing::write_text;

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

int option(int fd, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(fd, SOL_SOCKET, name, &value, &size);
    return value;
}

bool may_connect(const Address& address) {
    auto where = resolve(address);
    REQUIRE(where);
    const UniqueFd client(::socket(where->family(), SOCK_STREAM, 0));
    return ::connect(client.get(), where->get(), where->length) == 0;
}

TEST_CASE("a TCP listener knows its real port, is non-blocking and closed by exec") {
    auto listener = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(listener);
    CHECK(listener->configured() == Address::tcp("127.0.0.1", 0));
    CHECK(listener->local().host == "127.0.0.1");
    CHECK(listener->local().port != 0);
    CHECK(listener->family() == AF_INET);
    CHECK((::fcntl(listener->fd(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK(::fcntl(listener->fd(), F_GETFD) == FD_CLOEXEC);
    CHECK(option(listener->fd(), SO_REUSEADDR) == 1);
    CHECK(option(listener->fd(), SO_REUSEPORT) == 0);
    CHECK(may_connect(listener->local()));
}

TEST_CASE("a taken port is an error with its errno") {
    auto first = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(first);
    auto second = Listener::open(first->local());
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::system);
    CHECK(second.error().code == EADDRINUSE);
    CHECK(second.error().message == "bind " + to_string(first->local()) + ": Address already in use");
}

TEST_CASE("with reuse_port two listeners share a port") {
    ListenerOptions options;
    options.reuse_port = true;
    auto first = Listener::open(Address::tcp("127.0.0.1", 0), options);
    REQUIRE(first);
    CHECK(Listener::open(first->local(), options));
}

TEST_CASE("an IPv6 listener") {
    auto listener = Listener::open(Address::tcp("::1", 0));
    if (!listener) {
        WARN("skipped: no IPv6 here: " << listener.error().message);
        return;
    }
    CHECK(listener->family() == AF_INET6);
    CHECK(listener->local().host == "::1");
}

TEST_CASE("an address of another machine is an error") {
    auto listener = Listener::open(Address::tcp("192.0.2.1", 0));
    REQUIRE_FALSE(listener);
    CHECK(listener.error().code == EADDRNOTAVAIL);
}

TEST_CASE("a unix listener gets its mode from the umask and its owner") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    ListenerOptions options;
    options.umask = 0117;
    options.uid = ::geteuid();
    options.gid = ::getegid();
    const mode_t before = ::umask(022);
    auto listener = Listener::open(address, options);
    CHECK(::umask(before) == 022);
    REQUIRE(listener);
    CHECK(listener->local() == address);
    CHECK(listener->family() == AF_UNIX);
    struct stat status {};
    REQUIRE(::stat(address.path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK((status.st_mode & 0777) == 0660);
    CHECK(may_connect(address));
}

TEST_CASE("the socket file of a dead server is replaced") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    {
        auto dead = Listener::open(address);
        REQUIRE(dead);
    }
    REQUIRE(is_there(address.path));
    auto listener = Listener::open(address);
    REQUIRE(listener);
    CHECK(may_connect(address));
}

TEST_CASE("the socket of a live server is left alone, also when its queue is full") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    ListenerOptions options;
    options.backlog = 0;
    auto live = Listener::open(address, options);
    REQUIRE(live);
    for (int i = 0; i < 4; ++i) {  // nobody accepts: the probes themselves fill the queue
        auto second = Listener::open(address);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == EADDRINUSE);
        CHECK(second.error().message == "bind unix:" + address.path + ": Address already in use");
    }
    CHECK(is_there(address.path));
}

TEST_CASE("a file that is no socket is named and left") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    write_text(address.path, "precious");
    auto listener = Listener::open(address);
    REQUIRE_FALSE(listener);
    CHECK(listener.error().message == "'" + address.path + "' is not a socket");
    CHECK(read_text(address.path) == "precious");
}

TEST_CASE("a symbolic link is no socket either") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    REQUIRE(::symlink(dir.path("elsewhere").c_str(), address.path.c_str()) == 0);
    CHECK_FALSE(Listener::open(address));
    CHECK_FALSE(is_there(dir.path("elsewhere")));
}

TEST_CASE("a missing directory is an error with its errno") {
    const TempDir dir;
    auto listener = Listener::open(Address::unix_socket(dir.path("none/app.sock")));
    REQUIRE_FALSE(listener);
    CHECK(listener.error().code == ENOENT);
}

TEST_CASE("an owner that cannot be set leaves no socket file") {
    if (::geteuid() == 0) {
        WARN("skipped: root can give files away");
        return;
    }
    const TempDir dir;
    ListenerOptions options;
    options.uid = 0;
    CHECK_FALSE(Listener::open(Address::unix_socket(dir.path("app.sock")), options));
    CHECK_FALSE(is_there(dir.path("app.sock")));
}

TEST_CASE("only close_and_unlink removes the socket file, and only its own") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    auto listener = Listener::open(address);
    REQUIRE(listener);
    Listener moved = std::move(*listener);
    moved.close();
    CHECK(is_there(address.path));
    // Keeps the inode from being used again within one tick of the file system's clock.
    REQUIRE(::link(address.path.c_str(), dir.path("held").c_str()) == 0);
    auto successor = Listener::open(address);
    REQUIRE(successor);
    moved.close_and_unlink();  // the file is the successor's now
    CHECK(is_there(address.path));
    successor->close_and_unlink();
    CHECK_FALSE(is_there(address.path));
    CHECK(successor->fd() == -1);
}

TEST_CASE("an inherited listener is taken over with its address") {
    auto original = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(original);
    const int fd = ::dup(original->fd());
    auto adopted = Listener::open(Address::descriptor(fd));
    REQUIRE(adopted);
    CHECK(adopted->fd() == fd);
    CHECK(adopted->configured() == Address::descriptor(fd));
    CHECK(adopted->local() == original->local());
    CHECK(::fcntl(fd, F_GETFD) == FD_CLOEXEC);
}

TEST_CASE("an inherited unix listener may be unlinked by whoever owns it") {
    const TempDir dir;
    const Address address = Address::unix_socket(dir.path("app.sock"));
    auto original = Listener::open(address);
    REQUIRE(original);
    auto adopted = Listener::adopt(::dup(original->fd()));
    REQUIRE(adopted);
    CHECK(adopted->local() == address);
    adopted->close_and_unlink();
    CHECK_FALSE(is_there(address.path));
}

TEST_CASE("what is no listening stream socket is refused and stays open") {
    struct Case {
        const char* what;
        int fd;
    };
    const UniqueFd datagram(::socket(AF_INET, SOCK_DGRAM, 0));
    const UniqueFd idle(::socket(AF_INET, SOCK_STREAM, 0));
    const UniqueFd file(::open("/dev/null", O_RDONLY));
    for (const Case& c : {Case{"datagram", datagram.get()}, Case{"not listening", idle.get()}, Case{"a file", file.get()}}) {
        INFO(c.what);
        CHECK_FALSE(Listener::adopt(c.fd));
        CHECK(::fcntl(c.fd, F_GETFD) >= 0);
    }
    CHECK_FALSE(Listener::adopt(9999));
}

}  // namespace
}  // namespace gunicorn::server
