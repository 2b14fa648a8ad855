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
    /// Reads the configuration; with `HostFiles::not_asked` without a look at users and paths of this host. Handles in the
    /// settings have the number of the `generation`. `sources` outlives it.
    Preparation(const CommandSources& sources, config::HostFiles files, std::uint32_t generation = 1);
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

    [[nodiscard]] Configuration& configuration() noexcept { return configuration_; }
    [[nodiscard]] config::Settings& settings() noexcept { return configuration_.resolution.settings; }
    [[nodiscard]] Diagnostics& diagnostics() noexcept { return configuration_.resolution.diagnostics; }
    [[nodiscard]] const config::ValidationContext& context() const noexcept { return context_; }
    [[nodiscard]] python::ObjectTable& objects() noexcept { return objects_; }
    /// The application of the command line, else that of wsgi_app, else that of a paste file, whose uri is empty.
    [[nodiscard]] python::NamedApplication application() const;

private:
    const CommandSources& sources_;
    config::SystemAccounts accounts_;
    config::RuleFacts facts_;
    python::ObjectTable objects_;
    config::ValidationContext context_;
    Configuration configuration_;
};

}  // namespace gunicorn::app
