#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/result.h"

namespace gunicorn::server {

/// The keys that session tickets are sealed with (RFC 5077 4; RFC 8446 4.6.1), in memory that the master shares with its
/// workers: a client resumes its session with whichever worker it meets. **Fork**: made before it, by the master, which
/// alone rotates; any process reads, without a lock. The process that made them wipes them when they die, after its workers.
class TicketKeys {
public:
    struct Key {
        std::array<unsigned char, 16> name;    ///< stands in the ticket
        std::array<unsigned char, 32> cipher;  ///< AES-256-CBC
        std::array<unsigned char, 32> mac;     ///< HMAC-SHA-256
    };
    struct Found {
        Key key;
        bool is_current = false;  ///< false: the client gets a new ticket
    };

    static Result<TicketKeys> create();
    TicketKeys(TicketKeys&& other) noexcept;
    TicketKeys& operator=(TicketKeys&& other) noexcept;
    ~TicketKeys();

    /// For new tickets.
    [[nodiscard]] Key current() const;
    /// The key of that name, as long as its tickets are accepted: while it is current, and for two rotations behind that
    /// one.
    [[nodiscard]] std::optional<Found> find(std::span<const unsigned char, 16> name) const;
    /// A new key for new tickets. Fails only when the system gives no random bytes; then nothing has changed.
    Result<void> rotate();

private:
    struct Shared;
    explicit TicketKeys(Shared* shared) noexcept : shared_(shared) {}
    Shared* shared_ = nullptr;  // a shared anonymous mapping
};

}  // namespace gunicorn::server
