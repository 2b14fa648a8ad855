#include "server/arbiter/sd_notify.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace gunicorn::server {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kUnsentLimit = 16;  // messages; a manager that reads none of so many is not listening
constexpr Duration kExtendEvery = std::chrono::seconds(10);
constexpr microseconds kExtension = std::chrono::minutes(1);

/// Once `now` is behind `last` by `every`, or at the first time.
bool is_due(std::optional<TimePoint>& last, Duration every, TimePoint now) {
    if (last && now < *last + every) return false;
    last = now;
    return true;
}

std::string count_of_workers(std::size_t count) { return fmt::format("{} worker{}", count, count == 1 ? "" : "s"); }

}  // namespace

std::optional<NotifyAddress> parse_notify_socket(std::string_view text) noexcept {
    NotifyAddress address;
    if (text.size() < 2 || (text[0] != '/' && text[0] != '@')) return std::nullopt;
    const bool is_path = text[0] == '/';
    // A path ends with a zero byte; of an abstract name all bytes count, and the zero byte is its first.
    if (text.size() + (is_path ? 1 : 0) > sizeof address.name.sun_path) return std::nullopt;
    address.name.sun_family = AF_UNIX;
    std::memcpy(address.name.sun_path, text.data(), text.size());
    if (!is_path) address.name.sun_path[0] = '\0';
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (is_path ? 1 : 0));
    return address;
}

ServiceManager ServiceManager::read(const char* socket, const char* watchdog_usec, const char* watchdog_pid, pid_t process) {
    ServiceManager manager;
    if (socket == nullptr) return manager;
    manager.socket = socket;
    if (watchdog_usec == nullptr) return manager;
    if (watchdog_pid != nullptr && text::parse_decimal(watchdog_pid) != static_cast<std::uint64_t>(process)) return manager;
    const auto usec = text::parse_decimal(watchdog_usec);
    constexpr auto kMost = static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(Duration::max()).count());
    if (usec && *usec <= kMost) manager.watchdog = microseconds(*usec);
    return manager;
}

ServiceManager ServiceManager::of_environment() {
    return read(::getenv("NOTIFY_SOCKET"), ::getenv("WATCHDOG_USEC"), ::getenv("WATCHDOG_PID"), ::getpid());
}

ServiceState ServiceState::of(const ProcessTable& workers, const Policy& policy) noexcept {
    ServiceState state{.ready = 0, .all = workers.size(), .wanted = policy.wanted, .is_stopping = policy.stop.has_value()};
    for (const WorkerRow& row : workers.rows()) {
        if (row.state == WorkerState::ready) ++state.ready;
    }
    return state;
}

std::string ServiceState::text() const {
    if (is_stopping) return fmt::format("Stopping; {} left", count_of_workers(all));
    if (ready >= wanted) return count_of_workers(wanted);
    return fmt::format("{} of {} ready", ready, count_of_workers(wanted));
}

ServiceNotifier::ServiceNotifier(ServiceManager manager, gateway::LogSink& log)
    : manager_(std::move(manager)), address_(parse_notify_socket(manager_.socket)), log_(log) {
    if (address_ || manager_.socket.empty()) return;
    log_.warning("NOTIFY_SOCKET is no path or name of a unix socket: " + text::repr(manager_.socket));
}

void ServiceNotifier::tick(const ServiceState& state, TimePoint now) {
    if (!address_) return;
    if (is_silent_) return flush();  // MAINPID may be left
    const ServiceState before = std::exchange(told_, state);
    if (state.is_stopping && !before.is_stopping) {
        is_reloading_ = false;
        tell("STOPPING=1\nSTATUS=" + state.text());
    } else if (!is_ready_ && state.is_serving()) {
        is_ready_ = true;
        tell("READY=1\nSTATUS=" + state.text());
    } else if (!is_reloading_ && state.text() != before.text()) {
        tell("STATUS=" + state.text());
    }
    if (!state.is_stopping && (!is_ready_ || is_reloading_)) extend(now);
    if (manager_.watchdog > Duration::zero() && is_due(watchdog_at_, manager_.watchdog / 2, now)) tell("WATCHDOG=1");
    flush();
}

void ServiceNotifier::extend(TimePoint now) {
    if (is_due(extended_at_, kExtendEvery, now)) tell(fmt::format("EXTEND_TIMEOUT_USEC={}", kExtension.count()));
}

void ServiceNotifier::reloading(TimePoint now) {
    if (!is_ready_) return;  // nor while silent
    is_reloading_ = true;
    // Clock is CLOCK_MONOTONIC, which is what the manager compares with.
    const auto since_boot = std::chrono::duration_cast<microseconds>(now.time_since_epoch());
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reloading", since_boot.count()));
    flush();
}

void ServiceNotifier::reloaded(std::string_view outcome) {
    if (!is_reloading_) return;
    is_reloading_ = false;
    tell(fmt::format("READY=1\nSTATUS={}; {}", outcome, told_.text()));
    flush();
}

void ServiceNotifier::main_process(pid_t pid) {
    tell(fmt::format("MAINPID={}", pid));
    flush();
}

void ServiceNotifier::be_silent(bool silent) {
    if (std::exchange(is_silent_, silent) == silent) return;
    told_ = {};
    is_ready_ = false;
    is_reloading_ = false;
    watchdog_at_.reset();
}

Duration ServiceNotifier::until_due(TimePoint now) const noexcept {
    if (!address_ || is_silent_ || manager_.watchdog == Duration::zero()) return Duration::max();
    return watchdog_at_ ? std::max(Duration::zero(), *watchdog_at_ + manager_.watchdog / 2 - now) : Duration::zero();
}

void ServiceNotifier::tell(std::string message) {
    if (!address_) return;
    if (unsent_.size() == kUnsentLimit) unsent_.pop_front();
    unsent_.push_back(std::move(message));
}

void ServiceNotifier::flush() {
    if (unsent_.empty()) return;
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return;
    while (!unsent_.empty()) {
        const std::string& message = unsent_.front();
        const ssize_t sent = ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                                      reinterpret_cast<const sockaddr*>(&address_->name), address_->length);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) return;
        if (sent < 0) {
            const Error error = sys::system_error("cannot tell the service manager at " + manager_.socket);
            if (!std::exchange(is_broken_, true)) log_.warning(error.message);
            unsent_.clear();
            return;
        }
        is_broken_ = false;
        unsent_.pop_front();
    }
}

}  // namespace gunicorn::server
