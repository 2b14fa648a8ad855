#include "server/preflight/preflight.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "server/net/listener.h"
#include "unit/server/preflight/fake_proc.h"

namespace gunicorn::server::preflight {
namespace {

using testing::FakeProc;
using testing::TempDir;
using testing::write_text;

/// A configuration and a host with 127.0.0.0/8 and 192.0.2.7, where all is well.
struct World {
    World() {
        ::chmod(folder.path().c_str(), 0755);
        settings.chdir = folder.path();
        settings.user = ::geteuid();
        settings.group = ::getegid();
        settings.bind = {"127.0.0.1:8000"};
        host.proc = proc.path();
        host.user = ::geteuid();
        host.group = ::getegid();
        host.interfaces = {{address_of_host("127.0.0.1"), 96 + 8}, {address_of_host("192.0.2.7"), 128}};
        // Ourselves, as RunningServer asks.
        proc.process(::getpid(), "gunicorn", {"/usr/bin/gunicorn", "--check-config", "shop:app"}, folder.path(), {});
    }

    static IpAddress address_of_host(const char* text) { return Endpoint::of(*resolve(Address::tcp(text, 0))).address; }

    [[nodiscard]] Diagnostics found() const { return inspect_host(settings, host); }
    /// "bind address_in_use error", or several with "; " between them.
    [[nodiscard]] std::string summary() const {
        std::string text;
        for (const Diagnostic& one : found()) {
            text += (text.empty() ? "" : "; ") + one.setting + " " + std::string(kind_of(one.id).name) + " " +
                    std::string(name_of(one.severity));
        }
        return text;
    }
    [[nodiscard]] std::string message() const {
        const Diagnostics all = found();
        REQUIRE(all.size() == 1);
        return all[0].message;
    }

