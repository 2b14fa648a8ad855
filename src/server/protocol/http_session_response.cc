// What a connection answers: framing, sending, and what is told of it afterwards.

#include "server/protocol/http_session.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "gateway/access_sink.h"
#include "server/log/access_log.h"
#include "server/protocol/dispatch.h"
#include "server/statsd/request_metrics.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {
namespace {

constexpr int kSendsAtOnce = 32;

/// Method, target and protocol of a line whose request was refused, where it has three parts.
void name_parts(gateway::AccessRecord& record) {
    const std::string_view line = record.request_line;
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == last) return;
    record.method = line.substr(0, first);
    record.target = line.substr(first + 1, last - first - 1);
    record.protocol = line.substr(last + 1);
}

}  // namespace

http::ResponseContext HttpSession::response_context() {
    return {.request_version = head_.version(),
            .is_head = head_.is_head(),
            .keep_alive = head_.wants_keep_alive() && !shared_ && host_.may_keep_alive(),
            .date = host_.http_date(),
            .server = host_.options().server_name};
}

void HttpSession::keep_queued_context() {
    queued_context_ = response_context();
    queued_date_ = queued_context_.date;
    queued_context_.date = queued_date_;
}

http::ResponseContext HttpSession::queued_context() const {
    http::ResponseContext context = queued_context_;
    context.keep_alive = context.keep_alive && !shared_ && !host_.is_stopping();
    return context;
}

void HttpSession::start_response(std::optional<std::uint64_t> known_length) {
    if (head_started_ || handed_over_) return;
    head_started_ = true;
    encoder_.start(response_context(), response_, known_length, output_.bytes());
}

void HttpSession::put(std::string_view piece, std::optional<std::uint64_t> known_length) {
    if (handed_over_) return;
    start_response(known_length);
    const http::Framed framed = encoder_.frame(piece, output_.bytes());
    output_.put(framed.piece, framed.suffix);
}

void HttpSession::put_file(OutgoingFile file, std::optional<std::uint64_t> known_length) {
    if (handed_over_) return;
    start_response(known_length);
    const http::FramedSize framed = encoder_.frame_of_size(file.size, output_.bytes());
    file.size = framed.size;
    output_.put(std::move(file), framed.suffix);
}

void HttpSession::end(std::optional<std::uint64_t> known_length) {
    set_ended();
    if (handed_over_) return;
    start_response(known_length);
    output_.append(encoder_.finish());
}

void HttpSession::fail(int status, std::string_view reason) {
    if (head_started_ || handed_over_) {
        encoder_.abort();  // what was promised does not come: only a close says so
    } else {
        http::ResponseContext context = response_context();
        context.keep_alive = false;
        const std::string_view shown = host_.options().show_tracebacks ? reason : std::string_view();
        page_bytes_ = http::encode_error_page(status, {}, shown, context, output_.bytes());
        head_started_ = true;
        page_status_ = status;
    }
    close_after_ = true;
    set_ended();
}

/// The application has done its part.
void HttpSession::set_ended() noexcept {
    ended_ = true;
    deadline_ = TimePoint::max();
    left_ = {};
}

void HttpSession::expire() {
    is_expired_ = true;
    // Head, response and encoder are the thread's: only their sizes that were taken before count.
    if (head_started_) {
        page_status_ = response_.status_code();
        page_bytes_ = 0;
        stream_->reset();
        stream_->close();
    } else {
        head_started_ = true;
        page_status_ = 504;
        const http::ResponseContext context{.request_version = head_.version(),
                                            .is_head = head_.is_head(),
                                            .keep_alive = false,
                                            .date = host_.http_date(),
                                            .server = host_.options().server_name};
        page_bytes_ = http::encode_error_page(page_status_, {}, {}, context, output_.bytes());
        if (flush()) stream_->shutdown_write();
    }
    abandon();
    record_request(page_bytes_, page_status_);
    host_.slot().end_request();
    host_.on_response_done();
    host_.on_session_expired();
}

IoStatus HttpSession::send_once() {
    if (output_.is_file_next() && shared_) stream_->reclaim();  // sendfile knows no other way not to block
    const IoStatus status = output_.send_some(*stream_);
    answer_began_ |= status == IoStatus::ok && head_started_;
    if (status == IoStatus::file_failed) {
        host_.log().error("The file of the response to " + escaped(head_.target()) + " cannot be sent: it is shorter " +
                          "than it was, or cannot be read");
    }
    return status;
}

