#include "server/arbiter/sd_notify.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "support/session_world.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using test::KeptLines;
using testing::TempDir;

TimePoint at(Duration since_start) { return TimePoint(1h + since_start); }

constexpr ServiceState kBooting{.ready = 0, .all = 2, .wanted = 2};
constexpr ServiceState kServing{.ready = 2, .all = 2, .wanted = 2};
constexpr ServiceState kStopping{.ready = 0, .all = 2, .wanted = 2, .is_stopping = true};

/// A service manager that listens.
class Manager {
public:
    explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        const auto address = parse_notify_socket(name);
        REQUIRE(address);
        REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address->name), address->length) == 0);
    }
    /// What came since the last call.
    std::vector<std::string> messages() {
        std::vector<std::string> all;
        char bytes[4096];
        for (;;) {
            const ssize_t count = ::recv(fd_.get(), bytes, sizeof bytes, 0);
            if (count < 0) return all;
            all.emplace_back(bytes, static_cast<std::size_t>(count));
        }
    }

private:
    UniqueFd fd_;
};

/// A notifier whose manager listens in a directory of its own.
struct World {
    TempDir folder;
    KeptLines log;
    Manager manager{folder.path("notify")};
    ServiceNotifier notifier;
    explicit World(Duration watchdog = Duration::zero())
        : notifier(ServiceManager{.socket = folder.path("notify"), .watchdog = watchdog}, log) {}
};

using Messages = std::vector<std::string>;

TEST_CASE("a socket of the service manager is an absolute path or an abstract name") {
    const auto path = parse_notify_socket("/run/notify");
    REQUIRE(path);
    CHECK(std::string(path->name.sun_path) == "/run/notify");
    CHECK(path->length == offsetof(sockaddr_un, sun_path) + 12);
    const auto abstract = parse_notify_socket("@a/b");
    REQUIRE(abstract);
    CHECK(std::string(abstract->name.sun_path, 4) == std::string("\0a/b", 4));
    CHECK(abstract->length == offsetof(sockaddr_un, sun_path) + 4);
    for (const char* const bad : {"", "/", "@", "relative/path", "vsock:2:1234"}) {
        INFO(bad);
        CHECK(!parse_notify_socket(bad));
    }
}

TEST_CASE("a name as long as the address has room for is taken, a longer one is not") {
    const std::size_t room = sizeof(sockaddr_un{}.sun_path);
    CHECK(parse_notify_socket("/" + std::string(room - 2, 'a')));
    CHECK(!parse_notify_socket("/" + std::string(room - 1, 'a')));
    CHECK(parse_notify_socket("@" + std::string(room - 1, 'a')));
    CHECK(!parse_notify_socket("@" + std::string(room, 'a')));
}

TEST_CASE("the watchdog is for the process that WATCHDOG_PID names, or for anybody") {
    CHECK(ServiceManager::read("/s", "3000000", nullptr, 7).watchdog == 3s);
    CHECK(ServiceManager::read("/s", "3000000", "7", 7).watchdog == 3s);
    CHECK(ServiceManager::read("/s", "3000000", "8", 7).watchdog == 0s);
    CHECK(ServiceManager::read("/s", "3000000", "seven", 7).watchdog == 0s);
    CHECK(ServiceManager::read("/s", nullptr, nullptr, 7).watchdog == 0s);
    for (const char* const bad : {"", "-1", "3s", "18446744073709551615"}) {
        INFO(bad);
        CHECK(ServiceManager::read("/s", bad, nullptr, 7).watchdog == 0s);
    }
    CHECK(ServiceManager::read(nullptr, "3000000", nullptr, 7).watchdog == 0s);
}

TEST_CASE("the number of workers is said in words") {
    CHECK(kBooting.text() == "0 of 2 workers ready");
    CHECK(kServing.text() == "2 workers");
    CHECK(ServiceState{.ready = 1, .all = 1, .wanted = 1}.text() == "1 worker");
    CHECK(ServiceState{}.text() == "0 workers");
    CHECK(kStopping.text() == "Stopping; 2 workers left");
}

