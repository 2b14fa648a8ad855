#pragma once
// How the generated registry stores a judged value in its field of Settings, and shows a stored one as Python would see it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/settings.gen.h"
#include "config/validation.h"
#include "config/value.h"

namespace gunicorn::config {

/// Judges with `Validate` and stores in `Field`; the settings are unchanged when the value is refused.
template <auto Field, auto Validate>
Validated<void> set_field(Settings& settings, const RawValue& raw, const ValidationContext& context) {
    auto judged = Validate(raw, context);
    if (!judged) return Unexpected{std::move(judged).error()};
    settings.*Field = *std::move(judged);
    return {};
}

inline RawValue to_raw(bool value) { return value; }
inline RawValue to_raw(std::int64_t value) { return value; }
inline RawValue to_raw(const std::string& value) { return value; }
inline RawValue to_raw(const RawValue& value) { return value; }
inline RawValue to_raw(const std::vector<std::string>& value) { return List(value.begin(), value.end()); }
inline RawValue to_raw(const ClassValue& value) {
    return std::visit([](const auto& either) { return RawValue(either); }, value);
}
/// None for a hook that nobody set: its default has no Python object yet.
inline RawValue to_raw(const HookValue& value) { return value.is_set ? RawValue(value.callable) : RawValue(); }
template <class T>
RawValue to_raw(const std::optional<T>& value) {
    return value ? to_raw(*value) : RawValue();
}

template <auto Field>
RawValue get_field(const Settings& settings) {
    return to_raw(settings.*Field);
}

}  // namespace gunicorn::config
