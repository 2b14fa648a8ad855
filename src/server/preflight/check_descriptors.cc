#include <fcntl.h>
#include <sys/socket.h>

#include <optional>

#include <fmt/format.h>

#include "server/preflight/inspection.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

constexpr int kFirstOfSystemd = 3;  // SD_LISTEN_FDS_START

/// What came through exec has no FD_CLOEXEC; with it, the descriptor is one of our own that happens to have the number.
bool is_inherited(int fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

int option_of(int fd, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

/// Why Listener::adopt() would refuse it.
std::optional<std::string> fault_of(int fd) {
    const int type = option_of(fd, SO_TYPE);
    if (type < 0) return "is no socket";
    const int family = option_of(fd, SO_DOMAIN);
    const bool is_known = family == AF_INET || family == AF_INET6 || family == AF_UNIX;
    if (type != SOCK_STREAM || !is_known) return "is a socket of another kind; TCP and unix streams are served";
    if (option_of(fd, SO_ACCEPTCONN) != 1) return "is a socket that does not listen";
    return std::nullopt;
}

}  // namespace

void check_descriptors(const Inspection& inspection) {
    for (const PlannedAddress& planned : inspection.planned) {
        if (planned.address.kind != AddressKind::descriptor) continue;
        const int fd = planned.address.fd;
        if (!is_inherited(fd)) {
            // Whoever starts the server may well pass it; whoever checks seldom does.
            inspection.findings.report_as(
                Severity::warning, DiagId::bad_inherited_socket, SettingId::bind,
                fmt::format("fd://{}: the descriptor is not open here; what starts the server must pass it", fd),
                "the first socket of a systemd .socket unit is fd://3");
        } else if (const auto fault = fault_of(fd)) {
            inspection.findings.report(DiagId::bad_inherited_socket, SettingId::bind, fmt::format("fd://{} {}", fd, *fault));
        }
    }
    for (int fd = kFirstOfSystemd; fd < kFirstOfSystemd + inspection.host.systemd_descriptors; ++fd) {
        const auto fault = is_inherited(fd) ? fault_of(fd) : "is not open";
        if (!fault) continue;
        inspection.findings.report(DiagId::bad_inherited_socket, SettingId::bind,
                                   fmt::format("descriptor {}, which LISTEN_FDS announces, {}", fd, *fault));
    }
}

}  // namespace gunicorn::server::preflight
