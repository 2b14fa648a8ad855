#include "server/worker/queued_dispatch.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/sys.h"
#include "server/worker/alternate_stack.h"
#include "server/worker/engine.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kPulledAhead = 128U << 10U;  // a pulled response may be this far ahead of its client
constexpr std::size_t kPostAt = 64U << 10U;        // of a body whose length is known, pieces are collected up to here
constexpr std::size_t kAnnounceAt = 16;            // letters: the engine can send while the thread goes on
constexpr std::size_t kMostDiscarded = 16;         // sources of lent pieces, until a thread is woken for them
constexpr std::size_t kBatch = 32;                 // requests: a thread can begin while the engine reads on
constexpr auto kGlancing = std::chrono::milliseconds(5);  // without finding anything: the threads are busy for longer
constexpr auto kGlance = std::chrono::milliseconds(1);
constexpr int kRequestsInARow = 256;  // then others get the GIL, also when no line of Python is run

}  // namespace

Result<std::unique_ptr<QueuedDispatch>> QueuedDispatch::create(gateway::Application& application, AppErrors errors,
                                                               std::vector<std::string> environ_names) {
    GN_TRY(UniqueFd wake, sys::event_fd());
    return std::unique_ptr<QueuedDispatch>(
        new QueuedDispatch(application, std::move(errors), std::move(environ_names), std::move(wake)));
}

Result<void> QueuedDispatch::attach(Engine& engine) {
    GN_TRY(watch_, engine.watch(wake_.get(), [this] {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
        take_letters();
    }));
    return {};
}

void QueuedDispatch::close() {
    const std::lock_guard guard(mutex_);
    is_closed_ = true;
    for (ServingThread* thread : idle_) thread->wake.notify_one();
    for (QueuedExchange* request : waiting_) {
        request->is_gone_ = true;
        request->room_.notify_one();
    }
}

void QueuedDispatch::expect_thread() {
    const std::lock_guard guard(mutex_);
    ++serving_;
}

bool QueuedDispatch::wait_until_unused(Duration most) {
    std::unique_lock guard(mutex_);
    return unused_.wait_for(guard, most, [&] { return serving_ == 0; });
}

// Python threads.

void QueuedDispatch::serve(gateway::InterpreterLock& lock) {
    {
        const AlternateStack stack;
        ServingThread thread;
        thread.ident = static_cast<std::uint64_t>(::pthread_self());
        int in_a_row = 0;
        while (QueuedExchange* request = take(thread, lock)) {
            run(*request);
            if (++in_a_row % kRequestsInARow != 0) continue;
            announce_all();
            lock.drop();
            lock.take();
        }
    }
    lock.drop();
    {
        const std::lock_guard guard(mutex_);
        --serving_;
        unused_.notify_all();
    }
    lock.take();
}

/// The next request for this thread; null once the queue is closed. Gives the GIL away only to sleep, and takes it before it
/// takes a request: while this thread waits for the GIL, the one that has it serves on.
QueuedExchange* QueuedDispatch::take(ServingThread& thread, gateway::InterpreterLock& lock) {
    std::unique_lock guard(mutex_);
    thread.current = nullptr;
    for (;;) {
        if (is_closed_) return nullptr;
        if (!discarded_.empty()) discard(guard);
        QueuedExchange* request = next_for(thread);
        if (!posted_.empty() && (request == nullptr || !is_glancing_)) announce();
        if (request != nullptr) return request;
        idle_.push_back(&thread);
        const auto is_called = [&] { return thread.is_woken || is_closed_; };
        const bool may_linger = jobs_.empty() && woken_ == 0 && lock.is_wanted();
        if (!may_linger || !thread.wake.wait_for(guard, lock.kLinger, is_called)) {
            guard.unlock();
            lock.drop();
            guard.lock();
            thread.wake.wait(guard, is_called);
            guard.unlock();
            lock.take();
            guard.lock();
        }
        if (std::exchange(thread.is_woken, false)) {
            --woken_;
        } else {
            std::erase(idle_, &thread);
        }
    }
}

/// New requests are for threads without unfinished responses, as long as there are any: those would wait for this one.
bool QueuedDispatch::leaves_to_another(const ServingThread& thread) {
    if (thread.parked == 0 && thread.resumed.empty()) return false;
    if (woken_ > 0) return true;
    if (std::none_of(idle_.begin(), idle_.end(), [](const ServingThread* other) { return other->parked == 0; })) return false;
    wake_one();
    return true;
}

