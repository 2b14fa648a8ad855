#include "server/worker/queued_dispatch.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/sys.h"
#include "server/worker/engine.h"

namespace gunicorn::server {

/// The exchange as the thread that runs the application sees it: it frames by itself and posts bytes.
class QueuedExchange final : public gateway::Exchange {
public:
    QueuedExchange(QueuedDispatch& dispatch, const QueuedDispatch::Job& job) : dispatch_(dispatch), job_(job) {}

    [[nodiscard]] const http::RequestHead& head() const override { return session().head(); }
    [[nodiscard]] const gateway::RequestBody& body() const override { return session().body(); }
    [[nodiscard]] const gateway::ConnectionInfo& connection() const override { return session().connection(); }
    [[nodiscard]] gateway::ClientView client() const override { return session().client(); }
    [[nodiscard]] std::string_view script_name() const override { return session().script_name(); }
    [[nodiscard]] std::string_view scheme() const override { return session().scheme(); }
    http::ResponseHead& response() override { return session().response(); }
    [[nodiscard]] bool head_sent() const override { return started_; }

    /// PEP 3333's write(): called without the GIL.
    Result<void> write(std::string_view piece) override {
        if (piece.empty()) return {};
        put(piece, std::nullopt);
        post_pending(false);
        if (!wait_for_room()) return failure(ErrorKind::closed, "the client is gone");
        return {};
    }
    Result<void> early_hints(const http::ResponseHead& hints) override {
        if (started_ || session().is_handed_over() || head().version() < http::kHttp11) return {};
        std::string bytes;
        http::encode_early_hints(hints, bytes);
        dispatch_.post({job_.session, std::move(bytes), std::nullopt, {}, false, std::nullopt, true}, job_.flow);
        if (!wait_for_room()) return failure(ErrorKind::closed, "the client is gone");
        return {};
    }
    /// The engine's thread has nothing to do with the session while nothing is on its way.
    Result<UniqueFd> open_socket() override {
        if (pending() > 0) post_pending(false);
        if (!wait_until_sent()) return failure(ErrorKind::closed, "the client is gone");
        return session().open_socket();
    }
    void hand_over() override { session().hand_over(); }

    void put(std::string_view piece, std::optional<std::uint64_t> known_length) {
        if (session().is_handed_over()) return;
        start(known_length);
        const http::Framed framed = session().encoder().frame(piece, bytes_);
        bytes_.append(framed.piece);
        bytes_.append(framed.suffix);
    }
    void put_file(const gateway::FilePart& part, std::optional<std::uint64_t> known_length) {
        if (session().is_handed_over()) return;
        start(known_length);
        const http::FramedSize framed = session().encoder().frame_of_size(part.size, bytes_);
        if (framed.size == 0) return;
        // The descriptor of the application may be closed before the client has read it all. Without a copy (EMFILE) sending
        // fails, which is logged and closes the connection.
        UniqueFd copy(::fcntl(part.fd, F_DUPFD_CLOEXEC, 0));
        const int fd = copy.get();
        file_ = OutgoingFile{std::move(copy), fd, part.offset, framed.size};
        suffix_ = framed.suffix;
    }
    void end(std::optional<std::uint64_t> known_length) {
        if (session().is_handed_over()) return;
        start(known_length);
        const std::string_view tail = session().encoder().finish();
        (file_ ? suffix_ : bytes_).append(tail);
    }
    [[nodiscard]] std::size_t pending() const noexcept { return bytes_.size(); }
    void post_pending(bool last) {
        dispatch_.post({job_.session, std::move(bytes_), std::move(file_), std::move(suffix_), last, std::nullopt, false}, job_.flow);
        bytes_.clear();
        file_.reset();
        suffix_.clear();
    }
    void post_failure(Error error) {
        dispatch_.post({job_.session, std::move(bytes_), std::nullopt, {}, true, std::move(error), false}, job_.flow);
    }
    /// False when the client is gone. Blocks; not with the GIL.
    bool wait_for_room() {
        std::unique_lock lock(dispatch_.mutex_);
        job_.flow->room.wait(lock, [&] { return job_.flow->gone || job_.flow->ahead < QueuedDispatch::kHighWater; });
        return !job_.flow->gone;
    }
    bool wait_until_sent() {
        std::unique_lock lock(dispatch_.mutex_);
        job_.flow->room.wait(lock, [&] { return job_.flow->gone || job_.flow->ahead == 0; });
        return !job_.flow->gone;
    }
    /// What fails because nobody reads any more is no error of the application.
    [[nodiscard]] bool is_gone() {
        const std::lock_guard lock(dispatch_.mutex_);
        return job_.flow->gone;
    }
    [[nodiscard]] bool has_room() {
        const std::lock_guard lock(dispatch_.mutex_);
        return !job_.flow->gone && job_.flow->ahead < QueuedDispatch::kHighWater;
    }
    HttpSession& session() const { return *job_.session; }

private:
    void start(std::optional<std::uint64_t> known_length) {
        if (started_) return;
        started_ = true;
        session().encoder().start(session().queued_context(), session().response(), known_length, bytes_);
    }

