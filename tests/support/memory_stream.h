#pragma once
// A connection without a socket: the test is its peer, and the event loop that tells the session what came true.

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/unique_fd.h"
#include "server/net/stream.h"

namespace gunicorn::test {

class MemoryStream;

/// The other end of one connection, which outlives the stream. Nothing reaches the session but from deliver(), as
/// nothing does but from an event loop.
class Peer {
public:
    static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

    // What the peer does.
    void send(std::string_view bytes) { sent_ += bytes; }
    void end() { has_ended_ = true; }               ///< no more bytes from here; it goes on reading
    void reset() { has_reset_ = true; }             ///< neither reads nor writes any more
    void stop_reading() { reads_no_more_ = true; }  ///< what is sent to it fails
    /// How many more bytes fit into the buffers between the two ends.
    void set_room(std::size_t bytes) { room_ = bytes; }
    void add_room(std::size_t bytes) { room_ = bytes > kUnlimited - room_ ? kUnlimited : room_ + bytes; }
    /// Its kernel has taken so many bytes of the output; room is another matter.
    void acknowledge(std::size_t bytes) { acknowledged_ += bytes; }
    /// As a stream that encrypts: what reading answers once instead of the peer's bytes, and why.
    void break_tls(server::IoStatus status, std::string failure) {
        tls_status_ = status;
        failure_ = std::move(failure);
    }
    void shake_hands(bool is_shaking) { is_shaking_hands_ = is_shaking; }
    /// What happens while the session blocks until there is room.
    std::function<void()> on_wait = [this] { add_room(1000); };

    // What it sees.
    [[nodiscard]] const std::string& received() const { return received_; }
    [[nodiscard]] bool output_has_ended() const { return output_has_ended_; }  ///< shutdown_write() or close()
    [[nodiscard]] bool is_closed() const { return is_closed_; }
    [[nodiscard]] bool was_reset() const { return was_reset_; }
    /// Bytes that the session had not read when it closed: a kernel would answer them with a reset.
    [[nodiscard]] std::size_t unread() const { return sent_.size(); }
    /// A write that failed was followed by another one.
    [[nodiscard]] bool was_written_after_failure() const { return was_written_after_failure_; }
    /// What was handed to TLS when it began; nothing: it did not.
    [[nodiscard]] const std::optional<std::string>& early() const { return early_; }
    /// How many times the session has blocked until there was room.
    [[nodiscard]] int waits() const { return waits_; }

    // The event loop.
    /// Whether an answer is outstanding, true now or not.
    [[nodiscard]] bool is_awaited() const;
    /// Tells the session one thing that came true; false when there is none.
    bool deliver();

private:
    friend class MemoryStream;

    std::string sent_;
    std::string received_;
    std::size_t room_ = kUnlimited;
    std::size_t acknowledged_ = 0;
    std::optional<server::IoStatus> tls_status_;
    std::string failure_;
    std::optional<std::string> early_;
    bool is_shaking_hands_ = false;
    MemoryStream* stream_ = nullptr;
    int waits_ = 0;
    bool has_ended_ = false;
    bool has_reset_ = false;
    bool reads_no_more_ = false;
    bool output_has_ended_ = false;
    bool is_closed_ = false;
    bool was_reset_ = false;
    bool has_failed_ = false;
    bool was_written_after_failure_ = false;
};

class MemoryStream final : public server::Stream {
public:
    MemoryStream(Peer& peer, server::StreamClient& client)
        : peer_(peer), client_(client), always_ready_(::eventfd(0, EFD_CLOEXEC)) {
        peer_.stream_ = this;
    }
    ~MemoryStream() override { peer_.stream_ = nullptr; }

