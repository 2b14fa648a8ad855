#include "app/preparation.h"

#include <unistd.h>

#include <fmt/format.h>

#include "app/host_facts.h"
#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {
namespace {

constexpr std::int64_t kUnknownUser = 65534;  // nobody: a simulated user that this host does not have

/// The number of the simulated user, where it is said or known here; nothing without a simulated one, too.
std::optional<std::int64_t> simulated_user(const config::Commands& commands) {
    if (!commands.simulation || commands.simulation->user.empty()) return std::nullopt;
    const std::string& name = commands.simulation->user;
    if (const auto number = text::parse_decimal(name)) return static_cast<std::int64_t>(*number);
    return config::SystemAccounts().user_id(name);
}

Diagnostic unknown_simulated_user(const CommandSources& sources) {
    return {DiagId::no_such_user,
            {},
            Origin{.kind = SourceKind::command_line},
            fmt::format("--simulate: this host has no user {}, whose number is taken for {}",
                        text::repr(sources.commands.simulation->user), kUnknownUser),
            Severity::note,
            "give the number: --simulate user=1000"};
}

/// What rules may know of the host: of a simulated one what was said, of one that nobody asks nothing.
config::RuleFacts known_facts(const CommandSources& sources, config::HostFiles files) {
    if (files == config::HostFiles::asked) return host_facts(sources.environment, sources.process);
    config::RuleFacts facts;
    if (sources.commands.simulation) facts.cpu_quota = sources.commands.simulation->cpus;
    return facts;
}

config::ValidationContext make_context(const CommandSources& sources, config::HostFiles files,
                                       const config::AccountDatabase& accounts, const config::RuleFacts& facts,
                                       python::ObjectTable& objects) {
    return {.environment = &sources.environment,
            .accounts = files == config::HostFiles::asked ? &accounts : nullptr,
            .objects = &objects,
            .files = files,
            .working_directory = sys::working_directory(),
            .effective_user = starting_user(sources.commands),
            .effective_group = ::getegid(),
            .facts = &facts};
}

}  // namespace

std::int64_t starting_user(const config::Commands& commands) {
    if (!commands.simulation || commands.simulation->user.empty()) return ::geteuid();
    return simulated_user(commands).value_or(kUnknownUser);
}

Preparation::Preparation(const CommandSources& sources, config::HostFiles files, std::uint32_t generation)
    : sources_(sources),
      facts_(known_facts(sources, files)),
      objects_(generation),
      context_(make_context(sources, files, accounts_, facts_, objects_)),
      configuration_(load_configuration(sources, context_, objects_)) {
    const auto& simulation = sources.commands.simulation;
    if (simulation && !simulation->user.empty() && !simulated_user(sources.commands)) {
        diagnostics().push_back(unknown_simulated_user(sources));
    }
    // Gunicorn: WSGIApplication.init. Processes are called after the application of the command line unless somebody says
    // otherwise.
    if (settings().origin(config::SettingId::default_proc_name).kind == SourceKind::defaults &&
        !sources.application().empty()) {
        settings().default_proc_name = sources.application();
    }
}

python::NamedApplication Preparation::application() const {
    const config::Settings& given = configuration_.resolution.settings;
    python::NamedApplication named{.uri = sources_.application(),
                                   .origin = {.kind = SourceKind::command_line},
                                   .start_directory = context_.working_directory};
    if (!named.uri.empty()) return named;
    named.uri = given.wsgi_app.value_or("");
    named.origin = given.origin(given.wsgi_app ? config::SettingId::wsgi_app : config::SettingId::paste);
    return named;
}

}  // namespace gunicorn::app
