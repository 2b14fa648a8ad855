#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/settings.gen.h"
#include "server/arbiter/inheritance.h"
#include "server/net/listener.h"

namespace gunicorn::server {

/// The listening sockets that this process was handed, until they are asked for by address.
class InheritedSockets {
public:
    InheritedSockets() = default;
    /// Takes over all of them; those that only hold a port (reuse_port) need not listen. An Error names the descriptor and
    /// the variable that it came by.
    static Result<InheritedSockets> adopt(const Inheritance& inherited);

    /// The socket that `configured` stands for: the same path, descriptor, or port of the same address; port 0 is any. It is
    /// configured() so from now on, and listens unless `options` share the port. Nothing when there is none. **Blocks** as
    /// resolve() does.
    Result<std::optional<Listener>> take(const Address& configured, const ListenerOptions& options);

    /// Closes what nobody asked for, and answers what it was: "unix:/run/old.sock". The old master still serves there.
    std::vector<std::string> close_rest() noexcept;
    /// Once the old master has gone: the files of unix sockets that close_rest() closed are nobody's any more.
    void remove_files() noexcept;

private:
    std::vector<Listener> sockets_;
};

/// Puts the sockets that systemd passed into the place of `bind`, as fd://N. A warning says which addresses that drops;
/// those that a passed socket has are none.
Diagnostics bind_systemd_sockets(config::Settings& settings, const Inheritance& inherited);

}  // namespace gunicorn::server