TEST_CASE("the service is ready when the first worker is") {
    World world;
    world.notifier.tick(kBooting, at(0s));
    CHECK(world.manager.messages() == Messages{"STATUS=0 of 2 workers ready", "EXTEND_TIMEOUT_USEC=60000000"});
    world.notifier.tick({.ready = 1, .all = 2, .wanted = 2}, at(1s));
    CHECK(world.manager.messages() == Messages{"READY=1\nSTATUS=1 of 2 workers ready"});
    world.notifier.tick(kServing, at(2s));
    world.notifier.tick(kServing, at(3s));
    CHECK(world.manager.messages() == Messages{"STATUS=2 workers"});
}

TEST_CASE("without workers the service is ready at once") {
    World world;
    world.notifier.tick({}, at(0s));
    CHECK(world.manager.messages() == Messages{"READY=1\nSTATUS=0 workers"});
}

TEST_CASE("a long start asks for more time again and again") {
    World world;
    world.notifier.tick(kBooting, at(0s));
    world.manager.messages();
    world.notifier.tick(kBooting, at(9s));
    CHECK(world.manager.messages().empty());
    world.notifier.tick(kBooting, at(10s));
    CHECK(world.manager.messages() == Messages{"EXTEND_TIMEOUT_USEC=60000000"});
}

TEST_CASE("a reload is announced with the time of the monotonic clock, and its end says how it went") {
    World world;
    world.notifier.tick(kServing, at(0s));
    world.manager.messages();
    world.notifier.reloading(at(5s));
    CHECK(world.manager.messages() == Messages{"RELOADING=1\nMONOTONIC_USEC=3605000000\nSTATUS=Reloading"});
    world.notifier.tick({.ready = 1, .all = 3, .wanted = 2}, at(6s));
    CHECK(world.manager.messages() == Messages{"EXTEND_TIMEOUT_USEC=60000000"});
    world.notifier.tick(kServing, at(7s));
    world.notifier.reloaded("Reload given up");
    CHECK(world.manager.messages() == Messages{"READY=1\nSTATUS=Reload given up; 2 workers"});
    world.notifier.reloaded("Reload complete");
    CHECK(world.manager.messages().empty());
}

TEST_CASE("a reload before the service is ready is not announced") {
    World world;
    world.notifier.tick(kBooting, at(0s));
    world.manager.messages();
    world.notifier.reloading(at(1s));
    world.notifier.reloaded("Reload complete");
    CHECK(world.manager.messages().empty());
}

TEST_CASE("a stop is announced once, and ends a reload") {
    World world;
    world.notifier.tick(kServing, at(0s));
    world.notifier.reloading(at(0s));
    world.manager.messages();
    world.notifier.tick(kStopping, at(1s));
    world.notifier.tick(kStopping, at(2s));
    world.notifier.reloaded("Reload complete");
    CHECK(world.manager.messages() == Messages{"STOPPING=1\nSTATUS=Stopping; 2 workers left"});
    world.notifier.tick({.ready = 0, .all = 1, .wanted = 2, .is_stopping = true}, at(3s));
    CHECK(world.manager.messages() == Messages{"STATUS=Stopping; 1 worker left"});
}

TEST_CASE("a stop before the service is ready does not make it ready") {
    World world;
    world.notifier.tick({.ready = 0, .all = 0, .wanted = 0, .is_stopping = true}, at(0s));
    CHECK(world.manager.messages() == Messages{"STOPPING=1\nSTATUS=Stopping; 0 workers left"});
}

TEST_CASE("the watchdog hears of the master at half of its time") {
    World world(20s);
    CHECK(world.notifier.until_due(at(0s)) == 0s);
    world.notifier.tick(kServing, at(0s));
    CHECK(world.manager.messages().back() == "WATCHDOG=1");
    CHECK(world.notifier.until_due(at(4s)) == 6s);
    world.notifier.tick(kServing, at(9s));
    CHECK(world.manager.messages().empty());
    world.notifier.tick(kServing, at(10s));
    CHECK(world.manager.messages() == Messages{"WATCHDOG=1"});
}

TEST_CASE("without a watchdog nobody is woken") {
    World world;
    world.notifier.tick(kServing, at(0s));
    CHECK(world.notifier.until_due(at(0s)) == Duration::max());
}

