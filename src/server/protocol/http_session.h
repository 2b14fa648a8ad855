#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "gateway/access_record.h"
#include "gateway/application.h"
#include "gateway/exchange.h"
#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "http/proxy_protocol.h"
#include "http/response_encoder.h"
#include "http/response_head.h"
#include "server/net/stream.h"
#include "server/protocol/body_buffer.h"
#include "server/protocol/output_queue.h"
#include "server/protocol/send_watch.h"
#include "server/protocol/session_host.h"

namespace gunicorn::server {

/// What write() says once the body is complete: more bytes would be read as the next response.
inline constexpr const char* kWriteBehindEnd = "write() after the end of the response";

/// In the access log, for a client that left before its answer was sent; nginx's.
inline constexpr int kClientLeft = 499;

/// One connection: reads requests, hands them to the dispatch, writes what comes back, again and again. Engine's thread
/// only, except where a queued dispatch lends head, body, response() and encoder() to the thread that runs the application.
class HttpSession final : public gateway::Exchange, public StreamClient, public gateway::EnvironValues {
public:
    explicit HttpSession(SessionHost& host);
    /// Ends a response that is still under way: its source refers to this.
    ~HttpSession() { source.reset(); }

    /// A new connection. Reads at once: most clients have sent their request by now.
    void open(std::unique_ptr<Stream> stream, gateway::ConnectionInfo info, TimePoint now);
    [[nodiscard]] bool is_open() const noexcept { return stream_ != nullptr; }
    /// Waits for a request that has not begun: may be closed without losing anything.
    [[nodiscard]] bool is_idle() const {
        return (state_ == State::head && !parser_.has_started() && !stream_->is_shaking_hands()) ||
               (state_ == State::proxy_header && !proxy_parser_.has_started());
    }
    /// Where it is idle: since when.
    [[nodiscard]] TimePoint idle_since() const noexcept { return idle_since_; }
    /// Closes an idle connection, unless bytes of a request have come. Answers whether.
    bool give_way();
    /// Closes what waited too long.
    void on_tick(TimePoint now);
    /// The worker is stopping: an idle connection has until then.
    void hasten(TimePoint deadline);

    // gateway::Exchange, for the application.
    [[nodiscard]] const http::RequestHead& head() const override { return head_; }
    [[nodiscard]] const gateway::RequestBody& body() const override { return body_; }
    [[nodiscard]] const gateway::ConnectionInfo& connection() const override { return info_; }
    [[nodiscard]] gateway::ClientView client() const override;
    [[nodiscard]] std::string_view script_name() const override { return script_name_; }
    [[nodiscard]] std::string_view scheme() const override { return is_https_ ? "https" : "http"; }
    http::ResponseHead& response() override { return response_; }
    [[nodiscard]] bool head_sent() const override { return head_started_; }
    Result<void> write(std::string_view piece) override;
    Result<void> early_hints(const http::ResponseHead& hints) override;
    /// Any thread that runs the application, while nothing of the response is outstanding.
    Result<UniqueFd> open_socket() override;
    void hand_over() override { handed_over_ = true; }
    [[nodiscard]] bool is_answer() const override { return head_started_ && page_status_ == 0; }
    void access_logged() override { access_logged_ = true; }
    [[nodiscard]] bool is_handed_over() const noexcept { return handed_over_; }

    // For the dispatch, while the session is in its application state.
    http::ResponseEncoder& encoder() noexcept { return encoder_; }
    [[nodiscard]] http::ResponseContext response_context();
    [[nodiscard]] TimePoint request_began() const noexcept { return request_began_; }
    /// Frames the next piece of the body; the head goes before the first. `piece` lives until the output was sent.
    void put(std::string_view piece, std::optional<std::uint64_t> known_length);
    void put_file(OutgoingFile file, std::optional<std::uint64_t> known_length);
    /// What another thread has framed (queued dispatch); left empty.
    void put_framed(FramedOutput& output) {
        head_started_ |= output.has_head;
        output_.put_framed(output);
    }
    /// The same, for the end.
    void end_framed() noexcept { set_ended(); }
    /// A response_context() for another thread, until the response ends; kept by the engine's thread.
    void keep_queued_context();
    [[nodiscard]] http::ResponseContext queued_context() const;
    /// No more pieces. A response without any starts here.
    void end(std::optional<std::uint64_t> known_length);
    /// The response ends early: an error page when nothing was sent, else a close. `reason` is for the page in debug mode.
    void fail(int status, std::string_view reason);
    /// The application takes too long, and a thread goes on with it: the client gets 504, or a reset where the answer has
    /// begun. The dispatch gives the session back by release() when the thread is done.
    void expire();
    /// In its application state: request_timeout has passed.
    [[nodiscard]] bool is_overdue() const { return deadline_ != TimePoint::max() && host_.now() >= deadline_; }
    [[nodiscard]] bool is_expired() const noexcept { return is_expired_; }
    /// Sends what is there; true when all of it is gone. False: Dispatch::on_room() or on_abandoned() follows.
    bool flush();
    /// All output was sent and the response has ended: logs it, and goes on with the connection.
    void finish();
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    [[nodiscard]] bool is_gone() const noexcept { return gone_; }
    /// The dispatch gives the session back after on_abandoned().
    void release();
    /// Values for %({x}e)s: captured before the source, and with it the environ, dies. GIL held.
    void keep_environ_values(const std::vector<std::string>& names);
    [[nodiscard]] gateway::ResponseSummary summary(TimePoint now) const;