QueuedExchange* QueuedDispatch::next_for(ServingThread& thread) {
    const bool wants_new = !jobs_.empty() && (thread.resumed.empty() || thread.has_resumed);
    const bool takes_new = wants_new && !leaves_to_another(thread);
    if (!takes_new && thread.resumed.empty()) return nullptr;
    auto& queue = takes_new ? jobs_ : thread.resumed;
    QueuedExchange* request = queue.front();
    queue.pop_front();
    if (takes_new) publish_queue();
    thread.has_resumed = !takes_new;
    request->thread_ = &thread;
    thread.current = request;
    // Who waits for the GIL goes on with the rest as soon as this request's application gives it away.
    if (!jobs_.empty() && woken_ == 0) wake_one();
    return request;
}

void QueuedDispatch::run(QueuedExchange& request) {
    auto& source = request.session().source;
    if (!source) {
        auto called = application_.call(request);
        if (!called) {
            log_failure(request, called.error());
            return post_release(request, std::move(called).error());
        }
        source = *std::move(called);
    }
    const auto pulled = pull(request);
    if (!pulled) return finish(request, pulled.error());
    if (*pulled == Pulled::ended) finish(request, std::nullopt);
}

Result<QueuedDispatch::Pulled> QueuedDispatch::pull(QueuedExchange& request) {
    gateway::ResponseSource& source = *request.session().source;
    const auto known_length = source.known_length();
    while (!request.has_ended()) {
        if (is_gone(request)) return failure(ErrorKind::closed, "the client is gone");
        if (const auto file = source.file()) {
            request.put_file(*file, known_length);
            request.end(known_length);
        } else {
            const auto piece = source.next();
            if (!piece) return Unexpected{piece.error()};
            if (!piece->bytes.empty()) request.put(piece->bytes, known_length);
            // What nobody will get is not asked for: a generator may be endless.
            if (piece->last || (!piece->bytes.empty() && request.session().encoder().is_full())) {
                request.end(known_length);
            } else if (known_length && request.pending() < kPostAt && !request.is_lending()) {
                continue;  // a generator's pieces go out as they are made: whoever streams means it
            }
        }
        if (request.has_ended()) break;
        const bool lends = request.is_lending();
        post_part(request);
        if ((lends || !has_room(request)) && park(request)) return Pulled::parked;
    }
    // An epilogue that takes its time does not keep the client waiting; without one, all goes in one letter.
    if (source.has_epilogue()) post_end(request);
    return Pulled::ended;
}

void QueuedDispatch::finish(QueuedExchange& request, std::optional<Error> failed) {
    HttpSession& session = request.session();
    session.keep_environ_values(environ_names_);
    if (failed) log_failure(request, *failed);
    const gateway::ResponseSummary summary{session.encoder().bytes_of_body(), Clock::now() - session.request_began(),
                                           !failed && !is_gone(request)};
    if (auto finished = session.source->finish(summary); !finished) errors_.after_response(finished.error());
    if (!request.has_lent()) session.source.reset();  // else when all is sent: discard()
    post_release(request, std::move(failed));
}

/// What fails because nobody reads any more is no error of the application; what it raises when it is late is.
void QueuedDispatch::log_failure(QueuedExchange& request, const Error& error) {
    bool has_client = false;
    {
        const std::lock_guard guard(mutex_);
        has_client = !request.is_gone_ || request.is_expired_;
    }
    if (has_client || error.kind == ErrorKind::system_exit) errors_.while_handling(request.head(), error);
}

/// The ends of sources whose pieces were lent until all was sent. Needs the GIL, and gives the lock back for it.
void QueuedDispatch::discard(std::unique_lock<std::mutex>& guard) {
    auto sources = std::exchange(discarded_, {});
    guard.unlock();
    sources.clear();
    guard.lock();
}

/// False when there is no reason any more. When true, the request belongs to resume().
bool QueuedDispatch::park(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    if (request.is_gone_ || request.ahead_ == 0) return false;
    request.is_parked_ = true;
    ++request.thread_->parked;
    return true;
}

bool QueuedDispatch::is_gone(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    return request.is_gone_;
}

