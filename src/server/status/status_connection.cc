#include "server/status/status_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "http/http_date.h"
#include "http/reason_phrase.h"
#include "http/response_encoder.h"

namespace gunicorn::server {
namespace {

constexpr http::Limits kLimits{.request_line = 2048, .fields = 64, .field_size = 8190};
constexpr std::size_t kMostReceived = 64U << 10U;  // of one connection

bool is_for_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

std::string http_date_now() {
    std::string date;
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(WallClock::now());
    http::append_http_date(now.time_since_epoch().count(), date);
    return date;
}

http::ResponseHead head_of(const StatusAnswer& answer) {
    constexpr std::string_view kPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    http::ResponseHead head;
    // Texts of ours: none of them is refused.
    static_cast<void>(
        head.set_status(std::to_string(answer.status) + " " + std::string(http::reason_phrase(answer.status))));
    static_cast<void>(head.add("Content-Length", std::to_string(answer.body.size())));
    static_cast<void>(head.add("Content-Type", answer.type));
    static_cast<void>(head.add("Cache-Control", "no-store"));
    static_cast<void>(head.add("X-Content-Type-Options", "nosniff"));
    static_cast<void>(head.add("Content-Security-Policy", kPolicy));
    if (answer.status == 405) static_cast<void>(head.add("Allow", "GET, HEAD"));
    return head;
}

}  // namespace

StatusConnection::StatusConnection(UniqueFd fd, TimePoint now)
    : fd_(std::move(fd)), deadline_(now + kPatience), parser_(kLimits, {}) {}

short StatusConnection::events() const noexcept { return state_ == State::writing ? POLLOUT : POLLIN; }

bool StatusConnection::advance(const AnswerPath& answer, TimePoint now) {
    if (state_ == State::reading && !read(answer)) return false;
    if (state_ == State::writing && !write(now)) return false;
    return state_ != State::lingering || discard();
}

/// False: the client has left, or failed.
bool StatusConnection::read(const AnswerPath& answer) {
    std::array<char, 4096> buffer;
    while (state_ == State::reading) {
        const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
        if (size < 0) return is_for_later();
        if (size == 0) return false;
        received_ += static_cast<std::size_t>(size);
        const auto progress = parser_.feed({buffer.data(), static_cast<std::size_t>(size)}, head_);
        if (!progress) {
            const auto& info = http::info_of(progress.error());
            refuse(info.status, info.text);
        } else if (progress->complete) {
            respond(answer);
        } else if (received_ >= kMostReceived) {
            refuse(431, "The head of the request is too large.");
        }
    }
    return true;
}

void StatusConnection::respond(const AnswerPath& answer_path) {
    const bool is_known = head_.method() == "GET" || head_.is_head();
    const StatusAnswer answer =
        is_known ? answer_path(head_.path()) : StatusAnswer{405, "text/plain; charset=utf-8", "GET and HEAD only.\n"};
    const std::string date = http_date_now();
    const http::ResponseContext context{.request_version = head_.version(), .is_head = head_.is_head(), .date = date};
    http::ResponseEncoder encoder;
    encoder.start(context, head_of(answer), std::nullopt, output_);
    const http::Framed framed = encoder.frame(answer.body, output_);
    output_ += framed.piece;
    output_ += framed.suffix;
    output_ += encoder.finish();
    state_ = State::writing;
}

void StatusConnection::refuse(int status, std::string_view text) {
    const std::string date = http_date_now();
    http::encode_error_page(status, {}, text, {.date = date}, output_);
    state_ = State::writing;
}

bool StatusConnection::write(TimePoint now) {
    while (sent_ < output_.size()) {
        const ssize_t size = ::send(fd(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
        if (size < 0) return is_for_later();
        sent_ += static_cast<std::size_t>(size);
    }
    // What the client has sent behind its request would turn our close into a reset that overtakes the response.
    ::shutdown(fd(), SHUT_WR);
    state_ = State::lingering;
    deadline_ = std::min(deadline_, now + kLinger);
    return true;
}

/// Until the client ends its side.
bool StatusConnection::discard() {
    std::array<char, 4096> buffer;
    while (received_ < kMostReceived) {
        const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
        if (size < 0) return is_for_later();
        if (size == 0) return false;
        received_ += static_cast<std::size_t>(size);
    }
    return false;
}

}  // namespace gunicorn::server
