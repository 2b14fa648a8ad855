#include "cpp_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "literal.h"

namespace gunicorn::codegen {
namespace {

/// Each with a space on both sides.
constexpr std::string_view kKeywords =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class"
    " co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype"
    " default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int"
    " long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register"
    " reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template"
    " this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t"
    " while xor xor_eq ";

std::string quoted_list(const TextList& items) {
    TextList parts;
    for (const std::string& item : items) parts.push_back(quoted(item));
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

bool is_identifier(std::string_view name) {
    if (name.empty() || text::is_digit(name.front())) return false;
    const bool plain = std::all_of(name.begin(), name.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || text::is_digit(c) || c == '_'; });
    return plain && kKeywords.find(fmt::format(" {} ", name)) == std::string_view::npos;
}

std::string quoted(std::string_view text, std::string_view indent) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (text[i]) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\t': out += "\\t"; break;
            case '\n':
                out += "\\n";
                if (i + 1 < text.size()) out += fmt::format("\"\n{}\"", indent);
                break;
            default: out += text[i];
        }
    }
    return out + "\"";
}

std::string field_type(const Setting& setting) {
    const auto maybe = [&](std::string type) { return setting.nullable ? fmt::format("std::optional<{}>", type) : type; };
    switch (setting.type) {
        case Type::integer: return maybe("std::int64_t");
        case Type::boolean: return maybe("bool");
        case Type::string: return maybe("std::string");
        case Type::string_list: return "std::vector<std::string>";
        case Type::class_name: return "ClassValue";
        case Type::hook: return "HookValue";
        case Type::dictionary:
        case Type::any: return "RawValue";
    }
    return {};
}

std::string typed_value(const Setting& setting, const Literal& value) {
    if (setting.type == Type::dictionary || setting.type == Type::any) return raw_value(value);
    if (setting.type == Type::string_list)
        return fmt::format("std::vector<std::string>{{{}}}", quoted_list(list_items(value)));
    if (std::holds_alternative<std::monostate>(value)) return "std::nullopt";
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    const std::string text = quoted(std::get<std::string>(value));
    return setting.type == Type::class_name ? fmt::format("ClassValue({})", text) : text;
}

std::string initializer(const Setting& setting) {
    if (setting.type == Type::hook) return {};
    if (!setting.default_call.empty()) {
        if (setting.type == Type::integer) return " = 0";
        return setting.type == Type::boolean ? " = false" : "";
    }
    const bool is_null = std::holds_alternative<std::monostate>(setting.default_value);
    const bool is_empty_text = setting.default_value == Literal{std::string()};
    if (is_null || (is_empty_text && !setting.nullable)) return {};
    if (setting.type == Type::string_list) {
        const TextList items = list_items(setting.default_value);
        return items.empty() ? "" : fmt::format("{{{}}}", quoted_list(items));
    }
    return " = " + typed_value(setting, setting.default_value);
}

std::string raw_value(const Literal& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "RawValue()"; }
        std::string operator()(bool flag) const { return flag ? "RawValue(true)" : "RawValue(false)"; }
        std::string operator()(std::int64_t number) const { return fmt::format("RawValue(std::int64_t{{{}}})", number); }
        std::string operator()(const std::string& text) const { return fmt::format("RawValue({})", quoted(text)); }
        std::string operator()(const TextList& items) const {
            TextList parts;
            for (const std::string& item : items) parts.push_back(fmt::format("RawValue({})", quoted(item)));
            return fmt::format("RawValue(List{{{}}})", fmt::join(parts, ", "));
        }
        std::string operator()(const TextMap& entries) const {
            TextList parts;
            for (const auto& [key, text] : entries) {
                parts.push_back(fmt::format("{{std::string({}), RawValue({})}}", quoted(key), quoted(text)));
            }
            return fmt::format("RawValue(Dict{{{}}})", fmt::join(parts, ", "));
        }
    };
    return std::visit(Visitor{}, value);
}

}  // namespace gunicorn::codegen
