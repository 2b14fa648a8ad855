#pragma once
// The application of a test, and the two ways in which a real dispatch calls one.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "http/request_head.h"
#include "server/protocol/dispatch.h"
#include "server/protocol/http_session.h"

namespace gunicorn::test {

enum class Way {
    pulled,  ///< as InlineDispatch: the next piece when there is room, at once
    posted,  ///< as QueuedDispatch: framed elsewhere, one piece a step(), never at once
};

/// What the application does with one request.
struct Answer {
    std::string status = "200 OK";
    std::vector<std::pair<std::string, std::string>> fields;
    std::vector<std::string> pieces;
    std::optional<std::uint64_t> known_length = std::nullopt;  ///< of the whole body, where the dispatch knows it
    std::optional<std::size_t> fails_before = std::nullopt;    ///< the piece of that number is an exception
    std::optional<gateway::FilePart> file = std::nullopt;      ///< instead of the pieces
    std::size_t written = 0;  ///< so many pieces go by write(); pulled only. A failure of it is ignored
    Way way = Way::pulled;
};

/// What reached the application.
struct Submitted {
    std::string method;
    std::string target;
    http::Version version;
    std::string body;
    bool expects_continue = false;
    bool operator==(const Submitted&) const = default;
};

/// Answers request number n with answer number n, beginning again behind the last one. One connection at a time.
class FakeDispatch final : public server::Dispatch {
public:
    std::vector<Answer> answers{Answer{}};
    std::vector<Submitted> submitted;

    [[nodiscard]] const Answer& answer_to(std::size_t request) const { return answers[request % answers.size()]; }
    /// Whether a posted answer goes on by step() rather than by an event of the stream.
    [[nodiscard]] bool has_work() const { return session_ != nullptr && answer_->way == Way::posted && !is_done_; }
    [[nodiscard]] bool is_busy() const { return session_ != nullptr; }
    /// One answer of the thread that runs the application arrives; false when there is none.
    bool step() {
        if (!has_work()) return false;
        post();
        return true;
    }

    void submit(server::HttpSession& session) override {
        GN_ASSERT(session_ == nullptr, "one request after the other");
        answer_ = &answer_to(submitted.size());
        remember(session);
        session_ = &session;
        next_ = 0;
        is_done_ = false;
        has_head_ = false;
        GN_ASSERT(session.response().set_status(answer_->status), "the status of a test is good");
        for (const auto& [name, value] : answer_->fields)
            GN_ASSERT(session.response().add(name, value), "so are its fields");
        if (answer_->way == Way::posted) return session.keep_queued_context();
        for (; next_ < answer_->written && !is_failing(); ++next_)
            static_cast<void>(session.write(answer_->pieces[next_]));
        pump();
    }

    void on_room(server::HttpSession& session) override {
        GN_ASSERT(session_ == &session, "a session has room only while its answer is under way");
        answer_->way == Way::posted ? settle() : pump();
    }

    void on_abandoned(server::HttpSession& session) override {
        GN_ASSERT(session_ == &session, "a session is abandoned only while its answer is under way");
        if (answer_->way == Way::pulled || is_done_) give_back();
    }

    void on_overdue(server::HttpSession& session) override {
        GN_ASSERT(session_ == &session, "only a session with a request is overdue");
        session.expire();
    }

private:
    void remember(server::HttpSession& session) {
        const http::RequestHead& head = session.head();
        std::string body(session.body().size(), '\0');
        const auto got = session.body().read_at(0, body.data(), body.size());
        GN_ASSERT(got && *got == body.size(), "a body that was accepted is there");
        submitted.push_back({std::string(head.method()), std::string(head.target()), head.version(), std::move(body),
                             head.expects_continue()});
    }
    [[nodiscard]] bool is_failing() const { return answer_->fails_before && next_ == *answer_->fails_before; }

    // InlineDispatch.
    void pump() {
        server::HttpSession& session = *session_;
        for (;;) {
            if (!session.has_ended()) pull(session);
            if (!session.flush()) {
                if (session.is_gone()) give_back();
                return;
            }
            if (!session.has_ended()) continue;
            session_ = nullptr;
            return session.finish();
        }
    }
    void pull(server::HttpSession& session) {
        if (is_failing()) return session.fail(500, "on purpose");
        if (answer_->file) {
            session.put_file({answer_->file->fd, answer_->file->offset, answer_->file->size}, answer_->known_length);
            return session.end(answer_->known_length);
        }
        if (next_ == answer_->pieces.size()) return session.end(answer_->known_length);
        const std::string& piece = answer_->pieces[next_++];
        if (!piece.empty()) session.put(piece, answer_->known_length);
    }

    // QueuedDispatch.
    void post() {
        server::HttpSession& session = *session_;
        server::FramedOutput output;
        std::string& bytes = output.bytes;
        const bool fails = is_failing();
        is_done_ = fails || answer_->file || next_ == answer_->pieces.size();
        if (!fails) {
            if (answer_->file) {
                frame_head(bytes);
                const http::FramedSize framed = session.encoder().frame_of_size(answer_->file->size, bytes);
                if (framed.size > 0) {
                    output.file = server::OutgoingFile{answer_->file->fd, answer_->file->offset, framed.size};
                    output.suffix = framed.suffix;
                }
            } else if (!is_done_) {
                frame(answer_->pieces[next_++], bytes);
            }
            if (is_done_) {
                frame_head(bytes);
                (output.file ? output.suffix : bytes).append(session.encoder().finish());
            }
        }
        if (!session.is_gone()) {
            output.has_head = has_head_;
            session.put_framed(output);
            if (fails) {
                session.fail(500, "on purpose");
            } else if (is_done_) {
                session.end_framed();
            }
            if (session.flush()) return settle();
            if (!session.is_gone()) return;
        }
        on_abandoned(session);
    }
    void frame_head(std::string& bytes) {
        if (std::exchange(has_head_, true)) return;
        session_->encoder().start(session_->queued_context(), session_->response(), answer_->known_length, bytes);
    }
    void frame(const std::string& piece, std::string& bytes) {
        if (piece.empty()) return;
        frame_head(bytes);
        const http::Framed framed = session_->encoder().frame(piece, bytes);
        bytes.append(framed.piece);
        bytes.append(framed.suffix);
    }
    void settle() {
        if (session_->has_ended()) std::exchange(session_, nullptr)->finish();
    }

    void give_back() { std::exchange(session_, nullptr)->release(); }

    server::HttpSession* session_ = nullptr;
    const Answer* answer_ = nullptr;
    std::size_t next_ = 0;
    bool is_done_ = false;   // posted: the last answer was posted
    bool has_head_ = false;  // posted: framed
};

}  // namespace gunicorn::test
