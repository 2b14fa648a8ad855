#pragma once
// The table of every setting and hook, generated from schema/settings.yaml, and how to find a row in it.

#include <span>
#include <string_view>

#include "config/settings.gen.h"
#include "config/source.h"
#include "config/validation.h"
#include "config/value.h"

namespace gunicorn::config {

/// What the command line does with an option, in argparse's terms.
enum class CliAction {
    none,            ///< no option
    store,           ///< takes a value; the last one wins
    append,          ///< takes a value; all of them together replace lower layers
    store_true,      ///< a flag
    store_false,     ///< a flag that turns the setting off (--no-sendfile)
    store_optional,  ///< a flag that may take a value; `cli_const` when it has none (--proxy-protocol)
};

/// argparse's `type=`: the conversion the command line alone does before validation.
enum class CliType { text, integer, auto_integer, integer_or_auto };

enum class ValueType { integer, boolean, string, string_list, dictionary, class_name, hook, any };

/// What HUP does with a changed value.
enum class ReloadEffect {
    hot,      ///< applied to the running generation's successors: new workers have it
    rebind,   ///< listeners are opened anew
    restart,  ///< only a new master has it
};

enum class Status {
    working,
    not_yet,   ///< validated; refused when the value asks for the feature
    obsolete,  ///< accepted, has no effect any more, says so
};

/// One line about a setting, Markdown: {"Type", "integer from 1 to 9"}.
struct Fact {
    std::string_view name;
    std::string_view text;
};

struct Declaration {
    SettingId id;
    std::string_view name;
    std::string_view section;
    ValueType type;
    bool nullable;  ///< None is a value of its own
    Status status;
    ReloadEffect reload;
    bool secret;
    bool has_computed_default;  ///< asks the context; the initial value of the field of Settings says nothing
    CliAction action;
    CliType cli_type;
    std::span<const std::string_view> flags;        ///< "-w", "--workers"; empty when config file only
    std::span<const std::string_view> also_called;  ///< names that people write for it by mistake
    std::string_view metavar;
    std::string_view cli_const;           ///< value of a store_optional flag without one
    std::string_view default_env;         ///< variable that replaces the default; empty when none
    std::string_view default_env_format;  ///< how the variable becomes the value: "{}", "0.0.0.0:{}"
    std::string_view default_text;        ///< the default for people: "1", "sync"; what documentation and --help show
    std::string_view since;               ///< Gunicorn version that has it first; "0.17.2" for the old ones
    std::string_view summary;             ///< first line of desc
    std::string_view description;         ///< all of desc
    std::string_view example;
    std::span<const Fact> facts;  ///< what docs/settings.md lists below the description
    std::span<const std::string_view> choices;
    std::span<const std::string_view> params;  ///< hooks: names of the parameters
    /// The default without its variable; some defaults ask the context (effective user, working directory).
    RawValue (*default_value)(const ValidationContext&);
    /// Judges and stores. The settings are unchanged when it refuses.
    Validated<void> (*set)(Settings&, const RawValue&, const ValidationContext&);
    /// The stored value as Python would see it.
    RawValue (*get)(const Settings&);
    /// not_yet only, else null: whether the stored value asks for the missing feature.
    bool (*asks_for_feature)(const Settings&);
};

/// Whether a text is a whole list for the validator of this string_list, which divides it at commas and takes no other list.
/// Those whose option may be repeated want a list, and take a text as its only item.
[[nodiscard]] constexpr bool divides_text(const Declaration& setting) noexcept {
    return setting.type == ValueType::string_list && setting.action != CliAction::append;
}

/// A setting that Gunicorn once had and that is not back here.
struct RemovedSetting {
    std::string_view name;
    std::string_view since;    ///< version of Gunicorn; empty when no release had it
    std::string_view instead;  ///< the setting to use; empty when `note` says what to do
    std::string_view note;
};

[[nodiscard]] std::span<const RemovedSetting> removed_settings() noexcept;

/// Every declaration, in schema order; index == static_cast<size_t>(id).
[[nodiscard]] std::span<const Declaration> declarations() noexcept;

[[nodiscard]] const Declaration& declaration(SettingId id) noexcept;

/// By exact, case-sensitive name; null when there is none.
[[nodiscard]] const Declaration* find_setting(std::string_view name) noexcept;

}  // namespace gunicorn::config
