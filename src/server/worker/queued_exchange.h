#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/application.h"
#include "gateway/exchange.h"
#include "server/protocol/http_session.h"

namespace gunicorn::server {

class QueuedDispatch;
struct ServingThread;

/// One request on its way through a Python thread: how the application sees it, and the letter box between that thread and the
/// engine's. Belongs to a session, and is used again for its next request. **GIL**: not needed by any method.
class QueuedExchange final : public gateway::Exchange {
public:
    QueuedExchange(QueuedDispatch& dispatch, HttpSession& session) : dispatch_(dispatch), session_(session) {}

    // gateway::Exchange, for the application.
    [[nodiscard]] const http::RequestHead& head() const override { return session_.head(); }
    [[nodiscard]] const gateway::RequestBody& body() const override { return session_.body(); }
    [[nodiscard]] const gateway::ConnectionInfo& connection() const override { return session_.connection(); }
    [[nodiscard]] gateway::ClientView client() const override { return session_.client(); }
    [[nodiscard]] std::string_view script_name() const override { return session_.script_name(); }
    [[nodiscard]] std::string_view scheme() const override { return session_.scheme(); }
    http::ResponseHead& response() override { return session_.response(); }
    [[nodiscard]] bool head_sent() const override { return pending_.has_head || has_posted_head_; }
    Result<void> write(std::string_view piece) override;
    Result<void> early_hints(const http::ResponseHead& hints) override;
    Result<UniqueFd> open_socket() override;
    void hand_over() override { session_.hand_over(); }
    [[nodiscard]] bool is_answer() const override;
    void access_logged() override { session_.access_logged(); }

    // The thread that runs the application, which frames by itself.
    /// A large piece is lent: it must live until the response goes on, or the session has given up its source.
    void put(std::string_view piece, std::optional<std::uint64_t> known_length);
    /// Takes a descriptor of its own: the application's may be closed before all is sent.
    void put_file(const gateway::FilePart& part, std::optional<std::uint64_t> known_length);
    void end(std::optional<std::uint64_t> known_length);
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
    [[nodiscard]] bool is_lending() const noexcept { return !pending_.piece.empty(); }
    /// Something of the response was lent.
    [[nodiscard]] bool has_lent() const noexcept { return has_lent_; }
    [[nodiscard]] std::size_t pending() const noexcept { return pending_.bytes.size(); }
    [[nodiscard]] HttpSession& session() const noexcept { return session_; }

private:
    friend class QueuedDispatch;

    /// What came since the engine looked last.
    struct Letter {
        FramedOutput output;
        bool ended = false;     // the output is whole
        bool released = false;  // the thread has done with the session
        std::optional<Error> failed;

        void clear() noexcept {
            output.clear();
            ended = released = false;
            failed.reset();
        }
    };

    void begin();
    void start(std::optional<std::uint64_t> known_length);

    QueuedDispatch& dispatch_;
    HttpSession& session_;

    // The thread that has the request.
    FramedOutput pending_;
    bool has_posted_head_ = false;
    bool has_ended_ = false;
    bool has_lent_ = false;

    // Under the mutex of the dispatch.
    Letter letter_;
    bool is_posted_ = false;  // the engine has to look at the letter
    std::size_t ahead_ = 0;   // bytes that were posted and are not sent
    bool is_gone_ = false;    // nobody reads any more
    bool is_expired_ = false;  // the engine has answered for it, and nobody reads what it makes
    bool is_late_ = false;     // the same, and it has a thread
    bool has_socket_ = false;  // the application has the connection
    bool is_parked_ = false;  // no thread has it; it goes on when all is sent
    ServingThread* thread_ = nullptr;
    std::condition_variable room_;

    // The engine's thread.
    Letter taken_;
    std::size_t taken_size_ = 0;  // of ahead_, what the session has
};

}  // namespace gunicorn::server
