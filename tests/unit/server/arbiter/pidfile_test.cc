#include "server/arbiter/pidfile.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::read_text;
using testing::TempDir;
using testing::write_text;

/// A pid that no process has: of a child that was reaped just now.
pid_t dead_pid() {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    ::waitpid(pid, nullptr, 0);
    return pid;
}

std::size_t files_in(const std::string& directory) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

TEST_CASE("the pid file holds the pid and a line break, readable for all") {
    const TempDir dir;
    Pidfile pidfile(dir.path("app.pid"));
    REQUIRE(pidfile.create(::getpid()));
    CHECK(read_text(dir.path("app.pid")) == std::to_string(::getpid()) + "\n");
    struct stat status {};
    REQUIRE(::stat(dir.path("app.pid").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0644);
    CHECK(files_in(dir.path()) == 1);
}

TEST_CASE("a pid file of a live process is left and named") {
    const TempDir dir;
    const std::string path = dir.path("app.pid");
    write_text(path, std::to_string(::getppid()));
    auto created = Pidfile(path).create(::getpid());
    REQUIRE_FALSE(created);
    CHECK(created.error().message ==
          "Already running on PID " + std::to_string(::getppid()) + " (or pid file '" + path + "' is stale)");
    CHECK(read_text(path) == std::to_string(::getppid()));
    CHECK(files_in(dir.path()) == 1);
}

TEST_CASE("a pid file of a dead process, or without a usable number, is overwritten") {
    for (const std::string& content :
         {std::to_string(dead_pid()) + "\n", std::string("garbage"), std::string(), std::string("0"), std::string("-1"),
          std::string("99999999999999999999"), std::string(10'000, 'x')}) {
        const TempDir dir;
        write_text(dir.path("app.pid"), content);
        REQUIRE(Pidfile(dir.path("app.pid")).create(::getpid()));
        CHECK(read_text(dir.path("app.pid")) == std::to_string(::getpid()) + "\n");
    }
}

TEST_CASE("one's own pid in the file is no other server") {
    const TempDir dir;
    Pidfile pidfile(dir.path("app.pid"));
    REQUIRE(pidfile.create(::getpid()));
    CHECK(pidfile.create(::getpid()));
    CHECK(*Pidfile::validate(dir.path("app.pid")) == ::getpid());
    CHECK(*Pidfile::validate(dir.path("none.pid")) == 0);
}

TEST_CASE("a missing directory is named") {
    const TempDir dir;
    auto created = Pidfile(dir.path("none/app.pid")).create(::getpid());
    REQUIRE_FALSE(created);
    CHECK(created.error().message == dir.path("none") + " doesn't exist. Can't create pidfile.");
}

TEST_CASE("a directory where the file should be is an error") {
    const TempDir dir;
    CHECK_FALSE(Pidfile(dir.path()).create(::getpid()));
    CHECK(files_in(dir.path()) == 0);
}

TEST_CASE("a promoted master takes the name without the suffix") {
    const TempDir dir;
    Pidfile pidfile(dir.path("app.pid.2"));
    REQUIRE(pidfile.create(::getpid()));
    write_text(dir.path("app.pid"), std::to_string(dead_pid()));
    REQUIRE(pidfile.rename(dir.path("app.pid")));
    CHECK(pidfile.path() == dir.path("app.pid"));
    CHECK(read_text(dir.path("app.pid")) == std::to_string(::getpid()) + "\n");
    CHECK(files_in(dir.path()) == 1);
}

TEST_CASE("a rename onto a live server's file changes nothing") {
    const TempDir dir;
    Pidfile pidfile(dir.path("app.pid.2"));
    REQUIRE(pidfile.create(::getpid()));
    write_text(dir.path("app.pid"), std::to_string(::getppid()));
    CHECK_FALSE(pidfile.rename(dir.path("app.pid")));
    CHECK(pidfile.path() == dir.path("app.pid.2"));
    CHECK(files_in(dir.path()) == 2);
}

TEST_CASE("unlink removes only a file with the own pid") {
    const TempDir dir;
    Pidfile pidfile(dir.path("app.pid"));
    pidfile.unlink();  // nothing was made
    REQUIRE(pidfile.create(::getpid()));
    write_text(dir.path("app.pid"), "1\n");
    pidfile.unlink();
    CHECK(files_in(dir.path()) == 1);
    write_text(dir.path("app.pid"), std::to_string(::getpid()) + "\n");
    pidfile.unlink();
    pidfile.unlink();
    CHECK(files_in(dir.path()) == 0);
}

TEST_CASE("a new name may be that of a process that has ended and is not waited for") {
    const TempDir folder;
    const std::string path = folder.path("p.pid");
    const pid_t gone = ::fork();
    if (gone == 0) ::_exit(0);
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(gone), &info, WEXITED | WNOWAIT) == 0);
    write_text(path, std::to_string(gone) + "\n");
    Pidfile pidfile(path + ".2");
    REQUIRE(pidfile.create(::getpid()));
    CHECK_FALSE(pidfile.rename(path));
    CHECK(pidfile.path() == path + ".2");
    CHECK(pidfile.rename(path, gone));
    CHECK(read_text(path) == std::to_string(::getpid()) + "\n");
    ::waitpid(gone, nullptr, 0);
}

}  // namespace
}  // namespace gunicorn::server
