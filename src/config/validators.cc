#include "config/validators.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/access_exclusions.h"
#include "config/automatic_workers.h"
#include "config/python_int.h"
#include "config/refusal.h"

namespace gunicorn::config::validators {
namespace {

constexpr std::string_view kNonNegative = "must be a non-negative integer";

Validated<std::int64_t> judge_integer(const RawValue& raw, const ValidationContext& context,
                                      PythonInt (*parse)(std::string_view), const std::string& rule) {
    PythonInt number;
    if (const auto* integer = raw.get_if<std::int64_t>()) {
        number = {IntOutcome::ok, *integer};
    } else if (const auto* truth = raw.get_if<bool>()) {
        number = {IntOutcome::ok, *truth ? 1 : 0};
    } else if (const auto* words = raw.get_if<std::string>()) {
        number = parse(*words);
    } else if (raw.get_if<ObjectHandle>() != nullptr && type_name(raw, context.objects) == "int") {
        number = {IntOutcome::too_big, 0};
    }
    if (number.outcome == IntOutcome::too_big) {
        return refuse(DiagId::out_of_range, rule + " of at most 64 bits", raw, context);
    }
    if (number.outcome == IntOutcome::invalid) return refuse(DiagId::not_an_integer, rule, raw, context);
    return number.value;
}

Validated<std::int64_t> judge_positive(const RawValue& raw, const ValidationContext& context,
                                       PythonInt (*parse)(std::string_view)) {
    auto number = judge_integer(raw, context, parse, std::string(kNonNegative));
    if (number && *number < 0) return refuse(DiagId::negative_integer, std::string(kNonNegative), raw, context);
    return number;
}

PythonInt parse_any_base(std::string_view words) { return parse_python_int(words, 0); }

bool is_false(const RawValue& raw) {
    if (raw.is_none()) return true;
    if (const auto* truth = raw.get_if<bool>()) return !*truth;
    if (const auto* integer = raw.get_if<std::int64_t>()) return *integer == 0;
    if (const auto* real = raw.get_if<double>()) return *real == 0;
    if (const auto* words = raw.get_if<std::string>()) return words->empty();
    if (const auto* list = raw.get_if<List>()) return list->empty();
    if (const auto* dict = raw.get_if<Dict>()) return dict->empty();
    return false;
}

/// The choice that `words` names; empty when there is none.
std::string matching_choice(std::string_view words, std::span<const std::string_view> choices, ChoiceCase compare) {
    const std::string wanted = compare == ChoiceCase::ignore ? text::to_lower(text::trim(words)) : std::string(words);
    const auto found = std::find(choices.begin(), choices.end(), wanted);
    return found == choices.end() ? std::string() : std::string(*found);
}

}  // namespace

Validated<std::int64_t> pos_int(const RawValue& raw, const ValidationContext& context) {
    return judge_positive(raw, context, parse_any_base);
}

Validated<std::optional<std::int64_t>> nullable_pos_int(const RawValue& raw, const ValidationContext& context) {
    if (raw.is_none()) return std::optional<std::int64_t>();
    GN_TRY(const std::int64_t number, pos_int(raw, context));
    return std::optional<std::int64_t>(number);
}

Validated<std::int64_t> worker_count(const RawValue& raw, const ValidationContext& context) {
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr || !means_automatic(*words)) return pos_int(raw, context);
    return automatic_workers(context.facts == nullptr ? RuleFacts() : *context.facts);
}

Validated<std::int64_t> octal_int(const RawValue& raw, const ValidationContext& context) {
    return judge_positive(raw, context, parse_auto_int);
}

Validated<std::int64_t> int_in_range(const RawValue& raw, const ValidationContext& context, std::int64_t minimum,
                                     std::int64_t maximum) {
    const std::string rule = "must be an integer between " + std::to_string(minimum) + " and " + std::to_string(maximum);
    auto number = judge_integer(raw, context, parse_any_base, rule);
    if (number && (*number < minimum || *number > maximum)) return refuse(DiagId::out_of_range, rule, raw, context);
    return number;
}

Validated<std::int64_t> verify_mode(const RawValue& raw, const ValidationContext& context) {
    const std::string rule = "must be ssl.CERT_NONE (0), ssl.CERT_OPTIONAL (1) or ssl.CERT_REQUIRED (2)";
    auto number = judge_integer(raw, context, parse_any_base, rule);
    if (number && (*number < 0 || *number > 2)) return refuse(DiagId::out_of_range, rule, raw, context);
    return number;
}

Validated<bool> boolean(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(const std::optional<bool> truth, nullable_boolean(raw, context));
    return truth.value_or(false);
}

Validated<std::optional<bool>> nullable_boolean(const RawValue& raw, const ValidationContext& context) {
    if (raw.is_none()) return std::optional<bool>();
    if (const auto* truth = raw.get_if<bool>()) return std::optional<bool>(*truth);
    if (const auto* words = raw.get_if<std::string>()) {
        const std::string_view trimmed = text::trim(*words);
        if (text::equal_ignoring_case(trimmed, "true")) return std::optional<bool>(true);
        if (text::equal_ignoring_case(trimmed, "false")) return std::optional<bool>(false);
    }
    return refuse(DiagId::not_a_boolean, "must be True or False", raw, context);
}

Validated<std::string> text(const RawValue& raw, const ValidationContext& context) {
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr) return refuse(DiagId::not_a_string, "must be a string", raw, context);
    return std::string(text::trim(*words));
}

