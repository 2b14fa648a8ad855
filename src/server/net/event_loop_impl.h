#pragma once
// For the sources of net/ only.

#include <cstdlib>  // before asio; see asio_impl.cc

#include <asio.hpp>

#include "server/net/event_loop.h"
#include "server/net/wait_set.h"

namespace gunicorn::server {

struct EventLoop::Impl {
    // One thread uses the context, so asio may leave out its locks (design section 5).
    asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE};
    std::unique_ptr<WaitSet> sleeps_on;
    unsigned busy_turns = 0;
};

}  // namespace gunicorn::server
