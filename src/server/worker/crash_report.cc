#include "server/worker/crash_report.h"

#include <execinfo.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

#include "base/sanitizer.h"

namespace gunicorn::server {
namespace {

constexpr std::array kFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr int kDepth = 64;
constexpr unsigned kSecondsToReport = 10;  // what crashed may hold a lock that the unwinder wants

// Globals, since a handler gets nothing but the signal.
int g_fd = 2;
const WorkerSlot* g_slot = nullptr;
pid_t g_worker = 0;
std::array<struct sigaction, NSIG> g_next;  // who writes the Python stacks
struct sigaction g_on_abort;                // for a SIGABRT of somebody else's
std::atomic<pid_t> g_reporting{0};          // the thread that does

/// A line on the stack; what does not fit is cut.
class Line {
public:
    void put(std::string_view text) noexcept {
        const std::size_t count = std::min(text.size(), sizeof text_ - size_);
        std::copy_n(text.data(), count, text_ + size_);
        size_ += count;
    }
    void put_number(std::uintptr_t number, int base = 10) noexcept {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
        put({digits, static_cast<std::size_t>(end - digits)});
    }
    /// Of a client: nothing that moves a terminal's cursor or begins another line.
    void put_foreign(std::string_view text) noexcept {
        for (const char c : text) put(c >= ' ' && c <= '~' ? std::string_view(&c, 1) : std::string_view("?"));
    }
    void write_to(int fd) noexcept { [[maybe_unused]] const auto written = ::write(fd, text_, size_); }

private:
    char text_[1024];
    std::size_t size_ = 0;
};

[[noreturn]] void die_of(int signo) noexcept {
    ::signal(signo, SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signo);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signo);
    ::_exit(128 + signo);
}

void call(const struct sigaction& handler, int signo, siginfo_t* info, void* context) noexcept {
    if ((handler.sa_flags & SA_SIGINFO) != 0) return handler.sa_sigaction(signo, info, context);
    if (handler.sa_handler == SIG_DFL) die_of(signo);
    if (handler.sa_handler != SIG_IGN) handler.sa_handler(signo);
}

void say_what_happened(int signo, const siginfo_t& info) noexcept {
    Line line;
    const pid_t self = ::getpid();
    line.put(self == g_worker ? "Worker (pid:" : "A process of the application (pid:");
    line.put_number(static_cast<std::uintptr_t>(self));
    line.put(") dies of SIG");
    const char* name = ::sigabbrev_np(signo);
    line.put(name != nullptr ? name : "?");
    if (info.si_code > 0 && signo != SIGABRT) {  // of the machine's own making
        line.put(" at address 0x");
        line.put_number(reinterpret_cast<std::uintptr_t>(info.si_addr), 16);
    }
    char request[WorkerSlot::kRequestLineCapacity];
    const std::size_t size = g_slot->copy_request_line(request);
    if (size > 0) {
        line.put(" while handling: ");
        line.put_foreign({request, size});
    }
    line.put("\nNative stack (innermost frame first):\n");
    line.write_to(g_fd);
}

extern "C" void on_fault(int signo, siginfo_t* info, void* context) {
    const int saved = errno;
    if (signo == SIGABRT && info->si_code != SI_TKILL) {
        call(g_on_abort, signo, info, context);
        errno = saved;
        return;
    }
    pid_t nobody = 0;
    if (!g_reporting.compare_exchange_strong(nobody, ::gettid())) {
        if (nobody == ::gettid()) die_of(signo);  // the report itself failed
        for (;;) ::pause();                       // the first thread ends the process
    }
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(kSecondsToReport);
    say_what_happened(signo, *info);
    void* frames[kDepth];
    ::backtrace_symbols_fd(frames, ::backtrace(frames, kDepth), g_fd);
    call(g_next[static_cast<std::size_t>(signo)], signo, info, context);
    die_of(signo);
}

/// What was there before goes to `before`; that is nothing new when it was ours.
void install(int signo, struct sigaction& before) noexcept {
    struct sigaction ours {};
    ours.sa_sigaction = on_fault;
    // As faulthandler's: a fault of the report itself comes through, and kills.
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    ::sigemptyset(&ours.sa_mask);
    struct sigaction found {};
    if (::sigaction(signo, &ours, &found) != 0) return;
    if ((found.sa_flags & SA_SIGINFO) != 0 && found.sa_sigaction == on_fault) return;
    before = found;
}

}  // namespace

void report_crashes(int fd, const WorkerSlot& slot) noexcept {
    g_fd = fd;
    g_slot = &slot;
    g_worker = ::getpid();
    // The first call loads the unwinder, which allocates: no handler may do so.
    void* frame = nullptr;
    ::backtrace(&frame, 1);
    for (const int signo : kFaults) {
        if (!kHasSanitizer) install(signo, g_next[static_cast<std::size_t>(signo)]);
    }
    install(SIGABRT, g_next[SIGABRT]);
}

void keep_reporting_aborts() noexcept { install(SIGABRT, g_on_abort); }

void block_signals_but_faults() noexcept {
    sigset_t most;
    ::sigfillset(&most);
    for (const int signo : kFaults) ::sigdelset(&most, signo);
    ::pthread_sigmask(SIG_SETMASK, &most, nullptr);
}

}  // namespace gunicorn::server
