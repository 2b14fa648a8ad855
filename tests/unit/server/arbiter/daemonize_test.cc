#include "server/arbiter/daemonize.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <csignal>
#include <functional>
#include <string>
#include <utility>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::read_text;
using testing::TempDir;
using testing::write_text;

struct NoObserver final : gateway::ForkObserver {
    void before_fork() override {}
    void after_fork_in_parent() override {}
    void after_fork_in_child() override {}
};

/// Runs `serve` as a daemon whose starter is a child of ours, and answers how that ended (waitpid). What the starter is told
/// to say is in the file FAILURE.
int start(const TempDir& folder, const std::function<void(Daemon&)>& serve) {
    const pid_t starter = ::fork();
    if (starter == 0) {
        NoObserver observer;
        auto daemon = Daemon::start(observer, StandardStreams::closed,
                                    [&](int status) { write_text(folder.path("failure"), std::to_string(status)); });
        if (!daemon) ::_exit(99);
        serve(*daemon);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(starter, &status, 0);
    return status;
}

TEST_CASE("the starter ends with 0 when the daemon is ready") {
    const TempDir folder;
    const int status = start(folder, [](Daemon& daemon) {
        daemon.ready();
        daemon.ended(3);  // too late to count
    });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(read_text(folder.path("failure")).empty());
}

TEST_CASE("the starter ends with the status of a daemon that was never ready, and says so") {
    const TempDir folder;
    for (const int code : {1, 3, 4, 255}) {
        const int status = start(folder, [&](Daemon& daemon) { daemon.ended(code); });
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == code);
        CHECK(read_text(folder.path("failure")) == std::to_string(code));
    }
    CHECK(WEXITSTATUS(start(folder, [](Daemon& daemon) { daemon.ended(0); })) == 0);
}

TEST_CASE("the starter ends with 1 when the daemon dies without a word") {
    const TempDir folder;
    const int status = start(folder, [](Daemon&) { ::raise(SIGKILL); });
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 1);
    CHECK(read_text(folder.path("failure")) == "1");
}

TEST_CASE("a child of the daemon has no say about its end") {
    const TempDir folder;
    const int status = start(folder, [](Daemon& daemon) {
        const pid_t worker = ::fork();
        if (worker == 0) {
            daemon.ready();
            daemon.ended(0);
            ::_exit(0);
        }
        ::waitpid(worker, nullptr, 0);
        daemon.ended(3);
    });
    CHECK(WEXITSTATUS(status) == 3);
}

TEST_CASE("a daemon has a session of its own that it does not lead, and no input and output") {
    const TempDir folder;
    start(folder, [&](Daemon& daemon) {
        struct stat null {};
        ::stat("/dev/null", &null);
        std::string facts;
        for (const int stream : {0, 1}) {
            struct stat status {};
            facts += ::fstat(stream, &status) == 0 && status.st_rdev == null.st_rdev ? "null " : "open ";
        }
        facts += ::getsid(0) == ::getpid() ? "leads" : "follows";
        write_text(folder.path("facts"), facts);
        daemon.ready();
    });
    CHECK(read_text(folder.path("facts")) == "null null follows");
}

TEST_CASE("a daemon adds to the umask and takes nothing of it away") {
    const TempDir folder;
    for (const auto& [before, after] : {std::pair{0000, 0022}, std::pair{0077, 0077}, std::pair{0022, 0022}}) {
        const mode_t ours = ::umask(static_cast<mode_t>(before));
        start(folder, [&](Daemon& daemon) {
            const mode_t mask = ::umask(0);
            write_text(folder.path("mask"), std::to_string(mask));
            daemon.ready();
        });
        ::umask(ours);
        CHECK(read_text(folder.path("mask")) == std::to_string(after));
    }
}

}  // namespace
}  // namespace gunicorn::server
