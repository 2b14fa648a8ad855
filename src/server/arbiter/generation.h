#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.gen.h"
#include "gateway/log_sink.h"
#include "hooks/hook_set.gen.h"
#include "server/log/access_log.h"
#include "server/net/listener.h"
#include "server/net/tls_context.h"
#include "server/statsd/statsd.h"

namespace gunicorn::server {

/// What `reload` watches beside the modules that are loaded: absolute paths.
struct DevelopmentFiles {
    std::vector<std::string> configuration;  ///< that the settings were read from
    std::vector<std::string> extra;          ///< reload_extra_files: paths and patterns
};

/// Everything that one loading of the configuration made, as one thing. A reload makes another beside it. Whoever loads it
/// derives from it what the settings refer to: the Python objects. Made and destroyed with the GIL held.
struct Generation {
    Generation() = default;
    Generation(const Generation&) = delete;
    Generation& operator=(const Generation&) = delete;
    virtual ~Generation() = default;

    std::uint32_t number = 0;
    config::Settings settings;
    hooks::HookSet hooks;
    std::string worker_class;  ///< "sync", "gthread"
    std::unique_ptr<Statsd> statsd;  ///< null: no metrics are sent. The log counts its lines there
    std::unique_ptr<gateway::LogSink> log;
    DevelopmentFiles files;
    std::string changed_settings;  ///< for the status listener (config::changed_settings_json); empty when there is none
    std::unique_ptr<AccessLog> access_log;  ///< null: none. Opened by the master, written by the workers

    // By the master, not by whoever loads.
    std::vector<Listener> listeners;
    std::vector<Listener> status_listeners;  ///< of status_bind: one at most
    /// Of every listener; null: they speak plain HTTP, or `ssl_context` makes a context of its own.
    std::unique_ptr<TlsContext> tls;
};

/// Where generations come from. GIL held for everything.
class GenerationLoader {
public:
    virtual ~GenerationLoader() = default;
    /// Reads the whole configuration anew, in this process, and enters what comes of it; says in its log what is different
    /// from `running`. An Error has every diagnostic as text; then enter(running) makes the process what it was. **Blocks**
    /// as long as the configuration file runs.
    virtual Result<std::unique_ptr<Generation>> load(std::uint32_t number, const Generation& running) = 0;
    /// Makes the process one of this generation: environment, working directory, and what hooks see of it (server.cfg,
    /// server.log, app.cfg). An Error names what cannot be done; the rest is done all the same.
    virtual Result<void> enter(const Generation& generation) = 0;
    /// What makes the user's code that runs in the main thread raise an exception; async-signal-safe. From this call on,
    /// which may change the handler of SIGINT.
    virtual void (*interrupter())() = 0;
    /// Nothing is interrupted any more: what came too late for the code that was to be interrupted is forgotten.
    virtual void forget_interrupts() = 0;
};

}  // namespace gunicorn::server
