#pragma once
// One connection's bytes: plain, or encrypted by OpenSSL or Python's ssl.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/exchange.h"

namespace gunicorn::gateway {
class TlsChannelFactory;
}  // namespace gunicorn::gateway

namespace gunicorn::server {

enum class IoStatus {
    ok,
    would_block,
    closed,       ///< the peer ended its side (reading), or the connection is gone
    file_failed,  ///< send_file() only: the file, not the connection
    not_tls,      ///< reading only: plain HTTP came where TLS was to begin. The stream is plain from now on, for an answer
    tls_failed,   ///< reading only: the handshake or a record was refused. What still comes is read undeciphered, for
                  ///< lingering
};

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t count = 0;  ///< bytes of plaintext
};

/// Told when something a stream waited for came true. Never called from inside the call that asked for it.
class StreamClient {
public:
    /// The answer to start_read(): bytes are in the buffer that was given.
    virtual void on_read(IoResult result) = 0;
    /// The answer to start_write_wait(): write_some() is worth another attempt.
    virtual void on_writable() = 0;

protected:
    ~StreamClient() = default;
};

/// A non-blocking, ordered stream of plaintext bytes. Used by the engine's thread only. After close() the answers that are
/// still outstanding come with IoStatus::closed; the stream and its client live until then (is_waiting()).
class Stream {
public:
    virtual ~Stream() = default;
    /// What is there now.
    virtual IoResult read_some(char* buffer, std::size_t size) = 0;
    /// Calls client.on_read() once. `buffer` lives until then.
    virtual void start_read(char* buffer, std::size_t size) = 0;
    /// Takes some of `parts`, from their beginning. After would_block the next call brings the same bytes again, and may
    /// bring more behind them.
    virtual IoResult write_some(std::span<const iovec> parts) = 0;
    /// From a file, by the kernel where it can. After would_block as write_some().
    virtual IoResult send_file(int file, std::uint64_t offset, std::size_t size) = 0;
    /// Calls client.on_writable() once.
    virtual void start_write_wait() = 0;
    /// Whether an answer is outstanding.
    [[nodiscard]] virtual bool is_waiting() const = 0;
    /// Bytes of ours that the peer's kernel has not acknowledged yet; on a unix socket, what the peer has not read, in units
    /// of the kernel. It falls as the peer takes them, long before there is room enough for on_writable().
    [[nodiscard]] virtual std::size_t unacknowledged() const = 0;
    /// Whether bytes of the peer wait in the kernel to be read.
    [[nodiscard]] virtual bool has_unread() const = 0;
    /// The next close() resets the connection instead of ending it in order.
    virtual void reset() = 0;
    /// No more bytes from us; the peer's may still come.
    virtual void shutdown_write() = 0;
    virtual void close() = 0;
    [[nodiscard]] virtual int fd() const = 0;

    /// A descriptor of the connection for somebody else.
    struct Shared {
        UniqueFd socket;          ///< in blocking mode
        bool is_relayed = false;  ///< one end of a pair, which a thread relays to the connection until both sides are done
    };
    /// A second descriptor, from which `unread`, bytes of the peer that were read already, comes first. Where it is the
    /// connection's own, the blocking mode is one for both: nothing but write_some() may be called until reclaim(). Any
    /// thread, while the stream is not in use.
    virtual Result<Shared> share(std::string unread) = 0;
    /// Takes the blocking mode back.
    virtual void reclaim() = 0;
    /// No more bytes in either direction, for the holder of a shared descriptor as well.
    virtual void shutdown_all() = 0;

    // Of streams that encrypt; a plain one has nothing to say.
    /// Until it is called, such a stream is plain too: a PROXY header comes before TLS. `already_read` are bytes that were
    /// read and belong to the handshake.
    virtual void begin_tls(std::string_view already_read) { static_cast<void>(already_read); }
    /// The peer has begun a handshake that is not done.
    [[nodiscard]] virtual bool is_shaking_hands() const { return false; }
    /// Once the handshake is done.
    [[nodiscard]] virtual std::vector<gateway::TlsFact> tls_facts() const { return {}; }
    /// Of tls_failed, and of `closed` where the end was not in order: "handshake failed: no shared cipher". Else empty.
    [[nodiscard]] virtual std::string_view failure() const { return {}; }
};

class EventLoop;
class TlsContext;

/// A connection that ends without close_notify (suppress_ragged_eofs): whether failure() tells.
enum class RaggedEnds { ignored, told };

/// Over a connected TCP or unix socket, which is non-blocking.
std::unique_ptr<Stream> make_plain_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client);
/// The same, encrypted by OpenSSL from begin_tls() on. `context` outlives it.
std::unique_ptr<Stream> make_tls_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client,
                                        const TlsContext& context);
/// The same, encrypted by channels of the gateway. `channels` outlives it.
std::unique_ptr<Stream> make_channel_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client,
                                            gateway::TlsChannelFactory& channels, RaggedEnds ragged_ends);

}  // namespace gunicorn::server