bool QueuedDispatch::has_room(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    return !request.is_gone_ && request.ahead_ < kPulledAhead;
}

bool QueuedDispatch::wait_for_room(QueuedExchange& request, std::size_t below) {
    std::unique_lock guard(mutex_);
    const auto has_room = [&] { return request.is_gone_ || request.ahead_ < below; };
    if (!has_room()) {
        if (is_closed_) return false;
        waiting_.push_back(&request);
        request.room_.wait(guard, has_room);
        std::erase(waiting_, &request);
    }
    return !request.is_gone_;
}

/// From now on the engine leaves the connection alone, whatever happens.
bool QueuedDispatch::lend_socket(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    request.has_socket_ = true;
    return !request.is_gone_;
}

std::vector<QueuedDispatch::Overdue> QueuedDispatch::take_overdue() {
    const std::lock_guard guard(mutex_);
    for (Overdue& report : overdue_) {
        const QueuedExchange* request = report.request;
        if (request != nullptr && request->thread_->current == request) report.thread = request->thread_->ident;
    }
    return std::exchange(overdue_, {});
}

void QueuedDispatch::post(QueuedExchange& request) {
    FramedOutput& pending = request.pending_;
    if (request.is_gone_) {
        pending.clear();
        request.letter_.output.clear();
    }
    request.ahead_ += pending.size();
    request.has_posted_head_ |= pending.has_head;
    request.letter_.output.append(pending);
    if (std::exchange(request.is_posted_, true)) return;
    posted_.push_back(&request);
}

/// The application goes on, maybe for long: the engine learns of it at once.
void QueuedDispatch::post_part(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    post(request);
    announce();
}

void QueuedDispatch::post_end(QueuedExchange& request) {
    const std::lock_guard guard(mutex_);
    post(request);
    request.letter_.ended = true;
    if (!is_glancing_) announce();
}

void QueuedDispatch::post_release(QueuedExchange& request, std::optional<Error> failed) {
    const std::lock_guard guard(mutex_);
    post(request);
    request.letter_.released = true;
    request.letter_.ended = true;
    request.letter_.failed = std::move(failed);
    if (std::exchange(request.is_late_, false)) --late_;
    for (Overdue& report : overdue_) {
        if (report.request == &request) report.request = nullptr;
    }
    if (posted_.size() >= kAnnounceAt) announce();
}

