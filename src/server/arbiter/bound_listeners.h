#pragma once
// The listeners of a generation: new ones for new addresses, those that are open already for the others.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.gen.h"
#include "server/net/listener.h"

namespace gunicorn::server {

/// Opens an address that nobody of ours has open.
using OpenListener = std::function<Result<Listener>(const Address& address)>;

/// One listener for each entry of `bind`, in its order. Those of `running` are shared, so that what waits in their backlogs
/// is lost to nobody. After a failure what was opened is closed again, and `running` is as it was.
Result<std::vector<Listener>> bound_listeners(const config::Settings& settings, const std::vector<Listener>& running,
                                              const OpenListener& open);

/// The same for `status_bind`.
Result<std::vector<Listener>> bound_status_listeners(const config::Settings& settings, const std::vector<Listener>& running,
                                                     const OpenListener& open);

/// What `status_bind` names: one address or none.
[[nodiscard]] std::vector<std::string> status_addresses(const config::Settings& settings);

/// Of its socket: the owner and mode of `bind`, and never a shared port.
[[nodiscard]] ListenerOptions status_listener_options(const config::Settings& settings);

enum class SocketFiles {
    remove,
    keep,  ///< another master serves there
};
/// Closes the listeners, and removes the files of unix sockets that are not among `staying`. A socket that came as
/// fd://N belongs to whoever made it; its file stays.
void close_listeners(std::vector<Listener>& closing, const std::vector<Listener>& staying, SocketFiles files) noexcept;

/// Those of `listeners` that are not among `successors`, as bits: 1 << index. Their backlogs are lost unless whoever still
/// has them serves what waits there.
[[nodiscard]] std::uint64_t retired_listeners(const std::vector<Listener>& listeners,
                                              const std::vector<Listener>& successors);

/// "http://127.0.0.1:8000,unix:/run/app.sock", as the log has them.
[[nodiscard]] std::string describe_listeners(const config::Settings& settings, const std::vector<Listener>& listeners);

/// Gunicorn: Config.is_ssl.
[[nodiscard]] Scheme scheme_of(const config::Settings& settings);

}  // namespace gunicorn::server
