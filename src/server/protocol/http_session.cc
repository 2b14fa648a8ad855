// How a connection begins, what it reads, and how it ends; its responses are in http_session_response.cc.

#include "server/protocol/http_session.h"

#include <algorithm>

#include "base/text.h"
#include "server/log/access_log.h"
#include "server/protocol/client_address.h"
#include "server/protocol/dispatch.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kBodyRead = 64U << 10U;
constexpr int kBodyReads = 16;
constexpr auto kHandshakeTime = std::chrono::seconds(30);  // where header_timeout is off
constexpr auto kLingerTime = std::chrono::seconds(2);
constexpr auto kRateGrace = std::chrono::seconds(30);  // before body_min_rate counts, where body_timeout is off
constexpr std::uint64_t kMostEarned = 1U << 30U;       // seconds
constexpr std::uint64_t kLingerBytes = 256U << 10U;

http::PeerTrust trust_of(const gateway::ConnectionInfo& info) {
    return info.peer_is_trusted ? http::PeerTrust::trusted : http::PeerTrust::untrusted;
}

/// `limit` from now on; zero is never.
TimePoint deadline_after(TimePoint now, std::chrono::seconds limit) {
    return limit.count() == 0 ? TimePoint::max() : now + limit;
}

}  // namespace

HttpSession::HttpSession(SessionHost& host)
    : host_(host),
      proxy_parser_(host.options().proxy_mode),
      parser_(host.options().limits, host.options().policy),
      decoder_(host.options().limits),
      body_(host.options().upload_directory) {}

void HttpSession::open(std::unique_ptr<Stream> stream, gateway::ConnectionInfo info, TimePoint now) {
    stream_ = std::move(stream);
    info_ = std::move(info);
    state_ = State::head;
    if (host_.options().proxy_mode != http::ProxyMode::off) {
        state_ = State::proxy_header;
        proxy_parser_.reset();
    } else if (info_.is_tls) {
        stream_->begin_tls({});
    }
    const auto limit = host_.options().client_limits.header;
    deadline_ = deadline_after(now, info_.is_tls && limit.count() == 0 ? kHandshakeTime : limit);
    request_began_ = idle_since_ = now;
    left_ = {};
    is_expired_ = false;
    parser_.reset();
    forwarded_client_.reset();
    const IoResult first = stream_->read_some(input_.data(), input_.size());
    if (first.status == IoStatus::would_block) {
        read_more();
    } else {
        on_read(first);
    }
}

void HttpSession::on_read(IoResult result) {
    is_reading_ = false;
    if (state_ == State::closed) return close_if_quiet();
    if (state_ == State::lingering) {
        lingered_ += result.count;
        if (result.status == IoStatus::tls_failed && !output_.is_empty()) return close();
        if (result.status == IoStatus::closed && !output_.is_empty()) return;  // which still waits for room
        if (result.status == IoStatus::closed || lingered_ > kLingerBytes) return close();
        return read_more();
    }
    if (result.status == IoStatus::closed) return on_premature_end();
    if (result.status == IoStatus::not_tls) return refuse_plain_text();
    if (result.status == IoStatus::tls_failed) return on_tls_failed();
    input_begin_ = 0;
    input_end_ = result.count;
    process();
}

/// Nobody is there to answer, and nothing to hand on: what has come of a body is no body.
void HttpSession::on_premature_end() {
    tell_tls_failure();
    if (!is_idle() && host_.log().is_enabled(gateway::LogLevel::debug)) {
        host_.log().debug("Ignored premature client disconnection.");  // Gunicorn's words, http.errors.NoMoreData
    }
    if (state_ == State::body) {
        page_status_ = kClientLeft;
        page_bytes_ = 0;
        record_request(page_bytes_, page_status_);
    }
    close();
}

/// One line for each connection that was none; the operator who wonders about a client finds it at the default level.
void HttpSession::tell_tls_failure() {
    if (stream_->failure().empty()) return;
    host_.log().info("TLS connection from ip=" + info_.remote_address + ": " + std::string(stream_->failure()));
}