bool HttpSession::flush() {
    if (gone_) {
        abandon();  // nothing is sent behind a hole
        return false;
    }
    for (int sends = 0; !output_.is_empty(); ++sends) {
        // A client that is as fast as we read a file never lets us wait: others have their turn all the same.
        const bool is_turn_over = sends >= kSendsAtOnce && output_.is_file_next();
        const IoStatus status = is_turn_over ? IoStatus::would_block : send_once();
        if (status == IoStatus::would_block) {
            if (!send_watch_.is_running()) send_watch_.start(*stream_, host_.now(), host_.options().client_limits.send);
            if (!std::exchange(waiting_for_room_, true)) stream_->start_write_wait();
            pause_request_clock();
            if (is_turn_over) host_.on_long_turn();
            return false;
        }
        if (status != IoStatus::ok) {
            abandon();
            return false;
        }
        send_watch_.stop();
    }
    output_.clear();
    if (left_ != Duration::zero()) deadline_ = host_.now() + std::exchange(left_, Duration::zero());
    return true;
}

/// request_timeout does not count while the client is waited for; flush() lets it go on.
void HttpSession::pause_request_clock() {
    if (state_ != State::application || deadline_ == TimePoint::max()) return;
    left_ = std::exchange(deadline_, TimePoint::max()) - host_.now();
}

/// Blocks until all output is sent; false when the peer is gone.
bool HttpSession::flush_and_wait() {
    if (output_.is_empty()) return !gone_;  // a queued dispatch asks from another thread, and then nothing waits
    const Duration limit = host_.options().client_limits.send;
    while (!gone_ && !output_.is_empty()) {
        const IoStatus status = send_once();
        if (status == IoStatus::ok) {
            send_watch_.stop();
        } else if (status != IoStatus::would_block) {
            abandon();
        } else {
            if (!send_watch_.is_running()) send_watch_.start(*stream_, host_.now(), limit);
            pollfd wait{stream_->fd(), POLLOUT, 0};
            if (::poll(&wait, 1, 1000) < 0 && errno != EINTR) abandon();
            if (send_watch_.is_stalled(*stream_, host_.now(), limit)) abandon();
        }
    }
    output_.clear();
    return !gone_;
}

Result<void> HttpSession::write(std::string_view piece) {
    if (gone_) return failure(ErrorKind::closed, "the client is gone");
    if (ended_) return failure(ErrorKind::invalid_argument, kWriteBehindEnd);
    if (piece.empty()) return {};
    put(piece, std::nullopt);
    return send_or_keep();
}

/// PEP 3333, write(): what has no room is "buffered for transmission" while the application goes on, and only what exceeds
/// the bound waits for the client.
Result<void> HttpSession::send_or_keep() {
    if (!flush() && !gone_) {
        output_.keep_piece();
        if (output_.waiting_bytes() > kMostKept) flush_and_wait();
    }
    if (gone_) return failure(ErrorKind::closed, "the client is gone");
    return {};
}

Result<void> HttpSession::early_hints(const http::ResponseHead& hints) {
    if (gone_) return failure(ErrorKind::closed, "the client is gone");
    if (head_started_ || handed_over_ || head_.version() < http::kHttp11) return {};
    http::encode_early_hints(hints, output_.bytes());
    return send_or_keep();
}

Result<UniqueFd> HttpSession::open_socket() {
    if (gone_ || !flush_and_wait()) return failure(ErrorKind::closed, "the client is gone");
    // What is behind any other request is the next one: it is dropped with the connection.
    std::string unread;
    if (head_.wants_upgrade()) unread.assign(input_.data() + input_begin_, input_end_ - input_begin_);
    GN_TRY(Stream::Shared given, stream_->share(std::move(unread)));
    shared_ = true;
    relayed_ = given.is_relayed;
    return std::move(given.socket);
}

void HttpSession::on_writable() {
    waiting_for_room_ = false;
    if (state_ == State::closed) return close_if_quiet();
    // The output it waited for may be gone by now, and another request be under way: then it says nothing.
    if (output_.is_empty()) return;
    if (state_ == State::lingering) return linger_on();
    if (flush()) {
        if (state_ == State::body) {
            await_body();  // "100 Continue" had to wait for room
            read_more();
        } else if (state_ == State::application) {
            host_.dispatch().on_room(*this);
        }
    } else if (gone_) {
        if (state_ == State::application) {
            host_.dispatch().on_abandoned(*this);
        } else {
            on_premature_end();
        }
    }
}

