#include "server/worker/accept_trouble.h"

#include <cerrno>
#include <string>
#include <utility>

#include "base/sys.h"

namespace gunicorn::server {

AcceptFailure judge_accept_error(int code) noexcept {
    switch (code) {
        case EAGAIN: return AcceptFailure::none_waiting;
        case EINTR:
        case ECONNABORTED:
        case EPERM:  // a rule of the firewall
        case EPROTO:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENONET:
        case ETIMEDOUT: return AcceptFailure::connection_lost;
        default: return AcceptFailure::no_room;  // EMFILE, ENFILE, ENOBUFS, ENOMEM; and what nobody expects must not spin
    }
}

void AcceptTrouble::on_no_room(int code, std::size_t open, TimePoint now, gateway::LogSink& log) {
    last_ = now;
    if (std::exchange(is_on_, true)) return;
    log.error("accept: " + sys::describe_errno(code) + ": new connections wait; " + std::to_string(open) + " are open");
}

void AcceptTrouble::on_tick(TimePoint now, gateway::LogSink& log) {
    if (!is_on_ || now - last_ < kOverAfter) return;
    is_on_ = false;
    log.info("accept: there is room for new connections again");
}

}  // namespace gunicorn::server
