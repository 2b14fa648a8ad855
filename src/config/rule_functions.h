#pragma once
// What the conditions and messages of rules call; for config/rules.gen.cc and config/rules.cc. schema/README.md explains the
// functions that authors of rules may use.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/registry.h"

namespace gunicorn::config::rule_functions {

/// Somebody set it: the value is not the schema's default, or was said all the same.
[[nodiscard]] bool is_set(const Settings& settings, SettingId id) noexcept;

/// Neither None nor empty.
[[nodiscard]] bool is_given(const RawValue& value);
[[nodiscard]] inline bool is_given(const std::string& text) noexcept { return !text.empty(); }
[[nodiscard]] inline bool is_given(const std::vector<std::string>& list) noexcept { return !list.empty(); }
[[nodiscard]] inline bool is_given(const HookValue& hook) noexcept { return hook.is_set; }
template <class T>
[[nodiscard]] bool is_given(const std::optional<T>& value) {
    if constexpr (std::is_same_v<T, std::string>) return value && !value->empty();
    return value.has_value();
}

[[nodiscard]] bool contains(const std::vector<std::string>& list, std::string_view text) noexcept;

/// An address that other hosts can reach: TCP, and not on the loopback interface. An address that cannot be read, an
/// inherited descriptor or a unix socket is none.
[[nodiscard]] bool binds_publicly(const std::vector<std::string>& bind);

/// A header of secure_scheme_headers that no request can match: a name as in the environ (HTTP_X_FORWARDED_PROTO), a
/// character that names of headers do not have, or a value that is no text.
[[nodiscard]] bool has_useless_scheme_header(const RawValue& headers);

/// What a value of ssl_version asks for: a version that is not spoken any more, none at all, TLS 1.3 and no other.
[[nodiscard]] bool names_old_tls(const RawValue& ssl_version);
[[nodiscard]] bool names_no_tls(const RawValue& ssl_version);
[[nodiscard]] bool offers_only_tls_1_3(const RawValue& ssl_version);

/// The value of a setting for a message: Python's repr(), cut to a readable length and without secrets.
[[nodiscard]] std::string shown(const Settings& settings, SettingId id);

/// The parts of a message.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);

// Whole numbers that stay at the largest or smallest one where they would overflow: settings may hold anything.

[[nodiscard]] constexpr std::int64_t limit(bool is_negative) noexcept {
    return is_negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}
[[nodiscard]] constexpr std::int64_t plus(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? limit(a < 0) : sum;
}
[[nodiscard]] constexpr std::int64_t minus(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? limit(a < 0) : difference;
}
[[nodiscard]] constexpr std::int64_t times(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? limit((a < 0) != (b < 0)) : product;
}

}  // namespace gunicorn::config::rule_functions
