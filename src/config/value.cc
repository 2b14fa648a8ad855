#include "config/value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/text.h"

namespace gunicorn::config {
namespace {

constexpr std::size_t kExcerptLength = 80;

template <class>
inline constexpr bool kAlwaysFalse = false;

/// float.__repr__: the shortest digits that read back the same, exponents from 1e16 and below 1e-4.
std::string repr_of_double(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::array<char, 512> buffer{};
    const double magnitude = std::fabs(value);
    const bool exponential = magnitude != 0 && (magnitude >= 1e16 || magnitude < 1e-4);
    const auto format = exponential ? std::chars_format::scientific : std::chars_format::fixed;
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    std::string digits(buffer.data(), written.ptr);
    if (!exponential && digits.find('.') == std::string::npos) digits += ".0";
    return digits;
}

std::string repr_of_list(const List& list, const ObjectInspector* inspector) {
    std::string out = "[";
    for (const RawValue& item : list) {
        if (out.size() > 1) out += ", ";
        out += repr(item, inspector);
    }
    return out + "]";
}

std::string repr_of_dict(const Dict& dict, const ObjectInspector* inspector) {
    std::string out = "{";
    for (const auto& [key, item] : dict) {
        if (out.size() > 1) out += ", ";
        out += text::repr(key) + ": " + repr(item, inspector);
    }
    return out + "}";
}

}  // namespace

bool RawValue::operator==(const RawValue& other) const { return value_ == other.value_; }

std::string repr(const RawValue& value, const ObjectInspector* inspector) {
    return std::visit(
        [&](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return "None";
            } else if constexpr (std::is_same_v<Held, bool>) {
                return held ? "True" : "False";
            } else if constexpr (std::is_same_v<Held, std::int64_t>) {
                return std::to_string(held);
            } else if constexpr (std::is_same_v<Held, double>) {
                return repr_of_double(held);
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return text::repr(held);
            } else if constexpr (std::is_same_v<Held, List>) {
                return repr_of_list(held, inspector);
            } else if constexpr (std::is_same_v<Held, Dict>) {
                return repr_of_dict(held, inspector);
            } else if constexpr (std::is_same_v<Held, ObjectHandle>) {
                return inspector != nullptr ? inspector->repr(held) : "<object>";
            } else {
                static_assert(kAlwaysFalse<Held>, "every alternative of RawValue has a repr");
            }
        },
        value.variant());
}

std::string excerpt(const RawValue& value, const ObjectInspector* inspector) {
    static constexpr char kHex[] = "0123456789abcdef";
    const std::string whole = repr(value, inspector);
    std::string out;
    for (std::string_view rest = whole; !rest.empty();) {
        if (out.size() >= kExcerptLength) return out + "...";
        const std::size_t length = text::utf8_sequence(rest);
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(rest.front());
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
        out += rest.substr(0, length);
        rest.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string type_name(const RawValue& value, const ObjectInspector* inspector) {
    if (const auto* object = value.get_if<ObjectHandle>()) {
        return inspector != nullptr ? inspector->type_name(*object) : "object";
    }
    static constexpr std::array<const char*, 7> kNames{"NoneType", "bool", "int", "float", "str", "list", "dict"};
    return kNames.at(value.variant().index());
}

}  // namespace gunicorn::config
