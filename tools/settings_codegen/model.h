#pragma once
// A schema that has passed every check: what the emitters print.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gunicorn::codegen {

// The enumerators are spelled as in the schema and in config/registry.h.
enum class Type { integer, boolean, string, string_list, dictionary, class_name, hook, any };
enum class Action { none, store, append, store_true, store_false, store_optional };
enum class CliType { text, integer, auto_integer, integer_or_auto };
enum class Reload { hot, rebind, restart };
enum class Status { working, not_yet, obsolete };

using Names = std::vector<std::string_view>;
inline const Names kTypes{"integer", "boolean", "string", "string_list", "dictionary", "class_name", "hook", "any"};
inline const Names kActions{"none", "store", "append", "store_true", "store_false", "store_optional"};
inline const Names kCliTypes{"text", "integer", "auto_integer", "integer_or_auto"};
inline const Names kReloads{"hot", "rebind", "restart"};
inline const Names kStatuses{"working", "not_yet", "obsolete"};

using TextList = std::vector<std::string>;
using TextMap = std::vector<std::pair<std::string, std::string>>;

/// A value as the schema writes it; null is monostate.
using Literal = std::variant<std::monostate, bool, std::int64_t, std::string, TextList, TextMap>;

struct Range {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

/// What a validator of integers takes.
struct Bounds {
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
};

/// A value of another type that stands for a choice: None for "auto".
struct Alias {
    Literal value;
    std::string choice;
};

struct Setting {
    int line = 0;
    std::string name;
    std::string section;
    TextList flags;
    TextList also_called;  ///< names that people write for it by mistake
    std::string metavar;
    Action action = Action::none;
    CliType cli_type = CliType::text;
    std::string cli_const;
    Type type = Type::string;
    bool nullable = false;
    Literal default_value;  ///< null when `default_call` is given
    std::string default_call;
    std::string default_text;
    std::string default_env;
    std::string default_env_format;
    // Who judges a value: exactly one of these, none for a hook.
    std::optional<Range> range;
    TextList choices;
    std::string validator;
    bool ignore_case = false;           ///< of choices
    std::vector<Alias> aliases;         ///< of choices
    TextList params;                    ///< of a hook
    std::vector<std::int64_t> arities;  ///< of a hook; one entry unless the schema lists more
    std::string example;
    Reload reload = Reload::hot;
    bool secret = false;
    std::string since;
    Status status = Status::working;
    // Of a not_yet setting: which values pass. The default always does.
    bool inert_any = false;
    std::vector<Literal> inert;
    std::string detail_of;
    std::string description;

    [[nodiscard]] std::string summary() const { return description.substr(0, description.find('\n')); }
};

using Settings = std::vector<Setting>;

/// A setting that Gunicorn once had.
struct Removed {
    int line = 0;
    std::string name;
    std::string since;    ///< empty when no release had it
    std::string instead;  ///< name of a setting; empty when `note` says what to do
    std::string note;
};

struct Schema {
    Settings settings;
    std::vector<Removed> removed;
};

}  // namespace gunicorn::codegen
