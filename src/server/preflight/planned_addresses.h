#pragma once
// What `bind` and `status_bind` ask for, and who has it already.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/registry.h"
#include "config/settings.gen.h"
#include "server/net/address.h"
#include "server/preflight/endpoint.h"
#include "server/preflight/host.h"

namespace gunicorn::server::preflight {

struct PlannedAddress {
    Address address;
    Result<Endpoint> endpoint;                            ///< tcp only: where the host leads, or why nowhere
    std::string path;                                     ///< unix only: absolute
    config::SettingId setting = config::SettingId::bind;  ///< or status_bind
};

/// The entries of bind, and then that of status_bind, that can be understood; the others are findings of their own.
/// **Blocks** for host names (resolve()).
[[nodiscard]] std::vector<PlannedAddress> planned_addresses(const config::Settings& settings);

/// Whether two absolute paths name one socket, however the way there is written.
[[nodiscard]] bool is_same_place(const std::string& a, const std::string& b);

/// A listening socket in the way of one of them.
struct Obstruction {
    std::size_t entry = 0;  ///< which planned address
    Overlap overlap = Overlap::yes;
    std::string at;              ///< "0.0.0.0:80", or a path
    std::optional<uid_t> user;   ///< who made it; not known of unix sockets
    std::vector<pid_t> holders;  ///< empty when this user may not see them
};

/// In the order of the addresses.
[[nodiscard]] std::vector<Obstruction> obstructions(const std::vector<PlannedAddress>& planned, const Host& host);

}  // namespace gunicorn::server::preflight