    TempDir folder;
    FakeProc proc;
    config::Settings settings;
    Host host;
};

TEST_CASE("a configuration that this host can run has no findings") {
    World world;
    world.settings.pidfile = "run.pid";
    world.settings.errorlog = "error.log";
    world.settings.bind = {"127.0.0.1:8000", "127.3.2.1:8000", "192.0.2.7:80", "unix:s.sock", "127.0.0.1:0", "127.0.0.1:0"};
    world.host.first_unprivileged_port = 80;
    CHECK(world.summary().empty());
    CHECK(std::filesystem::is_empty(world.folder.path()));
}

TEST_CASE("a port that a stranger has is an error which names him") {
    World world;
    world.proc.listen("tcp", "00000000:1F40", 33, 77);
    world.proc.process(12, "nginx", {"nginx"}, "/", {77});
    CHECK(world.summary() == "bind address-in-use error");
    CHECK(world.message() == "127.0.0.1:8000 is in use by nginx (pid 12) at 0.0.0.0:8000");
}

TEST_CASE("a holder whom we may not see is known by his user") {
    World world;
    world.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(world.message() == "127.0.0.1:8000 is in use by a process of 'root'");
}

TEST_CASE("an IPv6 wildcard of somebody else may be for IPv6 only: a warning") {
    World world;
    world.proc.listen("tcp6", "00000000000000000000000000000000:1F40", 0, 77);
    CHECK(world.summary() == "bind address-in-use warning");
    world.settings.bind = {"[::1]:8000"};
    world.host.interfaces.push_back({World::address_of_host("::1"), 128});
    CHECK(world.summary() == "bind address-in-use error");
}

TEST_CASE("listeners on other ports and addresses are no findings") {
    World world;
    world.proc.listen("tcp", "0100007F:1F41", 0, 77);
    world.proc.listen("tcp", "0200007F:1F40", 0, 78);
    CHECK(world.summary().empty());
}

TEST_CASE("the running server of the pid file is a note, workers included") {
    World world;
    write_text(world.folder.path("run.pid"), std::to_string(::getppid()));
    world.settings.pidfile = "run.pid";
    world.proc.process(::getppid(), "gunicorn", {"gunicorn", "-c", "x.py"}, world.folder.path(), {77});
    world.proc.process(99999, "gunicorn", {"gunicorn", "-c", "x.py"}, world.folder.path(), {77}, ::getppid());
    world.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(world.summary() == "pidfile held-by-this-server note; bind held-by-this-server note");
}

TEST_CASE("the address of the status listener is judged as those of bind are, and must be none of them") {
    World world;
    world.settings.status_bind = "127.0.0.1:8000";
    CHECK(world.summary() == "status_bind overlapping-addresses error");
    World other;
    other.settings.status_bind = "127.0.0.1:8001";
    other.proc.process(99999, "nginx", {"nginx"}, "/", {77});
    other.proc.listen("tcp", "0100007F:1F41", 0, 77);
    CHECK(other.summary() == "status_bind address-in-use error");
}

TEST_CASE("a pid file of a live process that is no gunicorn is taken, and says nothing about the port") {
    World world;
    write_text(world.folder.path("run.pid"), std::to_string(::getppid()));
    world.settings.pidfile = "run.pid";
    world.proc.process(::getppid(), "sleep", {"sleep", "9"}, world.folder.path(), {77});
    world.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(world.summary() == "pidfile pidfile-taken error; bind address-in-use error");
}

TEST_CASE("a gunicorn elsewhere, with another command and without our addresses, has taken the pid file") {
    World world;
    write_text(world.folder.path("run.pid"), std::to_string(::getppid()));
    world.settings.pidfile = "run.pid";
    world.proc.process(::getppid(), "gunicorn", {"gunicorn", "blog:app"}, "/", {});
    CHECK(world.summary() == "pidfile pidfile-taken error");
}

TEST_CASE("without a pid file the same command in the same directory is the running server") {
    World world;
    world.proc.process(41, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {77});
    world.proc.process(42, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {77}, 41);
    world.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(world.summary() == "bind held-by-this-server note");
    CHECK(world.message() == "127.0.0.1:8000 is held by the running server of this configuration, gunicorn (pid 41)");

    World other;
    other.proc.process(41, "gunicorn", {"gunicorn", "blog:app"}, other.folder.path(), {77});
    other.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(other.summary() == "bind address-in-use error");
}

TEST_CASE("a master that is known owns what it and its workers hold, whatever it is called and wherever it works") {
    World world;
    world.proc.listen("tcp", "0100007F:1F40", ::geteuid(), 77);
    world.proc.process(41, "python3", {"a title"}, "/elsewhere", {});
    world.proc.process(42, "python3", {"another"}, "/elsewhere", {77}, 41);
    CHECK(world.summary() == "bind address-in-use error");
    world.host.running_master = 41;
    CHECK(world.summary() == "bind held-by-this-server note");
    world.host.running_master = 43;
    world.proc.process(43, "gunicorn", {"gunicorn", "--check-config", "shop:app"}, world.folder.path(), {});
    CHECK(world.summary() == "bind address-in-use error");
}

TEST_CASE("the pid file of a known master may still name the one that it replaces") {
    World world;
    write_text(world.folder.path("run.pid"), std::to_string(::getppid()) + "\n");
    world.settings.pidfile = "run.pid";
    world.proc.process(::getppid(), "gunicorn", {"gunicorn", "other"}, "/", {});
    world.proc.process(41, "gunicorn", {"gunicorn: master [x]"}, "/", {});
    world.host.running_master = 41;
    CHECK(world.summary() == "pidfile pidfile-taken error");
    world.proc.process(42, "gunicorn", {"gunicorn: master [x]"}, "/", {}, ::getppid());
    world.host.running_master = 42;
    CHECK(world.summary() == "pidfile held-by-this-server note");
}

TEST_CASE("a server whose sockets this user may not see is known by its command and the user of the socket") {
    World world;
    world.host.user = ::geteuid() + 1;
    world.settings.user = world.host.user;
    world.proc.process(41, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {});
    world.proc.process(42, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {}, 41);
    world.proc.listen("tcp", "0100007F:1F40", static_cast<int>(::geteuid()), 77);
    CHECK(world.summary() == "bind held-by-this-server note");
    world.proc.process(43, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {});
    world.proc.listen("tcp", "0200007F:1F40", static_cast<int>(::geteuid()) + 2, 78);
    world.settings.bind = {"127.0.0.2:8000"};
    CHECK(world.summary() == "bind address-in-use error");
}

TEST_CASE("where a title hides the command line, the application is compared") {
    for (const char* name : {"shop:app", "my-shop", "shop.wsgi"}) {
        World world;
        world.settings.proc_name = "my-shop";
        world.settings.wsgi_app = "shop.wsgi";
        world.proc.process(41, "gunicorn: maste", {"gunicorn: master [" + std::string(name) + "]"}, world.folder.path(),
                           {77});
        world.proc.listen("tcp", "0100007F:1F40", 0, 77);
        CHECK(world.summary() == "bind held-by-this-server note");
    }
    World guessed;
    guessed.proc.process(41, "gunicorn: maste", {"gunicorn: master [shop:app]"}, guessed.folder.path(), {77});
    guessed.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(guessed.message() ==
          "127.0.0.1:8000 is held by what seems to be the running server of this configuration, "
          "gunicorn: master [shop:app] (pid 41)");
    guessed.settings.pidfile = "run.pid";  // which it would have written
    CHECK(guessed.summary() == "bind address-in-use error");
    World world;
    world.proc.process(41, "gunicorn: maste", {"gunicorn: master [blog:app]"}, world.folder.path(), {77});
    world.proc.listen("tcp", "0100007F:1F40", 0, 77);
    CHECK(world.summary() == "bind address-in-use error");
}

TEST_CASE("reuse_port shares a port with sockets of the same user") {
    World world;
    world.settings.reuse_port = true;
    world.settings.bind = {"127.0.0.1:8000", "127.0.0.1:8000"};
    world.proc.listen("tcp", "0100007F:1F40", static_cast<int>(::geteuid()), 77);
    CHECK(world.summary() == "bind address-in-use note; bind address-in-use note");
    world.settings.bind = {"127.0.0.1:8001"};
    world.proc.listen("tcp", "0100007F:1F41", static_cast<int>(::geteuid()) + 1, 78);
    CHECK(world.summary() == "bind address-in-use error");
}

TEST_CASE("low ports need a right, which a capability or the sysctl gives") {
    World world;
    world.settings.bind = {"127.0.0.1:80"};
    CHECK(world.summary() == "bind privileged-port error");
    world.host.capabilities = 1U << 10U;
    CHECK(world.summary().empty());
    world.host.capabilities = 0;
    world.host.first_unprivileged_port = 80;
    CHECK(world.summary().empty());
}

TEST_CASE("an address has to be one of this host, unless the kernel takes any") {
    World world;
    world.settings.bind = {"192.0.2.8:8000"};
    CHECK(world.summary() == "bind address-not-available error");
    world.host.nonlocal_ipv4 = true;
    CHECK(world.summary().empty());
    world.settings.bind = {"[2001:db8::1]:8000"};
    CHECK(world.summary() == "bind address-not-available error");
    world.settings.bind = {"[::]:8000"};
    CHECK(world.summary().empty());
}

TEST_CASE("a host name that leads nowhere is said so") {
    World world;
    world.settings.bind = {"no-such-host.invalid:8000"};
    CHECK(world.summary() == "bind unknown-host-name error");
}

TEST_CASE("entries of bind may not be in each other's way") {
    const std::vector<std::vector<std::string>> cases{
        {"127.0.0.1:8000", "127.0.0.1:8000"}, {"0.0.0.0:8000", "127.0.0.1:8000"}, {"127.0.0.1:8000", "[::]:8000"},
        {"localhost:8000", "127.0.0.1:8000"}, {"unix:a.sock", "unix:./a.sock"},   {"unix:a.sock", "unix:a.sock"}};
    for (const auto& bind : cases) {
        World world;
        world.settings.bind = bind;
        CAPTURE(bind);
        CHECK(world.summary() == "bind overlapping-addresses error");
    }
    World world;
    world.settings.bind = {"0.0.0.0:8000", "[::]:8000"};
    world.host.ipv6_only = true;
    CHECK(world.summary().empty());
}

TEST_CASE("what is in the place of a unix socket decides") {
    World world;
    world.settings.bind = {"unix:s.sock"};
    const std::string path = world.folder.path("s.sock");
    SECTION("a file") {
        write_text(path, "data");
        CHECK(world.summary() == "bind not-a-socket error");
    }
    SECTION("a directory") {
        ::mkdir(path.c_str(), 0755);
        CHECK(world.summary() == "bind not-a-socket error");
    }
    SECTION("a symbolic link") {
        REQUIRE(::symlink("/nowhere", path.c_str()) == 0);
        CHECK(world.summary() == "bind not-a-socket error");
    }
    SECTION("a socket that nobody listens on") {
        { REQUIRE(Listener::open(Address::unix_socket(path))); }
        CHECK(world.summary() == "bind replaceable-file note");
    }
    SECTION("a socket of a stranger, bound under another name of the directory") {
        const auto listener = Listener::open(Address::unix_socket(path));
        REQUIRE(listener);
        world.proc.listen_unix(world.folder.path("./s.sock"), 77);
        world.proc.process(12, "uwsgi", {"uwsgi"}, "/", {77});
        CHECK(world.summary() == "bind address-in-use error");
        CHECK(world.message() == "unix:" + path + " is in use by uwsgi (pid 12)");
    }
    SECTION("a socket of the running server") {
        const auto listener = Listener::open(Address::unix_socket(path));
        REQUIRE(listener);
        world.proc.listen_unix("s.sock", 77);
        world.proc.process(41, "gunicorn", {"gunicorn", "shop:app"}, world.folder.path(), {77});
        CHECK(world.summary() == "bind held-by-this-server note");
    }
}

TEST_CASE("a unix socket in a directory that is not there is one finding") {
    World world;
    world.settings.bind = {"unix:nope/s.sock"};
    CHECK(world.summary() == "bind no-such-directory error");
}

TEST_CASE("what is in the pid file decides") {
    World world;
    world.settings.pidfile = "run.pid";
    const std::string path = world.folder.path("run.pid");
    SECTION("a dead process") {
        write_text(path, "2147483000\n");
        CHECK(world.summary() == "pidfile replaceable-file note");
    }
    SECTION("nothing") {
        write_text(path, "");
        CHECK(world.summary() == "pidfile replaceable-file note");
    }
    SECTION("somebody's data") {
        write_text(path, "import os\n");
        CHECK(world.summary() == "pidfile replaceable-file warning");
    }
    SECTION("it is a directory") {
        ::mkdir(path.c_str(), 0755);
        CHECK(world.summary() == "pidfile not-writable error");
    }
    SECTION("its directory is missing") {
        world.settings.pidfile = "nope/run.pid";
        CHECK(world.summary() == "pidfile no-such-directory error");
    }
}

TEST_CASE("directories that only Gunicorn, or only some requests, need are warnings") {
    World world;
    world.settings.tmp_upload_dir = "nope";
    CHECK(world.summary() == "tmp_upload_dir no-such-directory error");
    world.settings.tmp_upload_dir.reset();
    world.settings.worker_tmp_dir = "/nope";
    CHECK(world.summary() == "worker_tmp_dir no-such-directory warning");
    world.settings.worker_tmp_dir.reset();
    world.settings.pythonpath = ".,nope, lib.zip ,";
    write_text(world.folder.path("lib.zip"), "");
    CHECK(world.summary() == "pythonpath no-such-directory warning");
}

TEST_CASE("logs that cannot be written are errors, streams are not asked") {
    World world;
    world.settings.errorlog = "-";
    world.settings.accesslog = "nope/access.log";
    CHECK(world.summary() == "accesslog log-not-writable error");
    world.settings.accesslog = world.folder.path();
    CHECK(world.summary() == "accesslog log-not-writable error");
}

TEST_CASE("another user needs the right to become him") {
    World world;
    world.settings.user = ::geteuid() + 4242;
    world.host.capabilities = 0;
    CHECK(world.found().front().id == DiagId::cannot_switch_user);
    CHECK(world.found().front().setting == "user");
    world.host.capabilities = 1U << 7U | 1U << 6U;
    CHECK(world.summary().empty());
    world.settings.user = ::geteuid();
    world.settings.group = ::getegid() + 4242;
    world.host.capabilities = 1U << 7U;
    CHECK(world.summary() == "group cannot-switch-user error");
}

TEST_CASE("an own user needs the supplementary groups of an account") {
    if (::geteuid() != 0) {
        WARN("skipped: without root nobody's groups are asked for");
        return;
    }
    World world;
    world.host.capabilities = ~std::uint64_t{0};
    world.settings.user = 4242424;
    CHECK(world.summary().empty());
    world.settings.initgroups = true;
    CHECK(world.summary() == "initgroups no-such-user error");
}

TEST_CASE("what workers open is asked for as their user, what the master opens as its own") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can ask as somebody else");
        return;
    }
    World world;
    world.host.capabilities = ~std::uint64_t{0};
    world.settings.user = 65534;
    world.settings.group = 65534;
    const std::string closed = world.folder.path("closed");
    ::mkdir(closed.c_str(), 0700);
    SECTION("the master's") {
        world.settings.pidfile = "closed/run.pid";
        world.settings.bind = {"unix:closed/s.sock"};
        CHECK(world.summary().empty());
    }
    SECTION("logs that workers open again") {
        world.settings.errorlog = "closed/error.log";
        CHECK(world.summary() == "errorlog log-not-writable warning");
    }
    SECTION("uploads") {
        world.settings.tmp_upload_dir = "closed";
        CHECK(world.summary() == "tmp_upload_dir not-writable error");
        ::chmod(closed.c_str(), 01777);
        CHECK(world.summary().empty());
    }
    SECTION("code") {
        world.settings.pythonpath = "closed";
        CHECK(world.summary() == "pythonpath not-readable warning");
        world.settings.pythonpath.reset();
        world.settings.chdir = closed;
        CHECK(world.summary() == "user not-readable warning");  // chdir is at its default
        world.settings.preload_app = true;
        CHECK(world.summary().empty());
    }
    SECTION("certificates, which the master reads") {
        write_text(closed + "/cert.pem", "x");
        world.settings.certfile = "closed/cert.pem";
        CHECK(world.summary() == "certfile bad-certificate error");
    }
}

