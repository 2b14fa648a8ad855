#pragma once
// What is wrong with a configuration, where, and how bad it is. Collected, shown together; tests assert `id`, never the words.

#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"

namespace gunicorn {

/// Stable names of everything that can be wrong with a configuration. The text form replaces _ by -.
enum class DiagId {
    // values
    not_an_integer,
    negative_integer,
    out_of_range,
    not_a_boolean,
    not_a_string,
    not_a_list,
    not_a_dictionary,
    not_a_choice,
    not_a_network,
    not_an_address,
    not_callable,
    wrong_arity,
    no_such_object,  ///< a dotted string that names nothing
    no_such_user,
    no_such_group,
    no_such_file,
    no_such_directory,
    not_supported_yet,
    obsolete_setting,
    bad_environment_entry,  ///< raw_env without "="
    conflict,               ///< two settings that exclude or need each other
    // sources
    unknown_setting,
    unreadable_file,
    bad_syntax,
    config_raised,  ///< the config file raised an exception
    bad_arguments,  ///< what argparse would refuse with usage
    unknown_name,     ///< the config file assigns a name that is no setting and that nothing reads
    removed_setting,  ///< Gunicorn once had it
    unbound_hook,     ///< a function that looks like a hook and is none
    defined_twice,
    async_hook,
    // the rest of the chain
    no_application,
    application_failed,
    unknown_class,  ///< worker_class, logger_class
    log_not_writable,
    address_not_available,
    hook_raised,
};

enum class Severity { note, warning, error };

struct Diagnostic {
    DiagId id;
    std::string setting;  ///< "workers"; empty when it is about a whole source
    Origin origin;
    std::string message;  ///< "must be a non-negative integer, not -1"
    Severity severity = Severity::error;
};

using Diagnostics = std::vector<Diagnostic>;

/// "not-an-integer"
[[nodiscard]] std::string_view name_of(DiagId id) noexcept;

/// gunicorn.conf.py:12: workers: must be a non-negative integer, not -1 [negative-integer]
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics) noexcept;

}  // namespace gunicorn
