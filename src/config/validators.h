#pragma once
// Every function that `validator:` in the schema names. Each judges one raw value and gives the typed one that Settings
// stores. What is accepted is what Gunicorn 26.1 accepts (its function is named where it is not obvious); where it differs,
// the comment says so. Pure, but for what they ask the context, and existing_directory/file_patterns, which ask the file
// system.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/validation.h"
#include "config/value.h"

namespace gunicorn::config::validators {

using Texts = std::vector<std::string>;

/// validate_pos_int: an integer, True/False, or text that Python's int(text, 0) reads ("10", "0x10", "1_000"); not negative.
Validated<std::int64_t> pos_int(const RawValue& raw, const ValidationContext& context);

/// pos_int, or None.
Validated<std::optional<std::int64_t>> nullable_pos_int(const RawValue& raw, const ValidationContext& context);

/// pos_int, or "auto" in any case: automatic_workers() of this host.
Validated<std::int64_t> worker_count(const RawValue& raw, const ValidationContext& context);

/// pos_int that also reads C's octal text, "022" and "0022", wherever it is written (Gunicorn: command line only).
Validated<std::int64_t> octal_int(const RawValue& raw, const ValidationContext& context);

/// pos_int within [minimum, maximum].
Validated<std::int64_t> int_in_range(const RawValue& raw, const ValidationContext& context, std::int64_t minimum,
                                     std::int64_t maximum);

/// ssl.CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED: 0, 1, 2. Gunicorn finds out at the first connection.
Validated<std::int64_t> verify_mode(const RawValue& raw, const ValidationContext& context);

/// validate_bool: True, False, or "true"/"false" in any case. None is False, as everything that reads it does.
Validated<bool> boolean(const RawValue& raw, const ValidationContext& context);

/// boolean where None is a value of its own.
Validated<std::optional<bool>> nullable_boolean(const RawValue& raw, const ValidationContext& context);

/// validate_string: text, trimmed. None is refused, for settings that Gunicorn cannot start with when they are None.
Validated<std::string> text(const RawValue& raw, const ValidationContext& context);

/// validate_string: text, trimmed, or None.
Validated<std::optional<std::string>> nullable_text(const RawValue& raw, const ValidationContext& context);

/// validate_list_string: text (one item), a list of texts, a dictionary (its keys), or anything false (an empty list).
Validated<Texts> text_list(const RawValue& raw, const ValidationContext& context);

/// validate_string_to_list: comma separated text; None and "" are an empty list, lists are refused.
Validated<Texts> comma_list(const RawValue& raw, const ValidationContext& context);

/// comma_list of "*", addresses and networks ("10.0.0.0/8", "::1"); host bits and host names are refused, as by
/// ipaddress.ip_network. Kept as written.
Validated<Texts> network_list(const RawValue& raw, const ValidationContext& context);

/// text_list whose every item is "NAME=value". Gunicorn finds out when it starts.
Validated<Texts> environment_list(const RawValue& raw, const ValidationContext& context);

/// text_list of entries that AccessExclusions::compile() takes. Not of Gunicorn.
Validated<Texts> access_exclusions(const RawValue& raw, const ValidationContext& context);

/// "text" or "json" in any case. A text with "%", "{" or "$" in it passes too, and a rule warns of it: configuration files for
/// Gunicorn, which has no such setting, may have a variable of this name.
Validated<std::string> log_format(const RawValue& raw, const ValidationContext& context);

/// text_list of files: a plain path must exist, a pattern (* ? [) may match nothing. Kept as written.
Validated<Texts> file_patterns(const RawValue& raw, const ValidationContext& context);

/// validate_dict: a Dict, or a handle of type "dict" (one whose keys are not all texts).
Validated<RawValue> dictionary(const RawValue& raw, const ValidationContext& context);

/// validate_class: text or a class, kept; a function or method is called and its result judged. Whether the name exists is
/// found out later. None and "" are refused, Gunicorn fails with them when it starts. May call Python.
Validated<ClassValue> class_name(const RawValue& raw, const ValidationContext& context);

/// validate_user/validate_group: None (the effective one), a number, digits, or a name in the account database. Gunicorn's
/// True as uid 1 is refused. Names pass as the effective id when there is no database to ask.
Validated<std::int64_t> user(const RawValue& raw, const ValidationContext& context);
Validated<std::int64_t> group(const RawValue& raw, const ValidationContext& context);

/// validate_chdir: the absolute, normalised path of a directory that exists; `~` is not expanded.
Validated<std::string> existing_directory(const RawValue& raw, const ValidationContext& context);

/// validate_statsd_address, normalised: "host:port" (8125 when none is given) or "unix://PATH". "unix:8125" is host "unix".
Validated<std::optional<std::string>> statsd_address(const RawValue& raw, const ValidationContext& context);

/// The proxy_protocol modes: "off", "v1", "v2", "auto"; None, False, "false", "0", "none" are off, True, "true", "1" are
/// auto.
Validated<std::string> proxy_mode(const RawValue& raw, const ValidationContext& context);

/// Comma separated h1, h2, h3, each once, lower-cased; None and "" are h1 alone.
Validated<Texts> http_protocols(const RawValue& raw, const ValidationContext& context);

/// debug, info, warning, error, critical in any case, lower-cased; "warn" and "fatal" are aliases of warning and critical.
/// Gunicorn takes any name and logs at info.
Validated<std::string> log_level(const RawValue& raw, const ValidationContext& context);

/// Anything at all: rules judge it (ssl_version).
Validated<RawValue> any(const RawValue& raw, const ValidationContext& context);

enum class ChoiceCase { ignore, exact };

/// One of `choices`. With ChoiceCase::ignore the answer is trimmed and lower-cased, else it must be the very text.
Validated<std::string> choice(const RawValue& raw, const ValidationContext& context,
                              std::span<const std::string_view> choices, ChoiceCase compare);

/// choice where None is a value of its own (header_map).
Validated<std::optional<std::string>> nullable_choice(const RawValue& raw, const ValidationContext& context,
                                                      std::span<const std::string_view> choices, ChoiceCase compare);

/// validate_callable: a callable, or the dotted path of one, which is imported at once; it takes one of `arities` positional
/// parameters, or has no signature (then the first arity is recorded). None is refused. Without an ObjectInspector nothing
/// is imported and the hook stays unset. Imports Python.
Validated<HookValue> hook_taking(const RawValue& raw, const ValidationContext& context, std::span<const int> arities);

template <int Arity>
Validated<HookValue> hook(const RawValue& raw, const ValidationContext& context) {
    static constexpr std::array<int, 1> kArities{Arity};
    return hook_taking(raw, context, kArities);
}

/// The first arity is the full one (post_request: 4, 3, 2).
template <int... Arities>
Validated<HookValue> hook_with_arities(const RawValue& raw, const ValidationContext& context) {
    static constexpr std::array<int, sizeof...(Arities)> kArities{Arities...};
    return hook_taking(raw, context, kArities);
}

}  // namespace gunicorn::config::validators
