#pragma once

#include <string>

#include "app/configuration.h"
#include "config/rule_facts.h"
#include "config/system_accounts.h"
#include "config/validation.h"
#include "python/application_check.h"
#include "python/object_table.h"

namespace gunicorn::app {

/// Who starts the server: this process, or the user of --simulate.
[[nodiscard]] std::int64_t starting_user(const config::Commands& commands);

/// What a start and a check have in common: the world as validators see it, and the configuration in it. GIL held.
class Preparation {
public:
    /// Reads the configuration; with `HostFiles::not_asked` without a look at users and paths of this host.
    Preparation(const CommandSources& sources, config::HostFiles files);
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

    [[nodiscard]] Configuration& configuration() noexcept { return configuration_; }
    [[nodiscard]] config::Settings& settings() noexcept { return configuration_.resolution.settings; }
    [[nodiscard]] Diagnostics& diagnostics() noexcept { return configuration_.resolution.diagnostics; }
    [[nodiscard]] const config::ValidationContext& context() const noexcept { return context_; }
    [[nodiscard]] python::ObjectTable& objects() noexcept { return objects_; }
    /// The application of the command line, else that of wsgi_app, else that of a paste file, whose uri is empty.
    [[nodiscard]] python::NamedApplication application() const;

    /// sys.path as the settings want it: chdir and pythonpath, which need not exist.
    Result<void> extend_path();
    /// What the settings say about this process, in the order of Gunicorn's start: chdir, pythonpath, raw_env.
    Result<void> set_up_process();

private:
    const CommandSources& sources_;
    config::SystemAccounts accounts_;
    config::RuleFacts facts_;
    python::ObjectTable objects_{1};
    config::ValidationContext context_;
    Configuration configuration_;
};

}  // namespace gunicorn::app
