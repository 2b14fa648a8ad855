#pragma once
// Who listens on this host: the tables in /proc/net, and the processes behind them. Only the network namespace of this
// process.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/preflight/endpoint.h"

namespace gunicorn::server::preflight {

struct TcpListener {
    Endpoint endpoint;
    uid_t user = 0;  ///< who made the socket
    std::uint64_t inode = 0;
};

/// The listening rows of the text of /proc/net/tcp or /proc/net/tcp6; what is no row is skipped.
[[nodiscard]] std::vector<TcpListener> parse_tcp_table(std::string_view text);

struct UnixListener {
    std::string path;  ///< as it was given to bind(), perhaps relative to a directory that nobody knows
    std::uint64_t inode = 0;
};

/// The same of /proc/net/unix; sockets without a file are left out.
[[nodiscard]] std::vector<UnixListener> parse_unix_table(std::string_view text);

[[nodiscard]] std::vector<TcpListener> tcp_listeners(const std::string& proc);
[[nodiscard]] std::vector<UnixListener> unix_listeners(const std::string& proc);

/// The processes that hold a socket, as far as this user may see them; in order.
[[nodiscard]] std::vector<pid_t> holders_of(std::uint64_t inode, const std::string& proc);

}  // namespace gunicorn::server::preflight
