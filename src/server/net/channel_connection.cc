#include "server/net/channel_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gunicorn::server {
namespace {

using gateway::TlsStatus;

constexpr std::size_t kReceived = 16U << 10U;    // of ciphertext, at a time
constexpr std::size_t kMostSilent = 64U << 10U;  // of ciphertext that gives no plaintext: four times the largest record
constexpr std::size_t kKeptMemory = 16U << 10U;  // for ciphertext, while none waits

bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

ChannelConnection::ChannelConnection(gateway::TlsChannelFactory& channels, RaggedEnds ragged_ends, int socket,
                                     std::string_view early)
    : SecureConnection(socket, early), channels_(channels), ragged_ends_(ragged_ends) {}

/// Ciphertext of the peer goes to the channel: `ok` when some came.
IoStatus ChannelConnection::receive() {
    if (!early_.empty()) return pass_on(std::exchange(early_, {}));
    std::array<char, kReceived> buffer;
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) return pass_on({buffer.data(), static_cast<std::size_t>(got)});
    return got < 0 && may_try_again() ? IoStatus::would_block : IoStatus::closed;
}

IoStatus ChannelConnection::pass_on(std::string_view ciphertext) {
    if (!channel_) {
        if (begins_http(ciphertext.front())) {
            has_failed_ = true;
            return IoStatus::not_tls;
        }
        auto made = channels_.make_channel();
        if (!made) return fail("handshake failed: " + made.error().message).status;
        channel_ = *std::move(made);
    }
    if (is_established_) silent_bytes_ += ciphertext.size();
    channel_->receive(ciphertext);
    return IoStatus::ok;
}

/// What the channel has for the peer: `ok` when all of it is gone.
IoStatus ChannelConnection::send() {
    std::string& output = channel_->output();
    std::size_t sent = 0;
    while (sent < output.size()) {
        const ssize_t count = ::send(socket_, output.data() + sent, output.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) break;
        sent += static_cast<std::size_t>(count);
    }
    const bool may_go_on = sent == output.size() || may_try_again();
    output.erase(0, sent);
    if (!may_go_on) {
        has_failed_ = true;
        return IoStatus::closed;
    }
    if (!output.empty()) return IoStatus::would_block;
    if (output.capacity() > kKeptMemory) std::string().swap(output);
    return IoStatus::ok;
}

/// One step: `ok` when the handshake is done, or wants more from the peer; `would_block` when that has to wait for room.
IoStatus ChannelConnection::shake_hands() {
    const TlsStatus status = channel_->handshake();
    const IoStatus sent = send();
    if (status == TlsStatus::failed || status == TlsStatus::closed) {
        return fail("handshake failed: " + channel_->failure()).status;
    }
    is_established_ = status == TlsStatus::ok;
    wants_room_ = sent == IoStatus::would_block;
    return sent;
}

IoResult ChannelConnection::read(char* buffer, std::size_t size) {
    if (has_failed_) return {IoStatus::closed, 0};
    if (std::exchange(wants_room_, false)) {
        const IoStatus sent = send();
        wants_room_ = sent == IoStatus::would_block;
        if (sent != IoStatus::ok) return {sent, 0};
    }
    for (;;) {
        if (channel_ && !is_established_ && channel_->may_go_on()) {
            if (const IoStatus shaken = shake_hands(); shaken != IoStatus::ok) return {shaken, 0};
        }
        if (is_established_ && channel_->may_go_on()) {
            std::size_t count = 0;
            const TlsStatus status = channel_->read(buffer, size, count);
            wants_room_ = send() == IoStatus::would_block;  // an alert, or an answer to a new key
            if (status == TlsStatus::ok) silent_bytes_ = 0;
            if (status == TlsStatus::ok) return {IoStatus::ok, count};
            if (status == TlsStatus::closed) return {IoStatus::closed, 0};
            if (status == TlsStatus::failed) return fail("broke off: " + channel_->failure());
            if (silent_bytes_ > kMostSilent) return fail(kTooSilent);
            if (wants_room_) return {IoStatus::would_block, 0};
        }
        const IoStatus received = receive();
        if (received == IoStatus::closed) return on_peer_ended();
        if (received != IoStatus::ok) return {received, 0};
    }
}

/// Without a goodbye.
IoResult ChannelConnection::on_peer_ended() {
    has_failed_ = true;
    if (channel_ && !is_established_) failure_ = "handshake failed: the client left";
    if (is_established_ && ragged_ends_ == RaggedEnds::told) failure_ = "ended without close_notify";
    return {IoStatus::closed, 0};
}

IoResult ChannelConnection::fail(std::string what) {
    has_failed_ = true;
    failure_ = std::move(what);
    return {IoStatus::tls_failed, 0};
}

IoResult ChannelConnection::write(std::string_view bytes, MoreFollow) {
    if (has_failed_ || !is_established_) return {IoStatus::closed, 0};
    if (unsent_plaintext_ == 0) {
        const std::size_t count = std::min(bytes.size(), kMostPlaintext);
        if (channel_->write(bytes.substr(0, count)) != TlsStatus::ok) {
            has_failed_ = true;
            return {IoStatus::closed, 0};
        }
        unsent_plaintext_ = count;
    }
    const IoStatus sent = send();
    return {sent, sent == IoStatus::ok ? std::exchange(unsent_plaintext_, 0) : 0};
}

/// Not in the middle of what was to be sent: a connection that is cut must not look complete.
IoStatus ChannelConnection::end() {
    if (has_failed_ || !is_established_ || unsent_plaintext_ > 0) return IoStatus::closed;
    if (!std::exchange(has_ended_, true)) channel_->shut_down();
    return send();
}

bool ChannelConnection::wants_room() const { return wants_room_; }

bool ChannelConnection::has_buffered() const { return !early_.empty() || (channel_ && channel_->may_go_on()); }

bool ChannelConnection::is_shaking_hands() const { return channel_ && !has_failed_ && !is_established_; }

std::vector<gateway::TlsFact> ChannelConnection::facts() const { return channel_->facts(); }

}  // namespace gunicorn::server