void QueuedDispatch::announce() {
    if (std::exchange(is_announced_, true)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // fails only when it is full of wake-ups
}

void QueuedDispatch::wake_one() {
    if (idle_.empty()) return;
    // A thread that will have to go on with responses is taken when there is no other.
    auto found = std::find_if(idle_.rbegin(), idle_.rend(), [](const ServingThread* thread) { return thread->parked == 0; });
    if (found == idle_.rend()) found = idle_.rbegin();
    wake(std::next(found).base());
}

void QueuedDispatch::wake(std::vector<ServingThread*>::iterator place) {
    ServingThread* thread = *place;
    idle_.erase(place);
    thread->is_woken = true;
    ++woken_;
    thread->wake.notify_one();
}

void QueuedDispatch::announce_all() {
    const std::lock_guard guard(mutex_);
    if (!posted_.empty()) announce();
}

void QueuedDispatch::resume(QueuedExchange& request) {
    if (is_closed_) return;  // its thread may have left; the source dies with the session
    request.is_parked_ = false;
    ServingThread& thread = *request.thread_;
    --thread.parked;
    thread.resumed.push_back(&request);
    if (const auto found = std::find(idle_.begin(), idle_.end(), &thread); found != idle_.end()) wake(found);
}

// The engine's thread.

void QueuedDispatch::submit(HttpSession& session) {
    session.keep_queued_context();
    if (!session.dispatch_state) session.dispatch_state = std::make_shared<QueuedExchange>(*this, session);
    QueuedExchange& request = exchange_of(session);
    request.begin();
    batch_.push_back(&request);
    if (batch_.size() < kBatch) return;
    const std::lock_guard guard(mutex_);
    hand_over_batch();
}

void QueuedDispatch::hand_over_batch() {
    jobs_.insert(jobs_.end(), batch_.begin(), batch_.end());
    batch_.clear();
    publish_queue();
    if (!jobs_.empty() && woken_ == 0) wake_one();
}

/// While there are requests that no thread has, the threads do not announce each of their letters: the engine looks itself.
Duration QueuedDispatch::end_turn() {
    bool has_letters = false;
    const TimePoint now = Clock::now();
    {
        const std::lock_guard guard(mutex_);
        has_letters = !posted_.empty();
        if (has_letters || !batch_.empty()) useful_at_ = now;
        hand_over_batch();
        is_glancing_ = !jobs_.empty() && now - useful_at_ < kGlancing;
    }
    if (has_letters) {
        take_letters();
        return Duration::zero();
    }
    return is_glancing_ ? Duration(kGlance) : Duration::max();
}

void QueuedDispatch::take_letters() {
    {
        const std::lock_guard guard(mutex_);
        is_announced_ = false;
        taken_.swap(posted_);
        for (QueuedExchange* request : taken_) {
            request->is_posted_ = false;
            std::swap(request->letter_, request->taken_);
            request->letter_.clear();
            request->taken_size_ += request->taken_.output.size();
        }
    }
    for (QueuedExchange* request : taken_) on_letter(*request);
    taken_.clear();
}

void QueuedDispatch::on_letter(QueuedExchange& request) {
    HttpSession& session = request.session();
    QueuedExchange::Letter& letter = request.taken_;
    if (session.is_gone()) return on_abandoned(session);
    session.put_framed(letter.output);
    if (letter.failed) {
        session.fail(500, letter.failed->message);
    } else if (letter.ended) {
        session.end_framed();
    }
    if (session.flush()) return settle(session);
    if (session.is_gone()) on_abandoned(session);  // else on_room follows
}

/// Everything that was posted is sent.
void QueuedDispatch::settle(HttpSession& session) {
    QueuedExchange& request = exchange_of(session);
    if (session.has_ended() && request.taken_.released) {
        hand_over_source(session);
        return session.finish();
    }
    const std::lock_guard guard(mutex_);
    request.ahead_ -= std::exchange(request.taken_size_, 0);
    if (request.is_parked_) resume(request);
    request.room_.notify_one();
}

/// To a thread, which has the GIL.
void QueuedDispatch::hand_over_source(HttpSession& session) {
    if (!session.source) return;
    const std::lock_guard guard(mutex_);
    discarded_.push_back(std::move(session.source));
    // A thread that serves comes by itself; a few may wait for it.
    const bool all_sleep = idle_.size() == static_cast<std::size_t>(serving_);
    if (woken_ == 0 && (all_sleep || discarded_.size() >= kMostDiscarded)) wake_one();
}

void QueuedDispatch::on_room(HttpSession& session) { settle(session); }

void QueuedDispatch::on_abandoned(HttpSession& session) {
    QueuedExchange& request = exchange_of(session);
    if (request.taken_.released) {
        hand_over_source(session);
        return session.release();
    }
    const std::lock_guard guard(mutex_);
    request.is_gone_ = true;
    if (request.is_parked_) resume(request);
    request.room_.notify_one();
}

void QueuedDispatch::on_overdue(HttpSession& session) {
    QueuedExchange& request = exchange_of(session);
    bool is_waiting = false;  // for a thread
    bool starved = false;
    {
        const std::lock_guard guard(mutex_);
        hand_over_batch();
        // Its answer may be here already, and be sent in this turn.
        if (request.has_socket_ || request.letter_.ended || is_closed_) return;
        if (const auto found = std::find(jobs_.begin(), jobs_.end(), &request); found != jobs_.end()) {
            jobs_.erase(found);
            publish_queue();
            is_waiting = true;
            overdue_.push_back({nullptr, std::string(request.head().request_line()), Clock::now() - session.request_began()});
        } else {
            request.is_gone_ = request.is_expired_ = true;
            request.room_.notify_one();
            // It may also wait for its thread, which has another one.
            request.is_late_ = request.thread_->current == &request;
            if (request.is_late_) ++late_;
            overdue_.push_back({&request, std::string(request.head().request_line()), Clock::now() - session.request_began()});
            starved = late_ >= serving_;
        }
    }
    on_overdue_(starved);
    if (!is_waiting) return session.expire();
    request.taken_.released = true;
    session.fail(504, {});
    if (session.flush()) return settle(session);
    if (session.is_gone()) on_abandoned(session);
}

}  // namespace gunicorn::server