TEST_CASE("an inherited descriptor has to be a listening stream socket") {
    World world;
    const auto bind_fd = [&](int fd) { world.settings.bind = {"fd://" + std::to_string(fd)}; };
    const auto listener = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(listener);
    bind_fd(listener->fd());
    CHECK(world.summary() == "bind bad-inherited-socket warning");  // close-on-exec: nobody passed it

    const UniqueFd passed(::dup(listener->fd()));
    bind_fd(passed.get());
    CHECK(world.summary().empty());
    world.settings.bind.push_back(world.settings.bind[0]);
    CHECK(world.summary() == "bind overlapping-addresses error");

    const UniqueFd idle(::socket(AF_INET, SOCK_STREAM, 0));
    bind_fd(idle.get());
    CHECK(world.summary() == "bind bad-inherited-socket error");
    const UniqueFd datagram(::socket(AF_INET, SOCK_DGRAM, 0));
    bind_fd(datagram.get());
    CHECK(world.summary() == "bind bad-inherited-socket error");
    const UniqueFd file(::open("/dev/null", O_RDONLY));
    bind_fd(file.get());
    CHECK(world.summary() == "bind bad-inherited-socket error");
    bind_fd(9999);
    CHECK(world.summary() == "bind bad-inherited-socket warning");
}