TEST_CASE("the main process may become another one") {
    World world;
    world.notifier.main_process(4711);
    CHECK(world.manager.messages() == Messages{"MAINPID=4711"});
}

TEST_CASE("a master beside the one that speaks says nothing but who is the main process") {
    World world(20s);
    world.notifier.tick(kServing, at(0s));
    world.manager.messages();
    world.notifier.main_process(4711);
    world.notifier.be_silent(true);
    world.notifier.reloading(at(10s));
    world.notifier.tick({.ready = 1, .all = 1, .wanted = 1}, at(20s));
    world.notifier.reloaded("Reload complete");
    world.notifier.tick(kStopping, at(40s));
    CHECK(world.manager.messages() == Messages{"MAINPID=4711"});
    CHECK(world.notifier.until_due(at(40s)) == Duration::max());
}

TEST_CASE("a master that speaks again says how it is from the start") {
    World world(20s);
    world.notifier.tick(kServing, at(0s));
    world.notifier.reloading(at(1s));
    world.notifier.be_silent(true);
    world.notifier.tick(kServing, at(2s));
    world.manager.messages();
    world.notifier.be_silent(false);
    world.notifier.tick(kServing, at(3s));
    CHECK(world.manager.messages() == Messages{"READY=1\nSTATUS=2 workers", "WATCHDOG=1"});
}

TEST_CASE("a stop that began in silence is announced by a master that speaks again") {
    World world;
    world.notifier.tick(kServing, at(0s));
    world.notifier.be_silent(true);
    world.notifier.tick(kStopping, at(1s));
    world.manager.messages();
    world.notifier.be_silent(false);
    world.notifier.tick(kStopping, at(2s));
    CHECK(world.manager.messages() == Messages{"STOPPING=1\nSTATUS=Stopping; 2 workers left"});
}

TEST_CASE("an abstract socket hears the same") {
    const std::string name = fmt::format("@gunicorn-test-{}", ::getpid());
    Manager manager(name);
    KeptLines log;
    ServiceNotifier notifier({.socket = name}, log);
    notifier.tick({}, at(0s));
    CHECK(manager.messages() == Messages{"READY=1\nSTATUS=0 workers"});
}

TEST_CASE("what the socket has no room for comes later, the newest of it") {
    World world;
    ServiceState state;
    for (std::size_t workers = 1; workers <= 2000; ++workers) {
        state = {.ready = workers, .all = workers, .wanted = workers};
        world.notifier.tick(state, at(0s));
    }
    const std::size_t had_room = world.manager.messages().size();
    CHECK(had_room < 1000);
    Messages late;
    for (int round = 0; round < 20; ++round) {
        world.notifier.tick(state, at(0s));
        for (std::string& message : world.manager.messages()) late.push_back(std::move(message));
    }
    CHECK(late.size() == 16);
    CHECK(late.back() == "STATUS=2000 workers");
    CHECK(world.log.lines.empty());
}

TEST_CASE("a socket where nobody listens is one warning") {
    KeptLines log;
    const TempDir folder;
    ServiceNotifier notifier({.socket = folder.path("nobody"), .watchdog = 1s}, log);
    notifier.tick(kServing, at(0s));
    notifier.tick(kServing, at(5s));
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines[0].find("cannot tell the service manager at " + folder.path("nobody")) == 0);
}

TEST_CASE("what is no socket is one warning, and nothing is sent") {
    KeptLines log;
    ServiceNotifier notifier({.socket = "vsock:2:1234", .watchdog = 1s}, log);
    notifier.tick(kServing, at(0s));
    notifier.reloading(at(1s));
    notifier.main_process(1);
    CHECK(log.lines.size() == 1);
    CHECK(notifier.until_due(at(0s)) == Duration::max());
}

TEST_CASE("without a service manager nothing is said") {
    KeptLines log;
    ServiceNotifier notifier({}, log);
    notifier.tick(kServing, at(0s));
    notifier.main_process(1);
    CHECK(log.lines.empty());
}

}  // namespace
}  // namespace gunicorn::server