Validated<std::optional<std::string>> nullable_text(const RawValue& raw, const ValidationContext& context) {
    if (raw.is_none()) return std::optional<std::string>();
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr) return refuse(DiagId::not_a_string, "must be a string or None", raw, context);
    return std::optional<std::string>(text::trim(*words));
}

Validated<Texts> text_list(const RawValue& raw, const ValidationContext& context) {
    Texts texts;
    if (is_false(raw)) return texts;
    if (const auto* words = raw.get_if<std::string>()) {
        texts.emplace_back(text::trim(*words));
        return texts;
    }
    if (const auto* dict = raw.get_if<Dict>()) {
        for (const auto& [key, value] : *dict) texts.emplace_back(text::trim(key));
        return texts;
    }
    const auto* list = raw.get_if<List>();
    if (list == nullptr) return refuse(DiagId::not_a_list, "must be a list of strings", raw, context);
    for (const RawValue& item : *list) {
        const auto* words = item.get_if<std::string>();
        if (words == nullptr) {
            return Unexpected{
                ValueError{DiagId::not_a_string, "must be a list of strings; one of its items is " + told(item, context)}};
        }
        texts.emplace_back(text::trim(*words));
    }
    return texts;
}

Validated<Texts> comma_list(const RawValue& raw, const ValidationContext& context) {
    Texts texts;
    if (raw.is_none()) return texts;
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr) {
        return refuse(DiagId::not_a_string, "must be a string with commas between the items", raw, context);
    }
    for (const std::string_view part : text::split(*words, ',')) {
        if (const std::string_view item = text::trim(part); !item.empty()) texts.emplace_back(item);
    }
    return texts;
}

Validated<Texts> environment_list(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(Texts entries, text_list(raw, context));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::size_t equals = entries[i].find('=');
        const bool has_null = entries[i].find('\0') != std::string::npos;
        if (equals != std::string::npos && equals > 0 && !has_null) continue;
        // An item without an equals sign may be a value that lost its name.
        std::string which = "item " + std::to_string(i + 1);
        if (equals != std::string::npos && equals > 0) which += " (" + excerpt(entries[i].substr(0, equals)) + ")";
        return Unexpected{ValueError{DiagId::bad_environment_entry,
                                     which + " must be NAME=value" + (has_null ? " without null bytes" : "")}};
    }
    return entries;
}

Validated<Texts> access_exclusions(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(Texts entries, text_list(raw, context));
    GN_CHECK(AccessExclusions::compile(entries));
    return entries;
}

Validated<std::string> log_format(const RawValue& raw, const ValidationContext& context) {
    constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
    const auto* words = raw.get_if<std::string>();
    if (words != nullptr && words->find_first_of("%{$") != std::string::npos) return *words;
    return choice(raw, context, kFormats, ChoiceCase::ignore);
}

Validated<std::string> choice(const RawValue& raw, const ValidationContext& context,
                              std::span<const std::string_view> choices, ChoiceCase compare) {
    const std::string rule = "must be " + enumerate(choices);
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr) return refuse(DiagId::not_a_choice, rule, raw, context);
    std::string chosen = matching_choice(*words, choices, compare);
    if (!chosen.empty()) return chosen;
    return refuse(DiagId::not_a_choice, rule, raw, context, suggestion(text::trim(*words), choices));
}

Validated<std::optional<std::string>> nullable_choice(const RawValue& raw, const ValidationContext& context,
                                                      std::span<const std::string_view> choices, ChoiceCase compare) {
    if (raw.is_none()) return std::optional<std::string>();
    GN_TRY(std::string chosen, choice(raw, context, choices, compare));
    return std::optional<std::string>(std::move(chosen));
}

Validated<std::string> proxy_mode(const RawValue& raw, const ValidationContext& context) {
    static constexpr std::array<std::string_view, 4> kModes{"off", "v1", "v2", "auto"};
    if (raw.is_none()) return std::string("off");
    if (const auto* truth = raw.get_if<bool>()) return std::string(*truth ? "auto" : "off");
    if (const auto* words = raw.get_if<std::string>()) {
        const std::string wanted = text::to_lower(text::trim(*words));
        if (wanted == "false" || wanted == "0" || wanted == "none") return std::string("off");
        if (wanted == "true" || wanted == "1") return std::string("auto");
    }
    return choice(raw, context, kModes, ChoiceCase::ignore);
}

Validated<Texts> http_protocols(const RawValue& raw, const ValidationContext& context) {
    static constexpr std::array<std::string_view, 3> kProtocols{"h1", "h2", "h3"};
    if (!raw.is_none() && raw.get_if<std::string>() == nullptr) {
        return refuse(DiagId::not_a_string, "must be a string such as 'h1' or 'h2,h1'", raw, context);
    }
    GN_TRY(Texts items, comma_list(raw, context));
    Texts protocols;
    for (const std::string& item : items) {
        GN_TRY(std::string protocol, choice(item, context, kProtocols, ChoiceCase::ignore));
        if (std::find(protocols.begin(), protocols.end(), protocol) != protocols.end()) {
            return refuse(DiagId::not_a_choice, "must name each protocol once", raw, context);
        }
        protocols.push_back(std::move(protocol));
    }
    if (protocols.empty()) protocols.emplace_back("h1");
    return protocols;
}

Validated<std::string> log_level(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(std::string level, text(raw, context));
    level = gunicorn::text::to_lower(gunicorn::text::trim(level));
    if (level == "warn") return std::string("warning");
    if (level == "fatal") return std::string("critical");
    return level;
}

Validated<RawValue> any(const RawValue& raw, const ValidationContext&) { return raw; }

}  // namespace gunicorn::config::validators
