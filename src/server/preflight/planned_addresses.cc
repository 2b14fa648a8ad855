#include "server/preflight/planned_addresses.h"

#include <filesystem>
#include <system_error>

#include "server/preflight/listening_sockets.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

Result<Endpoint> resolved(const Address& address) {
    GN_TRY(const SocketAddress found, resolve(address));
    return Endpoint::of(found);
}

/// Whether a socket that was bound to `bound` is the one at `path`, however the way there was written.
bool is_same_socket(const std::string& bound, const PlannedAddress& planned) {
    if (bound == planned.path || bound == planned.address.path) return true;
    if (!bound.starts_with('/')) return false;
    const std::filesystem::path a(bound);
    const std::filesystem::path b(planned.path);
    std::error_code error;
    return a.filename() == b.filename() && std::filesystem::equivalent(a.parent_path(), b.parent_path(), error);
}

}  // namespace

std::vector<PlannedAddress> planned_addresses(const config::Settings& settings) {
    std::vector<PlannedAddress> planned;
    for (const std::string& text : settings.bind) {
        auto address = Address::parse(text);
        if (!address) continue;
        PlannedAddress one{*std::move(address), Endpoint(), {}};
        if (one.address.kind == AddressKind::tcp) one.endpoint = resolved(one.address);
        if (one.address.kind == AddressKind::unix_socket) one.path = absolute_path(one.address.path, settings.chdir);
        planned.push_back(std::move(one));
    }
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
