#pragma once
// What the kernel does with connections that nobody has accepted yet. Nothing here can fail in a way that matters: where the
// kernel refuses, everything works, only less well.

#include <cstdint>
#include <optional>

namespace gunicorn::server {

/// TCP: the kernel hands a connection over with its first bytes, or a second later without. HTTP clients speak first, so one
/// wake-up does for both.
void defer_accept(int fd, bool wanted);

/// Whoever waits in the queue, or is in the middle of a handshake, can still be accepted; nobody joins them. On a unix
/// socket newcomers are refused. On TCP their SYN is dropped: they try again a second later, and are refused or served by
/// whatever listens then. Without this, who comes between the last accept() and close() is reset, and a busy queue never is
/// empty.
///
/// It cannot be undone, and it is the socket's, in every process that has it.
void keep_newcomers_out(int fd, int family);

/// How many connections wait to be accepted on a listening socket; nothing when the kernel does not tell, or it does not
/// listen.
[[nodiscard]] std::optional<std::uint32_t> queued_connections(int fd, int family);

}  // namespace gunicorn::server