/// The peer was told by an alert, and gets the time to read it: what it sends meanwhile would turn our close into a reset.
void HttpSession::on_tls_failed() {
    if (state_ == State::body) return on_premature_end();
    tell_tls_failure();
    linger();
}

/// As of nginx: who forgot the "s" of https is told so.
void HttpSession::refuse_plain_text() {
    constexpr std::string_view kText = "Plain HTTP was sent to a port that speaks HTTPS.";
    host_.log().warning("Invalid request from ip=" + info_.remote_address + ": " + std::string(kText));
    request_began_ = host_.now();
    refuse(400, kText);
}

/// Goes on as far as the bytes that are here allow.
void HttpSession::process() {
    for (;;) {
        switch (state_) {
            case State::proxy_header:
                if (!process_proxy_header()) return;
                break;
            case State::head:
                if (!process_head()) return;
                break;
            case State::body:
                if (!process_body()) return;
                break;
            case State::application:
                submit();
                if (state_ == State::application) return;  // goes on in finish()
                break;
            case State::lingering:
            case State::closed: return;
        }
    }
}

/// The connection's first bytes. A TLS handshake begins where this ends, with what is left of the input.
bool HttpSession::process_proxy_header() {
    const std::string_view bytes(input_.data() + input_begin_, input_end_ - input_begin_);
    const auto fed = proxy_parser_.feed(bytes, proxy_header_);
    // Who may not say who the client is learns it at the first sign of a header, as in Gunicorn.
    if (proxy_parser_.is_header() && !info_.may_name_client) {
        constexpr std::string_view kText = "PROXY header of a peer that is not in proxy_allow_ips";
        host_.log().warning("Invalid request from ip=" + info_.remote_address + ": " + std::string(kText));
        refuse(403, kText);
        return false;
    }
    if (!fed) {
        host_.log().warning("Invalid PROXY header from ip=" + info_.remote_address + ": " +
                            std::string(http::text_of(fed.error())));
        close();
        return false;
    }
    input_begin_ += fed->consumed;
    if (!fed->complete) {
        read_more();
        return false;
    }
    return take_proxy_header();
}

bool HttpSession::take_proxy_header() {
    apply_proxy_header(proxy_header_, host_.options().trusted_peers, info_);
    state_ = State::head;
    if (info_.is_tls) {
        std::string early(proxy_parser_.held_back());
        early.append(input_.data() + input_begin_, input_end_ - input_begin_);
        input_begin_ = input_end_ = 0;
        stream_->begin_tls(early);
        return true;
    }
    const auto fed = parser_.feed(proxy_parser_.held_back(), head_);
    if (!fed) refuse(fed.error());
    return fed.has_value();
}

bool HttpSession::process_head() {
    if (input_begin_ == input_end_) {
        read_more();
        return false;
    }
    const bool is_new = !parser_.has_started();
    const std::string_view bytes(input_.data() + input_begin_, input_end_ - input_begin_);
    const auto fed = parser_.feed(bytes, head_);
    if (!fed) {
        if (is_new) request_began_ = host_.now();
        refuse(fed.error());
        return false;
    }
    input_begin_ += fed->consumed;
    if (!fed->complete) {
        if (is_new && parser_.has_started()) {
            request_began_ = host_.now();
            deadline_ = deadline_after(request_began_, host_.options().client_limits.header);
        }
        read_more();
        return false;
    }
    on_head();
    return state_ == State::body || state_ == State::application;
}

