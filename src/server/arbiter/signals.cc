#include "server/arbiter/signals.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/text.h"

namespace gunicorn::server {
namespace {

constexpr std::array kSignals{SIGHUP, SIGQUIT, SIGINT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};

// The one global: a handler gets nothing but the number, so it can find the pipe in no other way. The owner is beside it
// because a child has the handlers too until it execs or restores them, and must not write into the master's pipe.
std::atomic<int> g_write_end{-1};
std::atomic<pid_t> g_owner{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

// For the same reason: what Interruptible tells the handlers, and they tell it.
std::atomic<void (*)()> g_interrupt{nullptr};
std::atomic<bool> g_is_late{false};
static_assert(std::atomic<void (*)()>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

int limit_signal() noexcept { return SIGRTMIN + 4; }

void interrupt() {
    if (void (*const function)() = g_interrupt.load(std::memory_order_relaxed)) function();
}

extern "C" void write_signal(int signo) {
    const int saved = errno;
    const int fd = g_write_end.load(std::memory_order_relaxed);
    if (fd >= 0 && ::getpid() == g_owner.load(std::memory_order_relaxed)) {
        const auto byte = static_cast<unsigned char>(signo);
        // A full pipe means thousands of unread signals; one more adds nothing.
        [[maybe_unused]] const ssize_t written = ::write(fd, &byte, 1);
        if (signo == SIGTERM || signo == SIGINT || signo == SIGQUIT) interrupt();
    }
    errno = saved;
}

bool take_signal(int signo) noexcept {
    struct sigaction action {};
    action.sa_handler = write_signal;
    ::sigfillset(&action.sa_mask);
    action.sa_flags = signo == SIGCHLD ? SA_NOCLDSTOP : 0;
    return ::sigaction(signo, &action, nullptr) == 0;
}

}  // namespace

Result<std::unique_ptr<SignalPipe>> SignalPipe::install() {
    GN_ASSERT(g_write_end.load() < 0, "a process has one SignalPipe");
    GN_TRY(sys::Pipe pipe, sys::pipe());
    std::unique_ptr<SignalPipe> signals(new SignalPipe(std::move(pipe)));
    g_owner.store(::getpid());
    g_write_end.store(signals->pipe_.write_end.get());
    for (const int signo : kSignals) {
        if (!take_signal(signo)) return Unexpected{sys::system_error("sigaction " + signal_name(signo))};
    }
    return signals;
}

SignalPipe::~SignalPipe() { restore(); }

std::vector<int> SignalPipe::drain() {
    std::vector<int> signals;
    unsigned char bytes[256];
    for (;;) {
        const ssize_t count = ::read(pipe_.read_end.get(), bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return signals;
        for (ssize_t i = 0; i < count; ++i) {
            const int signo = bytes[i];
            if (signo == SIGCHLD && std::find(signals.begin(), signals.end(), signo) != signals.end()) continue;
            signals.push_back(signo);
        }
    }
}

void SignalPipe::claim() noexcept {
    // What was a signal of ours once still is.
    for (const int signo : kSignals) static_cast<void>(take_signal(signo));
}

void SignalPipe::restore() noexcept {
    if (!pipe_.write_end) return;
    for (const int signo : kSignals) ::signal(signo, SIG_DFL);
    g_write_end.store(-1);
    pipe_.write_end.reset();
    pipe_.read_end.reset();
}

BlockedSignals::BlockedSignals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

BlockedSignals::~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

extern "C" void on_limit(int) {
    const int saved = errno;
    g_is_late.store(true, std::memory_order_relaxed);
    interrupt();
    errno = saved;
}

Interruptible::Interruptible(void (*interrupt)(), Duration limit) {
    g_is_late = false;
    g_interrupt = interrupt;
    if (limit == Duration::zero()) return;
    struct sigaction action {};
    action.sa_handler = on_limit;
    ::sigfillset(&action.sa_mask);
    ::sigaction(limit_signal(), &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = limit_signal();
    timer_t timer{};
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return;  // no more than a limit is missing
    timer_ = timer;
    const auto whole = std::chrono::floor<std::chrono::seconds>(limit);
    const itimerspec times{.it_interval = {1, 0},
                           .it_value = {whole.count(), std::chrono::nanoseconds(limit - whole).count()}};
    ::timer_settime(timer, 0, &times, nullptr);
}

Interruptible::~Interruptible() {
    if (timer_) ::timer_delete(*timer_);
    g_interrupt = nullptr;
}

bool Interruptible::is_late() const noexcept { return g_is_late.load(); }

int stack_signal() noexcept { return SIGRTMIN + 3; }

std::string signal_name(int signo) {
    const char* name = ::sigabbrev_np(signo);
    return name != nullptr ? text::to_lower(name) : fmt::format("{}", signo);
}

}  // namespace gunicorn::server