    server::IoResult read_some(char* buffer, std::size_t size) override {
        if (peer_.is_closed_ || peer_.has_reset_) return {server::IoStatus::closed, 0};
        if (const auto status = std::exchange(peer_.tls_status_, std::nullopt)) return {*status, 0};
        if (peer_.sent_.empty())
            return {peer_.has_ended_ ? server::IoStatus::closed : server::IoStatus::would_block, 0};
        const std::size_t count = peer_.sent_.copy(buffer, size);
        peer_.sent_.erase(0, count);
        return {server::IoStatus::ok, count};
    }
    void start_read(char* buffer, std::size_t size) override {
        GN_ASSERT(!read_, "one read at a time");
        read_ = {buffer, size};
    }
    server::IoResult write_some(std::span<const iovec> parts) override {
        if (const auto refused = refusal()) return *refused;
        std::size_t count = 0;
        for (const iovec& part : parts) {
            const std::size_t most = std::min(part.iov_len, peer_.room_);
            peer_.received_.append(static_cast<const char*>(part.iov_base), most);
            take_room(most);
            count += most;
        }
        GN_ASSERT(count > 0, "what is written has bytes");
        return {server::IoStatus::ok, count};
    }
    server::IoResult send_file(int file, std::uint64_t offset, std::size_t size) override {
        if (const auto refused = refusal()) return *refused;
        std::string bytes(std::min({size, peer_.room_, std::size_t{64U << 10U}}), '\0');
        const ssize_t got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (got <= 0) return {server::IoStatus::file_failed, 0};
        peer_.received_.append(bytes.data(), static_cast<std::size_t>(got));
        take_room(static_cast<std::size_t>(got));
        return {server::IoStatus::ok, static_cast<std::size_t>(got)};
    }
    void start_write_wait() override {
        GN_ASSERT(!waits_for_room_, "one wait at a time");
        waits_for_room_ = true;
    }
    [[nodiscard]] bool is_waiting() const override { return read_ || waits_for_room_; }
    [[nodiscard]] std::size_t unacknowledged() const override {
        return peer_.received_.size() - std::min(peer_.acknowledged_, peer_.received_.size());
    }
    [[nodiscard]] bool has_unread() const override { return !peer_.sent_.empty(); }
    void reset() override { peer_.was_reset_ = true; }
    void shutdown_write() override { peer_.output_has_ended_ = true; }
    void close() override { peer_.is_closed_ = peer_.output_has_ended_ = true; }
    Result<Shared> share(std::string) override {
        return Unexpected{Error{ErrorKind::system, 0, "a connection in memory has no descriptor to share"}};
    }
    void reclaim() override {}
    void begin_tls(std::string_view already_read) override {
        GN_ASSERT(!peer_.early_, "TLS begins once");
        peer_.early_ = already_read;
        peer_.sent_.insert(0, already_read);
    }
    [[nodiscard]] bool is_shaking_hands() const override { return peer_.is_shaking_hands_; }
    [[nodiscard]] std::vector<gateway::TlsFact> tls_facts() const override { return {{"SSL_PROTOCOL", "TLSv1.3"}}; }
    [[nodiscard]] std::string_view failure() const override { return peer_.failure_; }
    void shutdown_all() override { peer_.has_ended_ = peer_.output_has_ended_ = true; }
    /// Asked for only to wait with poll(2), which is over at once.
    [[nodiscard]] int fd() const override {
        ++peer_.waits_;
        peer_.on_wait();
        const std::uint64_t one = 1;
        static_cast<void>(::write(always_ready_.get(), &one, sizeof one) < 0);
        return always_ready_.get();
    }

private:
    friend class Peer;
    struct Buffer {
        char* bytes;
        std::size_t size;
    };

    std::optional<server::IoResult> refusal() {
        GN_ASSERT(!peer_.output_has_ended_, "nothing is written behind the end");
        if (peer_.has_failed_) peer_.was_written_after_failure_ = true;
        if (peer_.has_reset_ || peer_.reads_no_more_) peer_.has_failed_ = true;
        if (peer_.has_failed_) return server::IoResult{server::IoStatus::closed, 0};
        if (peer_.room_ == 0) return server::IoResult{server::IoStatus::would_block, 0};
        return std::nullopt;
    }
    void take_room(std::size_t count) {
        if (peer_.room_ != Peer::kUnlimited) peer_.room_ -= count;
    }

    Peer& peer_;
    server::StreamClient& client_;
    UniqueFd always_ready_;
    std::optional<Buffer> read_;
    bool waits_for_room_ = false;
};

inline bool Peer::is_awaited() const { return stream_ != nullptr && stream_->is_waiting(); }

inline bool Peer::deliver() {
    if (stream_ == nullptr) return false;
    MemoryStream& stream = *stream_;  // gone behind a call of its client, perhaps
    if (stream.waits_for_room_ && (room_ > 0 || has_reset_ || is_closed_)) {
        stream.waits_for_room_ = false;
        stream.client_.on_writable();
        return true;
    }
    if (!stream.read_) return false;
    const server::IoResult got = stream.read_some(stream.read_->bytes, stream.read_->size);
    if (got.status == server::IoStatus::would_block) return false;
    stream.read_.reset();
    stream.client_.on_read(got);
    return true;
}

}  // namespace gunicorn::test