void HttpSession::on_head() {
    deadline_ = TimePoint::max();
    request_began_ = host_.now();
    const http::HeaderPolicy& policy = host_.options().headers;
    if (policy.header_map == http::HeaderMap::refuse) {
        for (std::size_t i = 0; i < head_.field_count(); ++i) {
            const auto decision = http::may_forward(head_.field(i).name, policy, trust_of(info_));
            if (!decision) return refuse(decision.error());
        }
    }
    is_https_ = info_.is_tls;
    if (info_.is_tls && info_.tls.empty()) info_.tls = stream_->tls_facts();
    if (info_.peer_is_trusted) {
        const auto declared = http::declared_scheme(head_, policy, http::PeerTrust::trusted);
        if (!declared) return refuse(declared.error());
        if (*declared) is_https_ = **declared == http::Scheme::https;
        const std::string& forwarded_for = host_.options().forwarded_for_header;
        if (!forwarded_for.empty() && info_.client_is_proxy) {
            forwarded_client_ = forwarded_client(head_, forwarded_for, host_.options().trusted_peers);
        }
    }
    script_name_ = http::script_name_of(head_, policy, trust_of(info_), host_.options().script_name);
    if (!http::is_below(head_.path(), script_name_)) return refuse_path();
    if (head_.framing() == http::Framing::none) {
        state_ = State::application;
        return;
    }
    decoder_.start(head_);
    if (head_.framing() == http::Framing::length) body_.expect(head_.content_length());
    wants_continue_ = head_.expects_continue();
    state_ = State::body;
}

bool HttpSession::process_body() {
    const std::string_view bytes(input_.data() + input_begin_, input_end_ - input_begin_);
    const auto fed = decoder_.feed(bytes, body_);
    if (!fed) {
        refuse(fed.error());
        return false;
    }
    input_begin_ += fed->consumed;
    if (!fed->complete && !body_.error() && !read_body_now()) return false;
    if (body_.error()) {
        refuse_body();
        return false;
    }
    state_ = State::application;
    return true;
}

void HttpSession::refuse_body() {
    host_.log().error("The body of " + escaped(head_.request_line()) + " cannot be kept: " + body_.error()->message);
    refuse(500, "The body of the request could not be kept.");
}

/// The rest of a body that is on its way or here already; true when it is complete or cannot be kept.
bool HttpSession::read_body_now() {
    if (std::exchange(wants_continue_, false)) {
        output_.bytes().append(http::kContinueResponse);
        if (!flush()) {
            if (gone_) {
                on_premature_end();
            } else {
                await_body();
            }
            return false;
        }
    }
    // Bytes behind the body would belong to the next request: no more is read here than the body has.
    // A few pieces at a time, so that one fast client does not keep the loop for itself.
    for (int i = 0; i < kBodyReads && head_.framing() == http::Framing::length; ++i) {
        char buffer[kBodyRead];
        const std::uint64_t left = head_.content_length() - decoder_.decoded();
        const IoResult got =
            stream_->read_some(buffer, static_cast<std::size_t>(std::min<std::uint64_t>(left, sizeof buffer)));
        if (got.status == IoStatus::would_block) break;
        if (got.status != IoStatus::ok) {
            on_premature_end();
            return false;
        }
        const auto fed = decoder_.feed({buffer, got.count}, body_);
        if ((fed && fed->complete) || body_.error()) return true;
    }
    host_.on_long_turn();
    await_body();
    read_more();
    return false;
}

/// The next piece has body_timeout. The whole has that time too, and one second more for each body_min_rate bytes that came.
void HttpSession::await_body() {
    const ClientLimits& limits = host_.options().client_limits;
    deadline_ = deadline_after(host_.now(), limits.body);
    if (limits.body_min_rate == 0) return;
    const auto grace = limits.body.count() == 0 ? kRateGrace : limits.body;
    const std::chrono::seconds earned(std::min(decoder_.decoded() / limits.body_min_rate, kMostEarned));
    deadline_ = std::min(deadline_, request_began_ + grace + earned);
}

void HttpSession::read_more() {
    input_begin_ = input_end_ = 0;
    is_reading_ = true;
    stream_->start_read(input_.data(), input_.size());
}

void HttpSession::submit() {
    if (head_.framing() != http::Framing::none) request_began_ = host_.now();  // now that its body is here
    response_.clear();
    deadline_ = deadline_after(request_began_, host_.options().request_timeout);
    left_ = {};
    head_started_ = answer_began_ = ended_ = close_after_ = gone_ = shared_ = relayed_ = handed_over_ = is_expired_ = false;
    page_status_ = 0;
    unsent_ = 0;
    host_.slot().begin_request(head_.method(), head_.target(), request_began_);
    if (host_.options().log_requests) host_.log().debug(escaped(head_.method()) + " " + escaped(head_.path()));
    in_submit_ = true;
    host_.dispatch().submit(*this);
    in_submit_ = false;
}