TEST_CASE("a start asks about its own files only") {
    World world;
    world.settings.bind = {"203.0.113.1:80", "unix:nope/s.sock"};
    world.settings.pidfile = "nope/run.pid";
    world.settings.accesslog = "nope/access.log";
    world.settings.tmp_upload_dir = "nope";
    world.settings.certfile = "nope.pem";
    const Diagnostics found = inspect_start(world.settings);
    REQUIRE(found.size() == 4);
    CHECK(found[0].id == DiagId::log_not_writable);
    CHECK(found[1].setting == "pidfile");
    CHECK(found[2].setting == "bind");
    CHECK(found[3].setting == "certfile");
}

TEST_CASE("this host is what /proc says") {
    const Host host = Host::inspect();
    CHECK(host.user == ::geteuid());
    CHECK(host.may_bind(World::address_of_host("127.0.0.1")));
    CHECK(host.may_bind(World::address_of_host("127.99.0.1")));
    if (!host.nonlocal_ipv4) CHECK_FALSE(host.may_bind(World::address_of_host("203.0.113.77")));
    testing::TempDir proc;
    std::filesystem::create_directories(proc.path("self"));
    std::filesystem::create_directories(proc.path("sys/net/ipv4"));
    write_text(proc.path("self/status"), "Name:\tx\nCapPrm:\tff\nCapEff:\t0000000000000400\n");
    write_text(proc.path("sys/net/ipv4/ip_unprivileged_port_start"), "80\n");
    write_text(proc.path("sys/net/ipv4/ip_nonlocal_bind"), "1\n");
    const Host other = Host::inspect(proc.path());
    CHECK(other.has(Capability::net_bind_service));
    CHECK_FALSE(other.has(Capability::setuid));
    CHECK(other.first_unprivileged_port == 80);
    CHECK(other.nonlocal_ipv4);
    CHECK_FALSE(other.ipv6_only);
}

}  // namespace
}  // namespace gunicorn::server::preflight
