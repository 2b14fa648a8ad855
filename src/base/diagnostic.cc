#include "base/diagnostic.h"

#include <algorithm>

namespace gunicorn {

std::string_view name_of(DiagId id) noexcept {
    switch (id) {
        case DiagId::not_an_integer: return "not-an-integer";
        case DiagId::negative_integer: return "negative-integer";
        case DiagId::out_of_range: return "out-of-range";
        case DiagId::not_a_boolean: return "not-a-boolean";
        case DiagId::not_a_string: return "not-a-string";
        case DiagId::not_a_list: return "not-a-list";
        case DiagId::not_a_dictionary: return "not-a-dictionary";
        case DiagId::not_a_choice: return "not-a-choice";
        case DiagId::not_a_network: return "not-a-network";
        case DiagId::not_an_address: return "not-an-address";
        case DiagId::not_callable: return "not-callable";
        case DiagId::wrong_arity: return "wrong-arity";
        case DiagId::no_such_object: return "no-such-object";
        case DiagId::no_such_user: return "no-such-user";
        case DiagId::no_such_group: return "no-such-group";
        case DiagId::no_such_file: return "no-such-file";
        case DiagId::no_such_directory: return "no-such-directory";
        case DiagId::not_supported_yet: return "not-supported-yet";
        case DiagId::obsolete_setting: return "obsolete-setting";
        case DiagId::bad_environment_entry: return "bad-environment-entry";
        case DiagId::conflict: return "conflict";
        case DiagId::unknown_setting: return "unknown-setting";
        case DiagId::unreadable_file: return "unreadable-file";
        case DiagId::bad_syntax: return "bad-syntax";
        case DiagId::config_raised: return "config-raised";
        case DiagId::bad_arguments: return "bad-arguments";
        case DiagId::unknown_name: return "unknown-name";
        case DiagId::removed_setting: return "removed-setting";
        case DiagId::unbound_hook: return "unbound-hook";
        case DiagId::defined_twice: return "defined-twice";
        case DiagId::async_hook: return "async-hook";
        case DiagId::no_application: return "no-application";
        case DiagId::application_failed: return "application-failed";
        case DiagId::unknown_class: return "unknown-class";
        case DiagId::log_not_writable: return "log-not-writable";
        case DiagId::address_not_available: return "address-not-available";
        case DiagId::hook_raised: return "hook-raised";
    }
    return {};
}

std::string to_string(const Diagnostic& diagnostic) {
    std::string text = to_string(diagnostic.origin);
    if (diagnostic.severity == Severity::warning) text += ": warning";
    if (diagnostic.severity == Severity::note) text += ": note";
    if (!diagnostic.setting.empty()) text += ": " + diagnostic.setting;
    text += ": " + diagnostic.message;
    text += " [" + std::string(name_of(diagnostic.id)) + "]";
    return text;
}

bool has_errors(const Diagnostics& diagnostics) noexcept {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& one) { return one.severity == Severity::error; });
}

}  // namespace gunicorn
