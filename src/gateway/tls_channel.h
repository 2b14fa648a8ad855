#pragma once
// TLS without a socket, for contexts that only Python understands (the ssl_context hook). Ciphertext goes in and comes out;
// whoever has the socket carries it.
//
// **GIL**: any thread may call, whether or not it holds the GIL. What needs it takes it for the call alone; other threads of
// Python run while OpenSSL computes. Each method says whether it needs it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/exchange.h"

namespace gunicorn::gateway {

enum class TlsStatus {
    ok,
    wants_input,  ///< goes on when more ciphertext has come
    closed,       ///< the peer said that it sends no more (close_notify)
    failed,       ///< for good; failure() says why
};

/// The server's side of one connection. One thread at a time. Every call may add to output(), a failed one too: the alert.
class TlsChannel {
public:
    virtual ~TlsChannel() = default;  ///< takes the GIL

    /// Ciphertext of the peer; kept for the calls below. GIL: not needed.
    virtual void receive(std::string_view ciphertext) = 0;
    /// Something was received since the last answer `wants_input`: asking for plaintext may give some. GIL: not needed.
    [[nodiscard]] virtual bool may_go_on() const = 0;

    /// Comes first, until it is ok. Takes the GIL.
    virtual TlsStatus handshake() = 0;
    /// Plaintext, at most `size` bytes of it, and with `ok` at least one. Takes the GIL.
    virtual TlsStatus read(char* buffer, std::size_t size, std::size_t& count) = 0;
    /// Encrypts all of it. `ok` or `failed`. Takes the GIL.
    virtual TlsStatus write(std::string_view plaintext) = 0;
    /// Says that no more comes from us (close_notify), if there was a handshake. Takes the GIL.
    virtual void shut_down() = 0;

    /// Ciphertext for the peer. The caller takes away what was sent. GIL: not needed.
    [[nodiscard]] virtual std::string& output() = 0;
    /// After `failed`: one line, in OpenSSL's words. GIL: not needed.
    [[nodiscard]] virtual const std::string& failure() const = 0;
    /// After the handshake: what it settled. Takes the GIL.
    virtual std::vector<TlsFact> facts() = 0;
};

/// Makes the channels of one worker, all of one context. Outlives them.
class TlsChannelFactory {
public:
    virtual ~TlsChannelFactory() = default;  ///< takes the GIL
    /// Takes the GIL.
    virtual Result<std::unique_ptr<TlsChannel>> make_channel() = 0;
    /// What Python knows of a thread that is not its own stays until the answer dies, so that it is not made anew for each
    /// call. Both ends take the GIL.
    class KnownThread {
    public:
        virtual ~KnownThread() = default;
    };
    virtual std::unique_ptr<KnownThread> know_this_thread() = 0;
};

}  // namespace gunicorn::gateway
