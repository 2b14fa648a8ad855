#include "server/net/tls_connection.h"

#include <sys/socket.h>

#include <openssl/err.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "server/net/tls_context_impl.h"
#include "server/net/tls_error.h"
#include "server/net/tls_facts.h"

namespace gunicorn::server {
namespace {

constexpr int kMostSilentRecords = 100;  // of one connection

}  // namespace

/// A BIO over a TlsConnection: what OpenSSL reads begins with the early bytes, and its writes raise no SIGPIPE.
struct TlsSocketBio {
    static int read(BIO* bio, char* buffer, int size) {
        ::BIO_clear_retry_flags(bio);
        const int got = of(bio).receive(buffer, static_cast<std::size_t>(size));
        if (got < 0 && may_try_again()) ::BIO_set_retry_read(bio);
        return got;
    }
    static int write(BIO* bio, const char* bytes, int size) {
        ::BIO_clear_retry_flags(bio);
        const int sent = of(bio).send(bytes, static_cast<std::size_t>(size));
        if (sent < 0 && may_try_again()) ::BIO_set_retry_write(bio);
        return sent;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO* over(TlsConnection& connection) {
        static BIO_METHOD* const method = make_method();
        BIO* bio = ::BIO_new(method);
        GN_ASSERT(bio != nullptr, "there is memory");
        ::BIO_set_data(bio, &connection);
        ::BIO_set_init(bio, 1);
        return bio;
    }

private:
    static TlsConnection& of(BIO* bio) { return *static_cast<TlsConnection*>(::BIO_get_data(bio)); }
    static bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
    static BIO_METHOD* make_method() {
        BIO_METHOD* method = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
        GN_ASSERT(method != nullptr, "there is memory");
        ::BIO_meth_set_read(method, &read);
        ::BIO_meth_set_write(method, &write);
        ::BIO_meth_set_ctrl(method, &control);
        return method;
    }
};

TlsConnection::TlsConnection(const TlsContext& context, int socket, std::string_view early)
    : SecureConnection(socket, early),
      tells_ragged_ends_(context.impl().tells_ragged_ends),
      ssl_(::SSL_new(context.impl().context.get())) {
    GN_ASSERT(ssl_ != nullptr, "there is memory");
    BIO* bio = TlsSocketBio::over(*this);
    ::SSL_set_bio(ssl_.get(), bio, bio);
    ::SSL_set_accept_state(ssl_.get());
    ::SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
}

int TlsConnection::receive(char* buffer, std::size_t size) {
    if (!early_.empty()) {
        const std::size_t count = early_.copy(buffer, size);
        early_.erase(0, count);
        if (!has_begun_) is_plain_ = begins_http(buffer[0]);
        has_begun_ = true;
        return static_cast<int>(count);
    }
    const ssize_t got = ::recv(socket_, buffer, size, MSG_DONTWAIT);
    is_starved_ = got < 0;
    if (got > 0 && !has_begun_) {
        has_begun_ = true;
        is_plain_ = begins_http(buffer[0]);
    }
    return static_cast<int>(got);
}

int TlsConnection::send(const char* bytes, std::size_t size) {
    if (is_plain_) return static_cast<int>(size);  // no alert in front of the answer that is plain
    return static_cast<int>(::send(socket_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL | (more_follow_ ? MSG_MORE : 0)));
}

/// Without SSL_MODE_AUTO_RETRY OpenSSL comes back behind each record that has no plaintext.
IoResult TlsConnection::read(char* buffer, std::size_t size) {
    for (;;) {
        const IoResult result = read_once(buffer, size);
        if (result.status != IoStatus::would_block || is_starved_ || wants_room_) return result;
        if (is_done_ && ++silent_records_ > kMostSilentRecords) return fail(kTooSilent);
    }
}

IoResult TlsConnection::read_once(char* buffer, std::size_t size) {
    if (has_failed_) return {IoStatus::closed, 0};
    wants_room_ = is_starved_ = false;
    ::ERR_clear_error();
    std::size_t count = 0;
    const int done = ::SSL_read_ex(ssl_.get(), buffer, size, &count);
    // The state outlasts an error of the record behind the handshake.
    if (!is_done_ && ::SSL_get_state(ssl_.get()) == TLS_ST_OK && !complete_handshake()) {
        return fail("handshake failed: the certificate of a resumed session has expired");
    }
    if (done == 1) return {IoStatus::ok, count};
    return on_read_failed(::SSL_get_error(ssl_.get(), done));
}

/// A resumed session is not verified again; what it was verified with may have expired since.
bool TlsConnection::complete_handshake() {
    is_done_ = true;
    const X509* certificate = ::SSL_session_reused(ssl_.get()) == 1 ? ::SSL_get0_peer_certificate(ssl_.get()) : nullptr;
    return certificate == nullptr || ::X509_cmp_current_time(::X509_get0_notAfter(certificate)) > 0;
}

IoResult TlsConnection::fail(std::string what) {
    has_failed_ = true;
    failure_ = std::move(what);
    ::ERR_clear_error();
    return {IoStatus::tls_failed, 0};
}

IoResult TlsConnection::on_read_failed(int error) {
    switch (error) {
        case SSL_ERROR_WANT_READ: return {IoStatus::would_block, 0};
        case SSL_ERROR_WANT_WRITE: wants_room_ = true; return {IoStatus::would_block, 0};
        case SSL_ERROR_ZERO_RETURN: return {IoStatus::closed, 0};
        default: break;
    }
    has_failed_ = true;
    const unsigned long first = ::ERR_peek_error();
    if (is_plain_ || error == SSL_ERROR_SYSCALL || ERR_GET_REASON(first) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ::ERR_clear_error();
        if (is_plain_) return {IoStatus::not_tls, 0};
        if (!is_done_ && has_begun_) failure_ = "handshake failed: the client left";
        if (is_done_ && tells_ragged_ends_) failure_ = "ended without close_notify";
        return {IoStatus::closed, 0};
    }
    const bool is_certificate = ERR_GET_REASON(first) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    std::string reason = take_tls_error();
    if (is_certificate) {
        reason += std::string(": ") + ::X509_verify_cert_error_string(::SSL_get_verify_result(ssl_.get()));
    }
    return fail((is_done_ ? "broke off: " : "handshake failed: ") + reason);
}

IoResult TlsConnection::write(std::string_view bytes, MoreFollow more) {
    if (has_failed_) return {IoStatus::closed, 0};
    ::ERR_clear_error();
    std::size_t count = 0;
    more_follow_ = more == MoreFollow::yes || bytes.size() > kMostPlaintext;
    const int done = ::SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kMostPlaintext), &count);
    more_follow_ = false;
    is_writing_ = done != 1;
    if (done == 1) return {IoStatus::ok, count};
    const int error = ::SSL_get_error(ssl_.get(), done);
    if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) return {IoStatus::would_block, 0};
    has_failed_ = true;
    ::ERR_clear_error();
    return {IoStatus::closed, 0};
}

/// Not in the middle of a record: a connection that is cut must not look complete.
IoStatus TlsConnection::end() {
    if (has_failed_ || is_writing_ || !is_done_) return IoStatus::closed;
    if (has_ended_) return IoStatus::ok;
    ::ERR_clear_error();
    const int said = ::SSL_shutdown(ssl_.get());  // 0: our half; the peer's is of no interest
    const bool has_no_room = said < 0 && ::SSL_get_error(ssl_.get(), said) == SSL_ERROR_WANT_WRITE;
    ::ERR_clear_error();
    has_ended_ = !has_no_room;
    return has_no_room ? IoStatus::would_block : IoStatus::ok;
}

bool TlsConnection::wants_room() const { return wants_room_; }

bool TlsConnection::has_buffered() const { return !early_.empty() || ::SSL_has_pending(ssl_.get()) == 1; }

bool TlsConnection::is_shaking_hands() const { return has_begun_ && !has_failed_ && !is_done_; }

std::vector<gateway::TlsFact> TlsConnection::facts() const { return tls_facts_of(ssl_.get()); }

}  // namespace gunicorn::server
