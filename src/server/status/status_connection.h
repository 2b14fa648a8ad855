#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "http/head_parser.h"
#include "server/status/status_answer.h"

namespace gunicorn::server {

/// Answers a path.
using AnswerPath = std::function<StatusAnswer(std::string_view path)>;

/// A connection of the status listener: one request, one response, the end. Never blocks; bounded in bytes and in time.
class StatusConnection {
public:
    static constexpr Duration kPatience = std::chrono::seconds(5);  ///< from accept() to the end of the response
    static constexpr Duration kLinger = std::chrono::seconds(1);    ///< for what the client still sends behind it

    /// `fd` is non-blocking.
    StatusConnection(UniqueFd fd, TimePoint now);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// For poll().
    [[nodiscard]] short events() const noexcept;
    /// Nothing is on the way to the client: it may go when there is no room.
    [[nodiscard]] bool is_idle() const noexcept { return state_ != State::writing; }
    [[nodiscard]] bool is_late(TimePoint now) const noexcept { return now >= deadline_; }
    /// Reads and writes what can be. False: the connection is over.
    bool advance(const AnswerPath& answer, TimePoint now);

private:
    enum class State { reading, writing, lingering };

    bool read(const AnswerPath& answer);
    void respond(const AnswerPath& answer);
    void refuse(int status, std::string_view text);
    bool write(TimePoint now);
    bool discard();

    UniqueFd fd_;
    State state_ = State::reading;
    TimePoint deadline_;
    http::HeadParser parser_;
    http::RequestHead head_;
    std::size_t received_ = 0;
    std::string output_;
    std::size_t sent_ = 0;
};

}  // namespace gunicorn::server
