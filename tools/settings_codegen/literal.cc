#include "literal.h"

#include <array>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace gunicorn::codegen {
namespace {

Literal scalar(const Node& node) {
    const std::string& s = node.text;
    if (node.quoted) return s;
    if (s == "true") return true;
    if (s == "false") return false;
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(s.data(), s.data() + s.size(), number);
    if (failed == std::errc{} && end == s.data() + s.size()) return number;
    return s;
}

bool has_type(Type type, const Literal& value) {
    const bool is_text = std::holds_alternative<std::string>(value);
    switch (type) {
        case Type::integer: return std::holds_alternative<std::int64_t>(value);
        case Type::boolean: return std::holds_alternative<bool>(value);
        case Type::string:
        case Type::class_name: return is_text;
        case Type::string_list: return is_text || std::holds_alternative<TextList>(value);
        case Type::dictionary: return std::holds_alternative<TextMap>(value);
        case Type::hook: return false;
        case Type::any: return true;
    }
    return false;
}

}  // namespace

std::optional<Literal> to_literal(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null: return std::monostate{};
        case Node::Kind::scalar: return scalar(node);
        case Node::Kind::list: {
            TextList items;
            for (const Node& item : node.items) {
                if (item.kind != Node::Kind::scalar) return std::nullopt;
                items.push_back(item.text);
            }
            return items;
        }
        case Node::Kind::map: {
            TextMap entries;
            for (const Node::Field& field : node.fields) {
                if (field.value.kind != Node::Kind::scalar) return std::nullopt;
                entries.emplace_back(field.name, field.value.text);
            }
            return entries;
        }
    }
    return std::nullopt;
}

std::optional<Misfit> misfit(const Setting& setting, const Literal& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        if (setting.nullable || setting.type == Type::any) return std::nullopt;
        return Misfit{"wrong-type", "null needs `nullable: true`"};
    }
    if (!has_type(setting.type, value)) {
        return Misfit{"wrong-type", fmt::format("{} is not of type {}", display(value), kTypes[std::size_t(setting.type)])};
    }
    if (const auto* number = std::get_if<std::int64_t>(&value); number != nullptr && setting.range) {
        if (*number < setting.range->min || *number > setting.range->max) {
            return Misfit{"out-of-range",
                          fmt::format("{} is not within [{}, {}]", *number, setting.range->min, setting.range->max)};
        }
    }
    if (const auto* chosen = std::get_if<std::string>(&value); chosen != nullptr && !setting.choices.empty()) {
        if (std::find(setting.choices.begin(), setting.choices.end(), *chosen) == setting.choices.end()) {
            return Misfit{"not-a-choice", fmt::format("{} is not one of {}", *chosen, fmt::join(setting.choices, ", "))};
        }
    }
    return std::nullopt;
}

Bounds bounds(const Setting& setting) {
    if (setting.range) return {setting.range->min, setting.range->max};
    constexpr std::array kNotNegative{"pos_int", "nullable_pos_int", "worker_count", "octal_int"};
    if (std::ranges::find(kNotNegative, setting.validator) != kNotNegative.end()) return {0, std::nullopt};
    if (setting.validator == "verify_mode") return {0, 2};
    return {};
}

TextList list_items(const Literal& value) {
    if (const auto* items = std::get_if<TextList>(&value)) return *items;
    TextList items;
    if (const auto* joined = std::get_if<std::string>(&value)) {
        for (std::string_view part : text::split(*joined, ',')) {
            if (part = text::trim(part); !part.empty()) items.emplace_back(part);
        }
    }
    return items;
}

std::string display(const Literal& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "None"; }
        std::string operator()(bool flag) const { return flag ? "True" : "False"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(const std::string& s) const { return s.empty() ? "''" : s; }
        std::string operator()(const TextList& items) const {
            TextList parts;
            for (const std::string& item : items) parts.push_back(text::repr(item));
            return fmt::format("[{}]", fmt::join(parts, ", "));
        }
        std::string operator()(const TextMap& entries) const {
            TextList parts;
            for (const auto& [key, item] : entries) parts.push_back(text::repr(key) + ": " + text::repr(item));
            return fmt::format("{{{}}}", fmt::join(parts, ", "));
        }
    };
    return std::visit(Visitor{}, value);
}

}  // namespace gunicorn::codegen
