#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gunicorn::bench {

/// Reads one response after the other from bytes as they come; of the head it looks at status, Content-Length and
/// Connection. A response has to say its length; that of the servers under test does.
class ResponseReader {
public:
    enum class State { reading, complete, broken };

    /// Takes all bytes. After `complete` and `broken` the next call begins a new response.
    State feed(std::string_view bytes);
    void reset();

    [[nodiscard]] bool is_ok() const { return status_ == "200"; }
    /// "Connection: close", or HTTP/1.0 without keep-alive.
    [[nodiscard]] bool closes() const { return closes_; }
    [[nodiscard]] bool has_begun() const { return in_body_ || !head_.empty(); }

private:
    bool read_head(std::string_view head);

    std::string head_;  // as far as it came in pieces
    std::string status_;
    bool closes_ = false;
    bool in_body_ = false;
    std::uint64_t remaining_ = 0;
};

}  // namespace gunicorn::bench