    /// What the dispatch hangs on a session for the length of a request.
    std::unique_ptr<gateway::ResponseSource> source;
    std::shared_ptr<void> dispatch_state;
    /// Time that application code took so far, without waiting for the client (inline dispatch).
    Duration busy_time{};

    // StreamClient
    void on_read(IoResult result) override;
    void on_writable() override;

    // gateway::EnvironValues
    bool append_environ_value(std::string_view lower_name, std::string& out) const override;

private:
    enum class State {
        closed,
        proxy_header,  // the first bytes of a connection, where the PROXY protocol is on
        head,          // reading a request head, or idle before one
        body,          // reading a body
        application,   // the dispatch has it
        lingering,     // answered and done: reads away what the client still sends, so that it can read the answer
    };

    [[nodiscard]] bool is_receiving() const noexcept {
        return state_ == State::proxy_header || state_ == State::head || state_ == State::body;
    }
    void process();
    bool process_proxy_header();
    bool take_proxy_header();
    bool process_head();
    bool process_body();
    void on_head();
    void on_premature_end();
    void refuse_plain_text();
    void tell_tls_failure();
    void on_tls_failed();
    void on_late_handshake();
    void read_more();
    void refuse_body();
    bool read_body_now();
    void await_body();
    void submit();
    void refuse(http::ParseError error);
    void refuse(int status, std::string_view text);
    void refuse_path();
    void start_response(std::optional<std::uint64_t> known_length);
    void record_request(std::uint64_t bytes, int status);
    void log_wrong_length();
    void next_request();
    void linger();
    void linger_on();
    void on_stalled();
    void set_ended() noexcept;
    void pause_request_clock();
    void abandon();
    Result<void> send_or_keep();
    bool flush_and_wait();
    void end_shared();
    void close();
    void close_if_quiet();
    [[nodiscard]] std::uint64_t body_bytes_sent() const noexcept;
    [[nodiscard]] bool is_cut_without_a_sign() const noexcept;
    IoStatus send_once();

    static constexpr std::size_t kReadBuffer = 8192;
    static constexpr std::size_t kMostKept = 1U << 20U;  // of what the application wrote, ahead of the client

    SessionHost& host_;
    std::unique_ptr<Stream> stream_;
    gateway::ConnectionInfo info_;
    State state_ = State::closed;
    TimePoint deadline_ = TimePoint::max();
    Duration left_{};         // of request_timeout, while the client is waited for
    TimePoint idle_since_{};  // the connection, or its last answer

    std::array<char, kReadBuffer> input_;
    std::size_t input_begin_ = 0;
    std::size_t input_end_ = 0;
    http::ProxyProtocolParser proxy_parser_;
    http::ProxyHeader proxy_header_;
    http::HeadParser parser_;
    http::RequestHead head_;
    http::BodyDecoder decoder_;
    BodyBuffer body_;
    std::optional<gateway::ClientAddress> forwarded_client_;  // of the current request
    std::string_view script_name_;                            // the same; of the head or the options
    bool is_https_ = false;
    bool wants_continue_ = false;
    TimePoint request_began_{};  // to be received, and then to be answered

    http::ResponseHead response_;
    http::ResponseEncoder encoder_;
    bool head_started_ = false;  // framed; a byte of it may have left
    bool answer_began_ = false;  // bytes of it have left
    bool ended_ = false;
    bool gone_ = false;  // the peer is gone, or the connection was given up, while the dispatch has the session
    bool in_submit_ = false;
    bool is_reading_ = false;  // start_read() is outstanding
    bool waiting_for_room_ = false;
    bool close_after_ = false;
    bool shared_ = false;         // the application has a descriptor of its own
    bool relayed_ = false;        // which is a relay's, not the connection's
    bool handed_over_ = false;    // and has answered over it
    bool is_expired_ = false;     // answered and logged, but a thread has the session
    int page_status_ = 0;         // of an error page of ours
    std::size_t page_bytes_ = 0;  // of its body
    http::ResponseContext queued_context_;
    std::string queued_date_;

    OutputQueue output_;
    SendWatch send_watch_;      // while waiting_for_room_
    std::uint64_t unsent_ = 0;  // bytes of body that were framed and then given up

    std::uint64_t lingered_ = 0;
    std::vector<std::pair<std::string, std::string>> environ_values_;
    bool access_logged_ = false;  // by the WSGI bridge
};

}  // namespace gunicorn::server
