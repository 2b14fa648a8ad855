#include "server/preflight/planned_addresses.h"

#include <filesystem>
#include <system_error>

#include "base/sys.h"
#include "server/arbiter/bound_listeners.h"
#include "server/preflight/listening_sockets.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

Result<Endpoint> resolved(const Address& address) {
    GN_TRY(const SocketAddress found, resolve(address));
    return Endpoint::of(found);
}

/// `bound` is what somebody gave to bind(), relative to a directory that nobody knows.
bool is_same_socket(const std::string& bound, const PlannedAddress& planned) {
    return bound == planned.address.path || (bound.starts_with('/') && is_same_place(bound, planned.path));
}

}  // namespace

bool is_same_place(const std::string& a, const std::string& b) {
    const std::filesystem::path first(a);
    const std::filesystem::path second(b);
    std::error_code error;
    return a == b || (first.filename() == second.filename() &&
                      std::filesystem::equivalent(first.parent_path(), second.parent_path(), error));
}

std::vector<PlannedAddress> planned_addresses(const config::Settings& settings) {
    std::vector<PlannedAddress> planned;
    const auto add = [&](const std::string& text, config::SettingId setting) {
        auto address = Address::parse(text);
        if (!address) return;
        PlannedAddress one{*std::move(address), Endpoint(), {}, setting};
        if (one.address.kind == AddressKind::tcp) one.endpoint = resolved(one.address);
        if (one.address.kind == AddressKind::unix_socket) one.path = sys::absolute_path(one.address.path, settings.chdir);
        planned.push_back(std::move(one));
    };
    for (const std::string& text : settings.bind) add(text, config::SettingId::bind);
    for (const std::string& text : status_addresses(settings)) add(text, config::SettingId::status_bind);
    return planned;
}

std::vector<Obstruction> obstructions(const std::vector<PlannedAddress>& planned, const Host& host) {
    const DualStack ours = host.ipv6_only ? DualStack::no : DualStack::yes;
    const std::vector<TcpListener> tcp = tcp_listeners(host.proc);
    const std::vector<UnixListener> unix_sockets = unix_listeners(host.proc);
    std::vector<Obstruction> found;
    for (std::size_t entry = 0; entry < planned.size(); ++entry) {
        const PlannedAddress& one = planned[entry];
        if (one.address.kind == AddressKind::tcp && one.endpoint) {
            for (const TcpListener& other : tcp) {
                const Overlap how = overlap(*one.endpoint, ours, other.endpoint, DualStack::unknown);
                if (how == Overlap::no) continue;
                found.push_back({entry, how, to_string(other.endpoint), other.user, holders_of(other.inode, host.proc)});
            }
        }
        if (one.address.kind == AddressKind::unix_socket) {
            for (const UnixListener& other : unix_sockets) {
                if (!is_same_socket(other.path, one)) continue;
                found.push_back({entry, Overlap::yes, other.path, std::nullopt, holders_of(other.inode, host.proc)});
            }
        }
    }
    return found;
}

}  // namespace gunicorn::server::preflight
