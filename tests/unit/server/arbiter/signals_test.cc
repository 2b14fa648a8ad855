#include "server/arbiter/signals.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

TEST_CASE("signals come out of the pipe in order of arrival, CHLD once") {
    auto signals = SignalPipe::install();
    REQUIRE(signals);
    CHECK((*signals)->drain().empty());
    for (const int signo : {SIGCHLD, SIGHUP, SIGCHLD, SIGTERM, SIGHUP, SIGCHLD}) ::raise(signo);
    pollfd readable{(*signals)->fd(), POLLIN, 0};
    CHECK(::poll(&readable, 1, 0) == 1);
    CHECK((*signals)->drain() == std::vector<int>{SIGCHLD, SIGHUP, SIGTERM, SIGHUP});
    CHECK((*signals)->drain().empty());
}

TEST_CASE("every signal of the master is caught, and a handler leaves errno alone") {
    auto signals = SignalPipe::install();
    REQUIRE(signals);
    const std::vector<int> all{SIGHUP, SIGQUIT, SIGINT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};
    errno = 1234;
    for (const int signo : all) ::raise(signo);
    CHECK(errno == 1234);
    CHECK((*signals)->drain() == all);
}

TEST_CASE("poll is interrupted by a signal") {
    auto signals = SignalPipe::install();
    REQUIRE(signals);
    struct sigaction action {};
    REQUIRE(::sigaction(SIGTERM, nullptr, &action) == 0);
    CHECK((action.sa_flags & SA_RESTART) == 0);
}

TEST_CASE("after restore the dispositions are the default ones and another pipe can be installed") {
    {
        auto signals = SignalPipe::install();
        REQUIRE(signals);
        (*signals)->restore();
        CHECK((*signals)->fd() == -1);
        struct sigaction action {};
        REQUIRE(::sigaction(SIGTERM, nullptr, &action) == 0);
        CHECK(action.sa_handler == SIG_DFL);
    }
    CHECK(SignalPipe::install());
}

TEST_CASE("a signal to a child never reaches the master's pipe, and is not lost") {
    auto signals = SignalPipe::install();
    REQUIRE(signals);
    pid_t child = 0;
    {
        const BlockedSignals blocked;
        child = ::fork();
        if (child == 0) {
            ::raise(SIGTERM);  // stays pending
            (*signals)->restore();
            sigset_t none;
            ::sigemptyset(&none);
            ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
            ::_exit(0);
        }
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
    }
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
    CHECK((*signals)->drain() == std::vector<int>{SIGCHLD});
}

TEST_CASE("a child that still has the handlers does not write into the master's pipe") {
    auto signals = SignalPipe::install();
    REQUIRE(signals);
    const pid_t child = ::fork();
    if (child == 0) {
        ::raise(SIGTERM);
        ::_exit(7);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
    }
    CHECK(WEXITSTATUS(status) == 7);
    CHECK((*signals)->drain() == std::vector<int>{SIGCHLD});
}

TEST_CASE("signals have the names that Gunicorn logs") {
    CHECK(signal_name(SIGTERM) == "term");
    CHECK(signal_name(SIGUSR2) == "usr2");
    CHECK(signal_name(40) == "40");
}

}  // namespace
}  // namespace gunicorn::server
