#include "config/report/python_literal.h"

#include <cmath>

#include "base/text.h"
#include "config/report/config_dump.h"

namespace gunicorn::config {
namespace {

std::string hex(unsigned value, std::size_t digits) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(digits, '0');
    for (std::size_t i = digits; i > 0; value >>= 4U) out[--i] = kDigits[value & 15U];
    return out;
}

/// The character of a control sequence, which has at most three bytes.
unsigned code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(sequence[i])); };
    if (sequence.size() == 1) return byte(0);
    if (sequence.size() == 2) return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
    return (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
}

std::string escaped_control(std::string_view sequence) {
    if (sequence == "\n") return "\\n";
    if (sequence == "\r") return "\\r";
    if (sequence == "\t") return "\\t";
    const unsigned point = code_point(sequence);
    return point < 0x100 ? "\\x" + hex(point, 2) : "\\u" + hex(point, 4);
}

void append(std::string& items, const std::string& item) { items += (items.empty() ? "" : ", ") + item; }

}  // namespace

std::string python_literal(std::string_view s) {
    const bool is_double_quoted = s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos;
    const char quote = is_double_quoted ? '"' : '\'';
    std::string out(1, quote);
    while (!s.empty()) {
        const std::size_t length = text::utf8_sequence(s);
        const std::string_view sequence = s.substr(0, length == 0 ? 1 : length);
        if (length == 0) {
            out += "\\udc" + hex(static_cast<unsigned char>(s.front()), 2);
        } else if (text::is_control(sequence)) {
            out += escaped_control(sequence);
        } else {
            if (s.front() == quote || s.front() == '\\') out += '\\';
            out += sequence;
        }
        s.remove_prefix(sequence.size());
    }
    return out + quote;
}

std::string python_literal(const RawValue& value) {
    if (const auto* words = value.get_if<std::string>()) return python_literal(std::string_view(*words));
    const auto* real = value.get_if<double>();
    if (real != nullptr && !std::isfinite(*real)) return "float('" + repr(value) + "')";
    if (const std::string* name = object_name(value)) return "<" + text::printable(*name) + ">";
    if (const List* items = value.get_if<List>()) {
        std::string out;
        for (const RawValue& item : *items) append(out, python_literal(item));
        return "[" + out + "]";
    }
    if (const Dict* entries = value.get_if<Dict>()) {
        std::string out;
        for (const auto& [key, item] : *entries) {
            const std::string_view written = key.starts_with('$') ? std::string_view(key).substr(1) : std::string_view(key);
            append(out, python_literal(written) + ": " + python_literal(item));
        }
        return "{" + out + "}";
    }
    return repr(value);
}

}  // namespace gunicorn::config