    QueuedDispatch& dispatch_;
    const QueuedDispatch::Job& job_;
    std::string bytes_;
    std::optional<OutgoingFile> file_;
    std::string suffix_;
    bool started_ = false;
};

Result<std::unique_ptr<QueuedDispatch>> QueuedDispatch::create(gateway::Application& application, AppErrors errors,
                                                               std::vector<std::string> environ_names) {
    GN_TRY(UniqueFd wake, sys::event_fd());
    return std::unique_ptr<QueuedDispatch>(
        new QueuedDispatch(application, std::move(errors), std::move(environ_names), std::move(wake)));
}

Result<void> QueuedDispatch::attach(Engine& engine) {
    GN_TRY(watch_, engine.watch(wake_.get(), [this] { on_answers(); }));
    return {};
}

void QueuedDispatch::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    work_.notify_all();
    for (Flow* flow : flows_) {
        flow->gone = true;
        flow->room.notify_one();
    }
}

void QueuedDispatch::submit(HttpSession& session) {
    session.keep_queued_context();
    auto flow = std::make_shared<Flow>();
    session.dispatch_state = flow;
    const std::lock_guard lock(mutex_);
    flows_.push_back(flow.get());
    jobs_.push_back({&session, std::move(flow)});
    work_.notify_one();
}

void QueuedDispatch::expect_thread() {
    const std::lock_guard lock(mutex_);
    ++serving_;
}

bool QueuedDispatch::wait_until_unused(Duration most) {
    std::unique_lock lock(mutex_);
    return unused_.wait_for(lock, most, [&] { return serving_ == 0; });
}

void QueuedDispatch::serve(gateway::InterpreterLock& lock) {
    lock.drop();
    std::unique_lock guard(mutex_);
    for (;;) {
        work_.wait(guard, [&] { return closed_ || !jobs_.empty(); });
        if (closed_) break;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        guard.unlock();
        lock.take();
        run(job, lock);
        lock.drop();
        guard.lock();
    }
    --serving_;
    unused_.notify_all();
    guard.unlock();
    lock.take();
}

