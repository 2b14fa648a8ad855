#include "server/preflight/listening_sockets.h"

#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "server/net/listener.h"
#include "unit/server/preflight/fake_proc.h"

namespace gunicorn::server::preflight {
namespace {

TEST_CASE("the tables of the kernel are read, connections and garbage skipped") {
    const auto rows = parse_tcp_table(
        "  sl  local_address rem_address   st ...\n"
        "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 1586 1 0 100 0 0 10 0\n"
        "   1: 0100007F:1F41 0100007F:1F40 01 00000000:00000000 00:00000000 00000000    33        0 1587 1 0 100 0 0 10 0\n"
        "   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 99 1\n"
        "   3: XXXXXXXX:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 1586 1\n"
        "   4: 0100007F\n");
    REQUIRE(rows.size() == 2);
    CHECK(to_string(rows[0].endpoint) == "127.0.0.1:8000");
    CHECK(rows[0].user == 33);
    CHECK(rows[0].inode == 1586);
    CHECK(to_string(rows[1].endpoint) == "[::1]:80");
}

TEST_CASE("unix sockets are those that listen and have a file") {
    const auto rows = parse_unix_table(
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01  7 /run/a b.sock\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03  8 /run/connected.sock\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01  9 @abstract\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03  110\n");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].path == "/run/a b.sock");
    CHECK(rows[0].inode == 7);
}

TEST_CASE("the processes behind a socket are found by its number") {
    testing::FakeProc proc;
    proc.process(300, "gunicorn", {"gunicorn"}, "/", {5, 6});
    proc.process(12, "nginx", {"nginx"}, "/", {6});
    CHECK(holders_of(6, proc.path()) == std::vector<pid_t>{12, 300});
    CHECK(holders_of(7, proc.path()).empty());
}

TEST_CASE("the real tables show a listener of ours, with us as its holder") {
    const auto listener = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(listener);
    const auto rows = tcp_listeners("/proc");
    const auto ours = std::find_if(rows.begin(), rows.end(), [&](const TcpListener& one) {
        return one.endpoint.port == listener->local().port && one.endpoint.address.to_string() == "127.0.0.1";
    });
    REQUIRE(ours != rows.end());
    CHECK(ours->user == ::geteuid());
    CHECK(holders_of(ours->inode, "/proc") == std::vector<pid_t>{::getpid()});
}

}  // namespace
}  // namespace gunicorn::server::preflight
