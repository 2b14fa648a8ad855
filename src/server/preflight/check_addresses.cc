#include <fmt/format.h>

#include "server/preflight/inspection.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

/// As `bind` says it.
std::string text_of(const Address& address) {
    if (address.kind != AddressKind::tcp) return to_string(address);
    return fmt::format(fmt::runtime(address.is_ipv6() ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

void check_port(const Inspection& inspection, const PlannedAddress& planned) {
    const Host& host = inspection.host;
    const int port = planned.address.port;
    if (port == 0 || port >= host.first_unprivileged_port || host.has(Capability::net_bind_service)) return;
    inspection.findings.report(
        DiagId::privileged_port, planned.setting,
        fmt::format("{}: {} may not listen on ports below {}", text_of(planned.address), name_of_user(host.user),
                    host.first_unprivileged_port),
        "use a port from 1024 on, systemd's AmbientCapabilities=CAP_NET_BIND_SERVICE, or a socket from systemd");
}

void check_host_part(const Inspection& inspection, const PlannedAddress& planned) {
    if (!planned.endpoint) {
        inspection.findings.report(
            DiagId::unknown_host_name, planned.setting,
            fmt::format("{}: the name cannot be resolved ({})", text_of(planned.address), planned.endpoint.error().message));
        return;
    }
    if (planned.endpoint->is_wildcard() || inspection.host.may_bind(planned.endpoint->address)) return;
    const std::string number = planned.endpoint->address.to_string();
    const std::string where = number == planned.address.host ? number : planned.address.host + " is " + number + ", which";
    inspection.findings.report(DiagId::address_not_available, planned.setting,
                               fmt::format("{}: {} is no address of this host", text_of(planned.address), where),
                               "listen on 0.0.0.0, or on an address that `ip address` shows");
}

void report_obstruction(const Inspection& inspection, const Obstruction& socket) {
    const PlannedAddress& planned = inspection.planned[socket.entry];
    const std::string ours = text_of(planned.address);
    const std::string who = describe_holders(socket, inspection.host);
    const std::string at = socket.at == ours ? "" : " at " + socket.at;
    if (inspection.running.holds(socket)) {
        const std::string_view certainty = inspection.running.is_guess() ? "what seems to be " : "";
        inspection.findings.report(
            DiagId::held_by_this_server, planned.setting,
            fmt::format("{} is held by {}the running server of this configuration, {}", ours, certainty, who));
    } else if (planned.setting == SettingId::bind && inspection.settings.reuse_port && socket.user == inspection.host.user) {
        // SO_REUSEPORT shares among sockets of one user, as long as all of them ask for it.
        inspection.findings.report_as(Severity::note, DiagId::address_in_use, planned.setting,
                                      fmt::format("{} is shared with {}{} by reuse_port", ours, who, at));
    } else if (socket.overlap == Overlap::perhaps) {
        inspection.findings.report_as(Severity::warning, DiagId::address_in_use, planned.setting,
                                      fmt::format("{} is in use by {}{}, unless that one is for IPv6 only", ours, who, at));
    } else {
        inspection.findings.report(DiagId::address_in_use, planned.setting,
                                   fmt::format("{} is in use by {}{}", ours, who, at), "stop it, or choose another port");
    }
}

bool is_twice(const PlannedAddress& a, const PlannedAddress& b, const Host& host) {
    if (a.address.kind != b.address.kind) return false;
    switch (a.address.kind) {
        case AddressKind::unix_socket: return is_same_place(a.path, b.path);
        case AddressKind::descriptor: return a.address.fd == b.address.fd;
        case AddressKind::tcp: break;
    }
    const DualStack wildcard = host.ipv6_only ? DualStack::no : DualStack::yes;
    return a.endpoint && b.endpoint && overlap(*a.endpoint, wildcard, *b.endpoint, wildcard) != Overlap::no;
}

}  // namespace

std::string describe_holders(const Obstruction& socket, const Host& host) {
    // The oldest holder: the workers of a server have its sockets too.
    for (const pid_t pid : socket.holders) {
        if (const auto process = process_facts(pid, host.proc)) return to_string(*process);
    }
    return socket.user ? fmt::format("a process of {}", name_of_user(*socket.user)) : "a process of somebody else";
}

void check_tcp_addresses(const Inspection& inspection) {
    for (const PlannedAddress& planned : inspection.planned) {
        if (planned.address.kind != AddressKind::tcp) continue;
        check_port(inspection, planned);
        check_host_part(inspection, planned);
    }
    for (const Obstruction& socket : inspection.in_the_way) {
        if (inspection.planned[socket.entry].address.kind == AddressKind::tcp) report_obstruction(inspection, socket);
    }
}

// Each is bound and listened on before the next: the second fails with "address in use".
void check_overlaps(const Inspection& inspection) {
    const std::vector<PlannedAddress>& planned = inspection.planned;
    for (std::size_t later = 1; later < planned.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const bool is_tcp = planned[later].address.kind == AddressKind::tcp;
            const SettingId setting = planned[later].setting;  // status_bind comes last, and shares no port
            if (is_tcp && inspection.settings.reuse_port && setting == SettingId::bind) continue;
            if (!is_twice(planned[earlier], planned[later], inspection.host)) continue;
            const std::string a = text_of(planned[earlier].address);
            const std::string b = text_of(planned[later].address);
            inspection.findings.report(DiagId::overlapping_addresses, setting,
                                       a == b ? a + " stands twice" : fmt::format("{} and {} exclude each other", a, b),
                                       "leave one of them out");
            break;
        }
    }
}

}  // namespace gunicorn::server::preflight
