#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace gunicorn::server {

class SecureConnection;

/// For a connection of which bytes have been read that belong to somebody else: answers one end of a socket pair,
/// which gives `early` first and then whatever the connection gives; what is written to it goes to the connection.
/// A thread of its own, which runs no code of Python, relays until both directions have ended or one side is gone.
/// What the application left when it closed its end is given up once the connection has taken nothing of it for
/// `patience`. Both descriptors are in blocking mode. Any thread.
Result<UniqueFd> start_relay(UniqueFd connection, std::string early,
                             std::chrono::milliseconds patience = std::chrono::seconds(30));

/// The same for a connection that is encrypted, with a socket of its own (SecureConnection::move_to): the end of the pair
/// has the plaintext.
Result<UniqueFd> start_relay(std::unique_ptr<SecureConnection> connection, std::string early,
                             std::chrono::milliseconds patience = std::chrono::seconds(30));

/// Relays of this process that have something to carry still, or may have: nobody should end the process under them. Any
/// thread.
[[nodiscard]] std::size_t active_relays() noexcept;

}  // namespace gunicorn::server
