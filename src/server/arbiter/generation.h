#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "config/settings.gen.h"
#include "hooks/hook_set.gen.h"
#include "server/net/listener.h"
#include "server/net/tls_context.h"

namespace gunicorn::server {

/// What `reload` watches beside the modules that are loaded: absolute paths.
struct DevelopmentFiles {
    std::vector<std::string> configuration;  ///< that the settings were read from
    std::vector<std::string> extra;          ///< reload_extra_files: paths and patterns
};

/// Everything that one loading of the configuration made, as one thing. A reload that reads the configuration will build
/// another beside it and swap; until then it changes `number` and `tls` here (Reload). The Python objects that the settings
/// name belong to the `python` folder.
struct Generation {
    std::uint32_t number = 0;
    config::Settings settings;
    hooks::HookSet hooks;
    std::vector<Listener> listeners;
    /// Exported by the settings (raw_env), as they were written: "NAME=value".
    std::vector<std::string> environment;
    DevelopmentFiles files;
    /// Of every listener; null: they speak plain HTTP, or `ssl_context` makes a context of its own.
    std::unique_ptr<TlsContext> tls;
};

}  // namespace gunicorn::server
