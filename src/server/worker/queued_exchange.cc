#include "server/worker/queued_exchange.h"

#include <fcntl.h>

#include <utility>

#include "server/worker/queued_dispatch.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kLendAt = 64U << 10U;  // pieces from here on are sent in place: a copy costs more than the way back

Unexpected<Error> client_is_gone() { return failure(ErrorKind::closed, "the client is gone"); }

}  // namespace

/// No thread has it, and the engine has taken what came.
void QueuedExchange::begin() {
    pending_.clear();
    has_posted_head_ = has_ended_ = has_lent_ = false;
    letter_.clear();
    taken_.clear();
    ahead_ = taken_size_ = 0;
    is_gone_ = is_expired_ = is_late_ = has_socket_ = is_parked_ = false;
    thread_ = nullptr;
}

bool QueuedExchange::is_answer() const {
    const std::lock_guard guard(dispatch_.mutex_);
    return head_sent() && !is_expired_;
}

void QueuedExchange::start(std::optional<std::uint64_t> known_length) {
    if (head_sent()) return;
    pending_.has_head = true;
    session_.encoder().start(session_.queued_context(), session_.response(), known_length, pending_.bytes);
}

void QueuedExchange::put(std::string_view piece, std::optional<std::uint64_t> known_length) {
    if (session_.is_handed_over()) return;
    start(known_length);
    const http::Framed framed = session_.encoder().frame(piece, pending_.bytes);
    if (framed.piece.size() >= kLendAt) {
        has_lent_ = true;
        pending_.piece = framed.piece;
        pending_.suffix = framed.suffix;
    } else {
        pending_.bytes.append(framed.piece);
        pending_.bytes.append(framed.suffix);
    }
}

void QueuedExchange::put_file(const gateway::FilePart& part, std::optional<std::uint64_t> known_length) {
    if (session_.is_handed_over()) return;
    start(known_length);
    const http::FramedSize framed = session_.encoder().frame_of_size(part.size, pending_.bytes);
    if (framed.size == 0) return;
    // Without a copy (EMFILE) sending fails, which is logged and closes the connection.
    UniqueFd copy(::fcntl(part.fd, F_DUPFD_CLOEXEC, 0));
    const int fd = copy.get();
    pending_.file = OutgoingFile{fd, part.offset, framed.size, std::move(copy)};
    pending_.suffix = framed.suffix;
}

void QueuedExchange::end(std::optional<std::uint64_t> known_length) {
    has_ended_ = true;
    if (session_.is_handed_over()) return;
    start(known_length);
    const bool is_behind = is_lending() || pending_.file;
    (is_behind ? pending_.suffix : pending_.bytes).append(session_.encoder().finish());
}

/// PEP 3333's write(): the piece is the application's again when this returns, so it is copied.
Result<void> QueuedExchange::write(std::string_view piece) {
    if (has_ended_) return failure(ErrorKind::invalid_argument, kWriteBehindEnd);
    if (piece.empty() || session_.is_handed_over()) return {};
    start(std::nullopt);
    const http::Framed framed = session_.encoder().frame(piece, pending_.bytes);
    pending_.bytes.append(framed.piece);
    pending_.bytes.append(framed.suffix);
    dispatch_.post_part(*this);
    if (!dispatch_.wait_for_room(*this, QueuedDispatch::kHighWater)) return client_is_gone();
    return {};
}

Result<void> QueuedExchange::early_hints(const http::ResponseHead& hints) {
    if (head_sent() || session_.is_handed_over() || head().version() < http::kHttp11) return {};
    http::encode_early_hints(hints, pending_.bytes);
    dispatch_.post_part(*this);
    if (!dispatch_.wait_for_room(*this, QueuedDispatch::kHighWater)) return client_is_gone();
    return {};
}

/// The engine's thread has nothing to do with the session while nothing is on its way.
Result<UniqueFd> QueuedExchange::open_socket() {
    if (pending() > 0) dispatch_.post_part(*this);
    if (!dispatch_.wait_for_room(*this, 1) || !dispatch_.lend_socket(*this)) return client_is_gone();
    return session_.open_socket();
}

}  // namespace gunicorn::server
