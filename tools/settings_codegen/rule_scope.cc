#include "rule_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cpp_text.h"

namespace gunicorn::codegen {
namespace {

struct Fact {
    std::string_view name;  ///< a field of config::RuleFacts
    ValueKind kind;
};
constexpr std::array<Fact, 5> kFacts{{
    {"pid_1", ValueKind::boolean},
    {"under_systemd", ValueKind::boolean},
    {"cpu_quota", ValueKind::integer},
    {"nofile_limit", ValueKind::integer},
    {"somaxconn", ValueKind::integer},
}};

struct Predicate {
    std::string_view name;  ///< a function of config/rule_functions.h
    Type parameter;
};
constexpr std::array<Predicate, 5> kPredicates{{
    {"binds_publicly", Type::string_list},
    {"has_useless_scheme_header", Type::dictionary},
    {"names_old_tls", Type::any},
    {"names_no_tls", Type::any},
    {"offers_only_tls_1_3", Type::any},
}};

constexpr std::string_view kWorker = "effective_worker_class_name(settings)";

template <class Table>
auto find_in(const Table& table, std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

void add_once(TextList& list, std::string_view name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.emplace_back(name);
}

ValueKind kind_of(const Setting& setting) {
    switch (setting.type) {
        case Type::boolean: return setting.nullable ? ValueKind::maybe_boolean : ValueKind::boolean;
        case Type::integer: return setting.nullable ? ValueKind::other : ValueKind::integer;
        case Type::string: return setting.nullable ? ValueKind::maybe_text : ValueKind::text;
        case Type::string_list: return ValueKind::texts;
        case Type::dictionary:
        case Type::class_name:
        case Type::hook:
        case Type::any: break;
    }
    return ValueKind::other;
}

bool may_be_empty(const Setting& setting) {
    if (setting.nullable) return true;
    return setting.type != Type::integer && setting.type != Type::boolean && setting.type != Type::class_name;
}

std::string_view name_of(Type type) { return kTypes[static_cast<std::size_t>(type)]; }

}  // namespace

const Setting* RuleScope::find(std::string_view name) {
    if (name == "about") name = about_.name;
    const auto found =
        std::find_if(settings_.begin(), settings_.end(), [&](const Setting& one) { return one.name == name; });
    if (found == settings_.end()) return nullptr;
    add_once(reads_, found->name);
    return &*found;
}

RuleResult<Value> RuleScope::value_of(std::string_view name) {
    if (name == "worker") {
        add_once(reads_, "worker_class");
        add_once(reads_, "threads");
        return Value{ValueKind::text, std::string(kWorker)};
    }
    if (const Fact* fact = find_in(kFacts, name)) {
        add_once(facts_, name);
        return Value{fact->kind, fmt::format("*facts.{}", name)};
    }
    if (const Setting* setting = find(name)) return Value{kind_of(*setting), "settings." + setting->name};
    return rule_error("unknown-name", fmt::format("no setting or fact `{}`", name));
}

RuleResult<Value> RuleScope::call(std::string_view function, std::string_view name) {
    const auto boolean = [](std::string code) { return Value{ValueKind::boolean, std::move(code)}; };
    const Predicate* predicate = find_in(kPredicates, function);
    if (predicate == nullptr && function != "set" && function != "given" && function != "changed") {
        return rule_error("unknown-name", fmt::format("no function `{}`", function));
    }
    const Setting* setting = find(name);
    if (setting == nullptr) return rule_error("unknown-name", fmt::format("no setting `{}`", name));
    const std::string field = "settings." + setting->name;
    if (function == "set") return boolean(fmt::format("is_set(settings, SettingId::{})", setting->name));
    if (function == "given") {
        if (may_be_empty(*setting)) return boolean(fmt::format("is_given({})", field));
        return rule_error("expression-type", fmt::format("`{}` is never empty", setting->name));
    }
    if (function == "changed") {
        if (setting->type == Type::hook) return boolean(field + ".is_set");
        if (setting->default_call.empty()) {
            return boolean(fmt::format("({} != {})", field, typed_value(*setting, setting->default_value)));
        }
        return rule_error("expression-type", fmt::format("the default of `{}` is computed", setting->name));
    }
    if (setting->type == predicate->parameter) return boolean(fmt::format("{}({})", function, field));
    return rule_error("expression-type",
                      fmt::format("`{}` takes a setting of type {}", function, name_of(predicate->parameter)));
}

RuleResult<std::string> RuleScope::shown(std::string_view name) {
    if (name == "about") name = about_.name;
    GN_TRY(const Value value, value_of(name));
    if (name == "worker") return fmt::format("text::repr({})", value.code);
    if (const Fact* fact = find_in(kFacts, name)) {
        if (fact->kind == ValueKind::integer) return fmt::format("std::to_string({})", value.code);
        return rule_error("expression-type", fmt::format("`{}` cannot be shown", name));
    }
    if (find(name)->secret) return rule_error("secret-in-text", fmt::format("`{}` is secret", name));
    return fmt::format("shown(settings, SettingId::{})", name);
}

}  // namespace gunicorn::codegen