void QueuedDispatch::run(const Job& job, gateway::InterpreterLock& lock) {
    constexpr std::size_t kPostAt = 64U << 10U;
    QueuedExchange exchange(*this, job);
    auto called = application_.call(exchange);
    if (!called) {
        if (!exchange.is_gone()) errors_.while_handling(exchange.head(), called.error());
        exchange.post_failure(std::move(called).error());
        return;
    }
    const std::unique_ptr<gateway::ResponseSource> source = *std::move(called);
    const auto known_length = source->known_length();
    std::optional<Error> failed;
    if (const auto file = source->file()) {
        exchange.put_file(*file, known_length);
        exchange.end(known_length);
    } else {
        for (;;) {
            const auto piece = source->next();
            if (!piece) {
                failed = piece.error();
                break;
            }
            if (!piece->bytes.empty()) exchange.put(piece->bytes, known_length);
            // What nobody will get is not asked for: a generator may be endless.
            if (piece->last || (!piece->bytes.empty() && exchange.session().encoder().is_full())) {
                exchange.end(known_length);
                break;
            }
            // A generator's pieces go out as they are made: whoever streams means it.
            if (exchange.pending() < kPostAt && known_length) continue;
            exchange.post_pending(false);
            if (exchange.has_room()) continue;
            lock.drop();
            const bool goes_on = exchange.wait_for_room();
            lock.take();
            if (!goes_on) {
                failed = Error{ErrorKind::closed, 0, "the client is gone"};
                break;
            }
        }
    }
    for (const std::string& name : environ_names_) {
        if (auto value = source->environ_value(name)) exchange.session().keep_environ_value(name, *std::move(value));
    }
    const Duration elapsed = Clock::now() - exchange.session().request_began();
    const gateway::ResponseSummary summary{exchange.session().encoder().bytes_of_body(), elapsed, !failed};
    if (failed && !exchange.is_gone()) errors_.while_handling(exchange.head(), *failed);
    // Before the last answer is posted: afterwards the session, which the hooks look at, belongs to the engine again.
    if (auto finished = source->finish(summary); !finished) errors_.after_response(finished.error());
    if (failed) {
        exchange.post_failure(*std::move(failed));
    } else {
        exchange.post_pending(true);
    }
}

void QueuedDispatch::post(Answer answer, const std::shared_ptr<Flow>& flow) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        flow->ahead += answer.bytes.size();
        was_empty = answers_.empty();
        answers_.push_back(std::move(answer));
    }
    if (!was_empty) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // fails only when it is full of wake-ups
}

void QueuedDispatch::on_answers() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
    {
        const std::lock_guard lock(mutex_);
        taken_.swap(answers_);
    }
    for (Answer& answer : taken_) on_answer(std::move(answer));
    taken_.clear();
}

void QueuedDispatch::on_answer(Answer answer) {
    HttpSession& session = *answer.session;
    Flow& flow = flow_of(session);
    if (answer.last) flow.done = true;
    flow.taken += answer.bytes.size();
    if (!session.is_gone()) {
        if (answer.is_interim) {
            session.put_interim(answer.bytes);
        } else if (!answer.bytes.empty() || answer.file) {
            session.put_raw(std::move(answer.bytes), std::move(answer.file), answer.suffix);
        }
        if (answer.failed) {
            session.fail(500, answer.failed->message);
        } else if (answer.last) {
            session.end_raw();
        }
        if (session.flush()) return settle(session);
        if (!session.is_gone()) return;  // on_room follows
    }
    on_abandoned(session);
}

/// Everything that was posted is sent.
void QueuedDispatch::settle(HttpSession& session) {
    Flow& flow = flow_of(session);
    if (session.has_ended()) {
        end_flow(session);
        session.finish();
        return;
    }
    const std::lock_guard lock(mutex_);
    flow.ahead -= std::exchange(flow.taken, 0);
    flow.room.notify_one();
}

void QueuedDispatch::end_flow(HttpSession& session) {
    const std::shared_ptr<void> ended = std::exchange(session.dispatch_state, nullptr);
    const std::lock_guard lock(mutex_);
    std::erase(flows_, static_cast<Flow*>(ended.get()));
}

void QueuedDispatch::on_room(HttpSession& session) { settle(session); }

void QueuedDispatch::on_abandoned(HttpSession& session) {
    Flow& flow = flow_of(session);
    if (flow.done) {
        end_flow(session);
        session.release();
        return;
    }
    const std::lock_guard lock(mutex_);
    flow.gone = true;
    flow.room.notify_one();
}

}  // namespace gunicorn::server
