#include "server/worker/inline_dispatch.h"

#include "server/protocol/http_session.h"
#include "server/worker/engine.h"

namespace gunicorn::server {
namespace {

// Above this moving average nobody shall wait on a kept connection behind a busy worker (design section 5).
constexpr double kLongCallMs = 10.0;
constexpr double kAverageWeight = 0.1;

}  // namespace

void InlineDispatch::submit(HttpSession& session) {
    lock_.take();
    entered_ = session.request_began();
    engine_.beat(entered_);
    session.busy_time = {};
    auto called = application_.call(session);
    if (called) {
        session.source = *std::move(called);
        pump(session);
    } else if (session.is_gone()) {
        if (called.error().kind == ErrorKind::system_exit) errors_.while_handling(session.head(), called.error());
        session.release();
    } else {
        fail(session, called.error());
        pump(session);
    }
}

void InlineDispatch::on_room(HttpSession& session) {
    entered_ = Clock::now();
    engine_.beat(entered_);
    pump(session);
}

/// Pulls and sends in turns until the socket is full, the response is complete or the client is gone.
void InlineDispatch::pump(HttpSession& session) {
    for (;;) {
        if (session.has_ended()) {
            if (session.flush()) return complete(session);
            if (session.is_gone()) give_up(session);
            return;
        }
        // The master ends a call that takes too long; this ends an answer that is made in many short ones.
        if (session.is_overdue()) {
            session.fail(504, {});
            continue;
        }
        lock_.take();
        pull(session);
        if (session.has_ended()) continue;
        if (!session.flush()) {
            const TimePoint now = Clock::now();
            session.busy_time += now - entered_;
            engine_.return_soon(now);
            if (session.is_gone()) give_up(session);
            return;
        }
    }
}

void InlineDispatch::pull(HttpSession& session) {
    const auto known_length = session.source->known_length();
    if (const auto file = session.source->file()) {
        session.put_file({file->fd, file->offset, file->size}, known_length);
        session.end(known_length);
        return;
    }
    const auto piece = session.source->next();
    if (!piece) return fail(session, piece.error());
    if (!piece->bytes.empty()) session.put(piece->bytes, known_length);
    // What nobody will get is not asked for: a generator may be endless.
    if (piece->last || (!piece->bytes.empty() && session.encoder().is_full())) session.end(known_length);
}

void InlineDispatch::fail(HttpSession& session, const Error& error) {
    errors_.while_handling(session.head(), error);
    // SystemExit is how the worker is ended when it is late: by its handler of SIGABRT.
    const bool is_ended_late = error.kind == ErrorKind::system_exit && session.is_overdue();
    session.fail(is_ended_late ? 504 : 500, error.message);
}

void InlineDispatch::complete(HttpSession& session) {
    lock_.take();
    const TimePoint now = Clock::now();
    note_duration(session.busy_time + (now - entered_));
    engine_.return_soon(now);
    if (session.source) {
        session.keep_environ_values(environ_names_);
        if (auto finished = session.source->finish(session.summary(now)); !finished) errors_.after_response(finished.error());
        session.source.reset();
    }
    session.finish();
}

void InlineDispatch::give_up(HttpSession& session) {
    lock_.take();
    if (session.source) {
        session.keep_environ_values(environ_names_);
        if (auto finished = session.source->finish(session.summary(Clock::now())); !finished) {
            errors_.after_response(finished.error());
        }
        session.source.reset();
    }
    session.release();
}

void InlineDispatch::note_duration(Duration duration) {
    const double ms = std::chrono::duration<double, std::milli>(duration).count();
    average_ms_ += kAverageWeight * (ms - average_ms_);
    engine_.set_keep_alive(average_ms_ < kLongCallMs);
}

}  // namespace gunicorn::server
