#pragma once

#include <string_view>

namespace gunicorn::server {

/// The steps of a worker from its fork to its first request, so that a report of a failure says where it happened.
enum class BootStep {
    post_fork,         ///< the hook
    listeners,         ///< sockets of its own (reuse_port)
    tls,               ///< the hook ssl_context
    privileges,        ///< user and group
    signals,           ///< the worker object and its signal handlers
    engine,            ///< event loop, access to the listeners
    application,       ///< the import of the application
    post_worker_init,  ///< the hook
    ready,             ///< serves
};

[[nodiscard]] constexpr std::string_view name_of(BootStep step) noexcept {
    switch (step) {
        case BootStep::post_fork: return "the post_fork hook";
        case BootStep::listeners: return "opening listeners of its own";
        case BootStep::tls: return "making the TLS context";
        case BootStep::privileges: return "switching user and group";
        case BootStep::signals: return "installing signal handlers";
        case BootStep::engine: return "starting the engine";
        case BootStep::application: return "loading the application";
        case BootStep::post_worker_init: return "the post_worker_init hook";
        case BootStep::ready: return "serving";
    }
    return {};
}

}  // namespace gunicorn::server