gateway::ResponseSummary HttpSession::summary(TimePoint now) const {
    return {.body_bytes = body_bytes_sent(), .elapsed = now - request_began_, .complete = !gone_};
}

std::uint64_t HttpSession::body_bytes_sent() const noexcept {
    if (page_status_ != 0) return page_bytes_;
    if (!head_started_) return 0;
    return encoder_.bytes_of_body() - std::min(unsent_, encoder_.bytes_of_body());
}

/// A body that ends with its connection looks complete when that is closed in order; only a reset says that it is not.
bool HttpSession::is_cut_without_a_sign() const noexcept {
    return close_after_ && page_status_ == 0 && encoder_.has_body() && !encoder_.is_chunked() && !encoder_.remaining();
}

void HttpSession::finish() {
    constexpr int kSwitchingProtocols = 101;
    record_request(body_bytes_sent(), page_status_ != 0 ? page_status_
                                      : handed_over_    ? kSwitchingProtocols
                                                        : response_.status_code());
    log_wrong_length();
    host_.slot().end_request();
    environ_values_.clear();
    host_.on_response_done();
    if (shared_) return end_shared();
    if (close_after_ || !encoder_.may_keep_alive()) {
        if (is_cut_without_a_sign()) {
            stream_->reset();
            return close();
        }
        // What the client has sent behind its request would turn our close into a reset that overtakes the answer.
        if (close_after_ || input_begin_ < input_end_ || stream_->has_unread()) return linger();
        return close();
    }
    next_request();
    if (!in_submit_) process();
}

void HttpSession::log_wrong_length() {
    if (handed_over_ || close_after_ || !(encoder_.has_excess() || encoder_.is_short())) return;
    const std::string what = "The response to " + escaped(head_.request_line());
    host_.log().warning(what + (encoder_.is_short() ? " is shorter than its Content-Length: its connection is closed"
                                                    : " is longer than its Content-Length: the rest was left out"));
}

/// The application had the connection: it ends, also for whoever still holds the descriptor.
void HttpSession::end_shared() {
    if (relayed_) return close();  // the relay ends when the application has closed its end
    stream_->reclaim();
    linger();
}

void HttpSession::next_request() {
    parser_.reset();
    body_.clear();
    forwarded_client_.reset();
    state_ = State::head;
    idle_since_ = host_.now();
    deadline_ = idle_since_ + host_.idle_time();
}

void HttpSession::release() {
    if (is_expired_) {
        environ_values_.clear();
        return close();
    }
    if (answer_began_) {
        record_request(body_bytes_sent(), page_status_ != 0 ? page_status_ : response_.status_code());
    } else {
        record_request(0, kClientLeft);
    }
    host_.slot().end_request();
    environ_values_.clear();
    host_.on_response_done();
    close();
}

void HttpSession::keep_environ_values(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (auto value = source->environ_value(name)) environ_values_.emplace_back(name, *std::move(value));
    }
}

bool HttpSession::append_environ_value(std::string_view lower_name, std::string& out) const {
    for (const auto& [name, value] : environ_values_) {
        if (name != lower_name) continue;
        out += value;
        return true;
    }
    return false;
}

void HttpSession::record_request(std::uint64_t bytes, int status) {
    const Duration duration = host_.now() - request_began_;
    host_.slot().request_counters().record(status, duration, bytes);
    if (RequestMetrics* metrics = host_.metrics()) metrics->record(status, duration);
    AccessLog* log = host_.access_log();
    gateway::AccessSink* python_log = std::exchange(access_logged_, false) ? nullptr : host_.python_access_log();
    if (log == nullptr && python_log == nullptr) return;
    std::string decoded;
    gateway::AccessRecord record;
    record.remote_addr = client().address;
    if (parser_.has_started()) record.request_line = head_.request_line();
    if (parser_.is_complete()) {
        record.method = head_.method();
        record.target = head_.target();
        record.path = head_.path();
        if (record.path.find('%') != std::string_view::npos) {
            http::percent_decode(record.path, decoded);
            record.path = decoded;
        }
        record.query = head_.query();
        record.protocol = head_.protocol();
        record.request = &head_;
    } else {
        name_parts(record);
    }
    record.status = status;
    record.bytes_sent = bytes;
    record.duration = duration;
    record.pid = host_.slot().pid();
    record.timestamp = WallClock::now();
    record.response = page_status_ == 0 ? &response_ : nullptr;
    if (!is_expired_) record.environ_values = this;
    if (log != nullptr) log->write(record);
    if (python_log != nullptr) python_log->write(record);
}

}  // namespace gunicorn::server