void HttpSession::refuse(http::ParseError error) {
    const auto& info = http::info_of(error);
    host_.log().warning("Invalid request from ip=" + std::string(client().address) + ": " + std::string(info.text));
    refuse(info.status, info.text);
}

/// Gunicorn: ConfigurationProblem. The proxy and we do not agree about where the application is mounted.
void HttpSession::refuse_path() {
    const std::string text = "Configuration problem: Request path " + text::repr(head_.path()) +
                             " does not start with SCRIPT_NAME " + text::repr(script_name_);
    host_.log().warning("Invalid request from ip=" + std::string(client().address) + ": " + text::printable(text));
    refuse(500, text);
}

gateway::ClientView HttpSession::client() const {
    if (forwarded_client_) return {forwarded_client_->address, forwarded_client_->port};
    return info_.client();
}

/// Answers what was not understood; nothing that follows it is parsed.
void HttpSession::refuse(int status, std::string_view text) {
    const http::ResponseContext context{.request_version = http::kHttp11,
                                        .is_head = head_.is_head(),
                                        .keep_alive = false,
                                        .date = host_.http_date(),
                                        .server = host_.options().server_name};
    page_bytes_ = http::encode_error_page(status, {}, text, context, output_.bytes());
    page_status_ = status;
    record_request(page_bytes_, status);
    linger();
}

void HttpSession::linger() {
    if (gone_ || state_ == State::closed) return close();
    state_ = State::lingering;
    lingered_ = 0;
    linger_on();
}

/// Sends what is left to be said, and ends our side behind it.
void HttpSession::linger_on() {
    const bool is_sent = flush();
    if (gone_) return close();
    deadline_ = host_.now() + kLingerTime;
    if (is_sent) stream_->shutdown_write();
    if (!is_reading_) read_more();
}

/// The peer is gone in the middle of an answer.
void HttpSession::abandon() {
    send_watch_.stop();
    unsent_ += output_.give_up();
    gone_ = true;
}

void HttpSession::close() {
    state_ = State::closed;
    deadline_ = TimePoint::max();
    send_watch_.stop();
    if (shared_ && !relayed_) stream_->shutdown_all();
    stream_->close();
    close_if_quiet();
}

void HttpSession::close_if_quiet() {
    if (!stream_ || stream_->is_waiting()) return;
    stream_.reset();
    abandon();
    // The session may wait for long until it is used again: nothing of this client stays.
    head_.clear();
    decoder_.start(head_);
    body_.clear();
    response_.clear();
    waiting_for_room_ = false;
    gone_ = shared_ = relayed_ = false;
    host_.on_session_closed(*this);
}

void HttpSession::on_tick(TimePoint now) {
    if (send_watch_.is_stalled(*stream_, now, host_.options().client_limits.send)) return on_stalled();
    if (now < deadline_) return;
    // Whoever has sent something while application code kept the engine from reading is not late.
    if (is_receiving() && stream_->has_unread()) return;
    deadline_ = TimePoint::max();
    switch (state_) {
        case State::proxy_header: return close();  // no request was begun that could be answered
        case State::head:
            if (stream_->is_shaking_hands()) return on_late_handshake();
            if (is_idle()) return close();
            return refuse(408, "The request did not arrive in time.");
        case State::body: return refuse(408, "The body of the request did not arrive in time.");
        case State::lingering: return close();
        case State::application: return host_.dispatch().on_overdue(*this);
        case State::closed: return;
    }
}

void HttpSession::on_late_handshake() {
    host_.log().info("TLS connection from ip=" + info_.remote_address + ": the handshake did not end in time");
    close();
}

/// The client does not read what is sent to it.
void HttpSession::on_stalled() {
    abandon();
    if (state_ != State::application) return on_premature_end();
    host_.dispatch().on_abandoned(*this);
}

bool HttpSession::give_way() {
    if (!is_idle() || stream_->has_unread()) return false;
    close();
    return true;
}

void HttpSession::hasten(TimePoint deadline) {
    if (is_idle()) deadline_ = std::min(deadline_, deadline);
}

}  // namespace gunicorn::server
