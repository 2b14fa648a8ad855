// Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema.

#include "config/registry.h"

#include <algorithm>
#include <iterator>

#include "config/computed_defaults.h"
#include "config/set_field.h"
#include "config/validators.h"

namespace gunicorn::config {
namespace {

constexpr std::string_view kParams_nworkers_changed[] = {"server", "new_value", "old_value"};
constexpr Fact kFacts_nworkers_changed[] = {
    {"Signature", "`def nworkers_changed(server, new_value, old_value)`"},
    {"Default", "not set"},
    {"Status", "works"},
    {"On reload", "takes effect"},
    {"Since", "0.17.2"},
};
constexpr std::string_view kParams_post_request[] = {"worker", "req", "environ", "resp"};
constexpr Fact kFacts_post_request[] = {
    {"Signature", "`def post_request(worker, req, environ, resp)`"},
    {"Default", "does nothing"},
    {"Status", "works"},
    {"On reload", "takes effect"},
    {"Since", "0.17.2"},
};
constexpr std::string_view kParams_ssl_context[] = {"config", "factory"};
constexpr Fact kFacts_ssl_context[] = {
    {"Signature", "`def ssl_context(config, factory)`"},
    {"Default", "not set"},
    {"Status", "not available yet: refused when set"},
    {"On reload", "takes effect"},
    {"Since", "21.0.0"},
};

bool asks_ssl_context(const Settings& settings) { return settings.ssl_context.is_set; }

constexpr Declaration kDeclarations[] = {
    {.id = SettingId::nworkers_changed,
     .name = "nworkers_changed",
     .section = "Server Hooks",
     .type = ValueType::hook,
     .nullable = false,
     .status = Status::working,
     .reload = ReloadEffect::hot,
     .secret = false,
     .has_computed_default = false,
     .action = CliAction::none,
     .cli_type = CliType::text,
     .flags = {},
     .also_called = {},
     .metavar = "",
     .cli_const = "",
     .default_env = "",
     .default_env_format = "",
     .default_text = "not set",
     .since = "0.17.2",
     .summary = "Called when the number of workers changes.",
     .description = "Called when the number of workers changes.",
     .example = "",
     .facts = kFacts_nworkers_changed,
     .choices = {},
     .params = kParams_nworkers_changed,
     .default_value = [](const ValidationContext&) { return RawValue(); },
     .set = &set_field<&Settings::nworkers_changed, &validators::hook<3>>,
     .get = &get_field<&Settings::nworkers_changed>,
     .asks_for_feature = nullptr},
    {.id = SettingId::post_request,
     .name = "post_request",
     .section = "Server Hooks",
     .type = ValueType::hook,
     .nullable = false,
     .status = Status::working,
     .reload = ReloadEffect::hot,
     .secret = false,
     .has_computed_default = false,
     .action = CliAction::none,
     .cli_type = CliType::text,
     .flags = {},
     .also_called = {},
     .metavar = "",
     .cli_const = "",
     .default_env = "",
     .default_env_format = "",
     .default_text = "does nothing",
     .since = "0.17.2",
     .summary = "Called after a request.",
     .description = "Called after a request.",
     .example = "",
     .facts = kFacts_post_request,
     .choices = {},
     .params = kParams_post_request,
     .default_value = [](const ValidationContext&) { return RawValue(); },
     .set = &set_field<&Settings::post_request, &validators::hook_with_arities<4, 3, 2>>,
     .get = &get_field<&Settings::post_request>,
     .asks_for_feature = nullptr},
    {.id = SettingId::ssl_context,
     .name = "ssl_context",
     .section = "Server Hooks",
     .type = ValueType::hook,
     .nullable = false,
     .status = Status::not_yet,
     .reload = ReloadEffect::hot,
     .secret = false,
     .has_computed_default = false,
     .action = CliAction::none,
     .cli_type = CliType::text,
     .flags = {},
     .also_called = {},
     .metavar = "",
     .cli_const = "",
     .default_env = "",
     .default_env_format = "",
     .default_text = "not set",
     .since = "21.0.0",
     .summary = "Called to make a context.",
     .description = "Called to make a context.",
     .example = "",
     .facts = kFacts_ssl_context,
     .choices = {},
     .params = kParams_ssl_context,
     .default_value = [](const ValidationContext&) { return RawValue(); },
     .set = &set_field<&Settings::ssl_context, &validators::hook<2>>,
     .get = &get_field<&Settings::ssl_context>,
     .asks_for_feature = &asks_ssl_context},
};
static_assert(std::size(kDeclarations) == kSettingCount);

constexpr SettingId kByName[] = {
    SettingId::nworkers_changed,
    SettingId::post_request,
    SettingId::ssl_context,
};

}  // namespace

std::span<const Declaration> declarations() noexcept { return kDeclarations; }

std::span<const RemovedSetting> removed_settings() noexcept { return {}; }

const Declaration& declaration(SettingId id) noexcept { return kDeclarations[static_cast<std::size_t>(id)]; }

const Declaration* find_setting(std::string_view name) noexcept {
    const auto name_of = [](SettingId id) { return declaration(id).name; };
    const auto* found = std::ranges::lower_bound(kByName, name, {}, name_of);
    return found != std::end(kByName) && name_of(*found) == name ? &declaration(*found) : nullptr;
}

}  // namespace gunicorn::config
