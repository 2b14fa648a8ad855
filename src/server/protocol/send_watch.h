#pragma once

#include "base/clock.h"
#include "server/net/stream.h"

namespace gunicorn::server {

/// Whether a client takes what is sent to it. Bytes that its kernel acknowledges are what counts: a socket is writable again
/// only when a good part of its buffer is free, which a slow reader of a large buffer may need an hour for.
class SendWatch {
public:
    /// What is to be sent has no room. `limit` is send_timeout; zero watches nothing.
    void start(const Stream& stream, TimePoint now, Duration limit) {
        if (limit == Duration::zero()) return;
        unacknowledged_ = stream.unacknowledged();
        deadline_ = now + limit;
    }
    /// There was room, or nothing is to be sent any more.
    void stop() noexcept { deadline_ = TimePoint::max(); }
    [[nodiscard]] bool is_running() const noexcept { return deadline_ != TimePoint::max(); }

    /// Nothing was acknowledged for `limit`: found out after once to twice that time.
    [[nodiscard]] bool is_stalled(const Stream& stream, TimePoint now, Duration limit) {
        if (now < deadline_) return false;
        const std::size_t before = unacknowledged_;
        start(stream, now, limit);
        return unacknowledged_ >= before;
    }

private:
    TimePoint deadline_ = TimePoint::max();
    std::size_t unacknowledged_ = 0;
};

}  // namespace gunicorn::server
