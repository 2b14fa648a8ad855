#include "server/arbiter/inheritance.h"

#include <fcntl.h>

#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace gunicorn::server {
namespace {

constexpr int kFirstOfSystemd = 3;      // SD_LISTEN_FDS_START
constexpr int kMostDescriptors = 1024;  // of systemd

/// Nothing when the variable is not set or empty.
Result<std::optional<int>> number_of(const config::Environment& variables, const char* name) {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::optional<int>();
    const auto number = text::parse_decimal(found->second);
    if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
        return failure(ErrorKind::invalid_argument, fmt::format("{}: {} is no number", name, text::repr(found->second)));
    }
    return std::optional<int>(static_cast<int>(*number));
}

Result<std::vector<int>> listed_descriptors(const config::Environment& variables) {
    std::vector<int> descriptors;
    const auto found = variables.find(kListenersVariable);
    if (found == variables.end() || found->second.empty()) return descriptors;
    for (const std::string_view word : text::split(found->second, ',')) {
        const auto number = text::parse_decimal(text::trim(word));
        if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
            return failure(ErrorKind::invalid_argument,
                           fmt::format("{}: {} is no list of descriptors", kListenersVariable, text::repr(found->second)));
        }
        descriptors.push_back(static_cast<int>(*number));
    }
    return descriptors;
}

/// Gunicorn: systemd.listen_fds.
Result<std::vector<int>> systemd_descriptors(const config::Environment& variables, pid_t self) {
    std::vector<int> descriptors;
    GN_TRY(const std::optional<int> meant, number_of(variables, kSystemdPidVariable));
    if (meant != self) return descriptors;
    GN_TRY(const std::optional<int> count, number_of(variables, kSystemdCountVariable));
    if (count.value_or(0) > kMostDescriptors) {
        return failure(ErrorKind::invalid_argument, fmt::format("{}: {} is too many", kSystemdCountVariable, *count));
    }
    for (int i = 0; i < count.value_or(0); ++i) descriptors.push_back(kFirstOfSystemd + i);
    return descriptors;
}

}  // namespace

Result<Inheritance> read_inheritance(const config::Environment& variables, pid_t self) {
    Inheritance inherited;
    GN_TRY(const std::optional<int> old_master, number_of(variables, kOldMasterVariable));
    inherited.old_master = old_master.value_or(0);
    GN_TRY(inherited.descriptors, systemd_descriptors(variables, self));
    inherited.by_systemd = !inherited.descriptors.empty();
    if (inherited.old_master == 0) return inherited;
    GN_TRY(const std::optional<int> report, number_of(variables, kReportVariable));
    inherited.report_fd = report.value_or(-1);
    GN_TRY(const std::optional<int> status, number_of(variables, kStatusVariable));
    inherited.status_fd = status.value_or(-1);
    if (!inherited.by_systemd) {
        GN_TRY(inherited.descriptors, listed_descriptors(variables));
    }
    return inherited;
}

void close_on_exec(const Inheritance& inherited) noexcept {
    for (const int fd : inherited.descriptors) static_cast<void>(::fcntl(fd, F_SETFD, FD_CLOEXEC));
    for (const int fd : {inherited.report_fd, inherited.status_fd}) {
        if (fd >= 0) static_cast<void>(::fcntl(fd, F_SETFD, FD_CLOEXEC));
    }
}

}  // namespace gunicorn::server
