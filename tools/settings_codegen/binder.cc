#include "binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "cpp_text.h"
#include "cross_rules.h"
#include "entry.h"
#include "literal.h"

namespace gunicorn::codegen {
namespace {

const Names kFields{
    "name",    "section",  "cli",         "metavar",      "action",       "cli_type",    "cli_const",
    "type",    "nullable", "default",     "default_call", "default_text", "default_env", "default_env_format",
    "range",   "choices",  "ignore_case", "aliases",      "validator",    "params",      "arities",
    "example", "reload",   "secret",      "since",        "status",       "inert",       "detail_of",
    "also_called", "desc"};

bool is_letter(char c) { return text::lower(c) >= 'a' && text::lower(c) <= 'z'; }

bool is_flag(std::string_view s) {
    if (s.size() == 2) return s[0] == '-' && is_letter(s[1]);
    if (s.size() < 4 || s.substr(0, 2) != "--" || s[2] == '-') return false;
    return std::all_of(s.begin() + 2, s.end(),
                       [](char c) { return is_letter(c) || text::is_digit(c) || c == '-' || c == '_'; });
}

/// argparse gives these to every parser.
bool is_taken_flag(std::string_view s) { return s == "-h" || s == "--help" || s == "-v" || s == "--version"; }

std::optional<std::int64_t> to_integer(const Node& node) {
    const auto literal = to_literal(node);
    const auto* number = literal ? std::get_if<std::int64_t>(&*literal) : nullptr;
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

/// Gives one entry its meaning. A field that is missing or wrong leaves its member at the default.
class EntryBinder {
public:
    EntryBinder(const Node& node, Problems& problems) : entry_(node, problems) {}

    Setting bind() {
        setting_.line = entry_.line();
        entry_.check_fields(kFields);
        bind_identity();
        bind_other_names();
        bind_type();
        bind_judge();
        bind_default();
        bind_command_line();
        bind_hook();
        bind_status();
        bind_documentation();
        return std::move(setting_);
    }

private:
    void bind_identity() {
        setting_.name = entry_.required_text("name");
        if (!setting_.name.empty() &&
            (!is_identifier(setting_.name) || setting_.name == "origin" || setting_.name == "origins")) {
            entry_.problem(entry_.find("name")->line, "bad-name", "cannot be the name of a field of Settings");
        }
        setting_.section = entry_.required_text("section");
        setting_.since = entry_.required_text("since");
        setting_.example = entry_.text("example");
        setting_.secret = entry_.flag("secret");
        if (!entry_.has("reload")) entry_.missing("reload");
        setting_.reload = entry_.one_of("reload", kReloads, "unknown-reload", Reload::hot);
    }

    void bind_other_names() {
        setting_.also_called = entry_.texts("also_called");
        for (const std::string& name : setting_.also_called) {
            if (!is_identifier(name)) {
                entry_.problem(entry_.find("also_called")->line, "bad-name", fmt::format("`{}` is no lower-case name", name));
            }
        }
    }

    void bind_type() {
        if (!entry_.has("type")) entry_.missing("type");
        setting_.type = entry_.one_of("type", kTypes, "unknown-type", Type::any);
        setting_.nullable = entry_.flag("nullable");
        const bool may_be_null =
            setting_.type == Type::integer || setting_.type == Type::boolean || setting_.type == Type::string;
        if (!may_be_null) entry_.refuse("nullable", "is for integer, boolean and string");
    }

    void bind_judge() {
        setting_.validator = entry_.text("validator");
        setting_.choices = entry_.texts("choices");
        setting_.ignore_case = entry_.flag("ignore_case");
        bind_range();
        bind_aliases();
        if (setting_.type == Type::hook) {
            for (std::string_view name : {"validator", "choices", "range"}) entry_.refuse(name, "is not for hooks");
            return;
        }
        if (entry_.has("validator") + entry_.has("choices") + entry_.has("range") != 1) {
            entry_.problem(entry_.line(), "no-judge", "exactly one of `validator`, `choices` and `range` is needed");
        }
        if (setting_.type != Type::string) entry_.refuse("choices", "is for type string");
        if (setting_.type != Type::integer || setting_.nullable) entry_.refuse("range", "is for type integer without null");
        if (!entry_.has("choices")) {
            for (std::string_view name : {"ignore_case", "aliases"}) entry_.refuse(name, "needs `choices`");
        }
    }

    void bind_range() {
        const Node::Field* field = entry_.find("range");
        if (field == nullptr) return;
        const auto& ends = field->value.items;
        const auto min = ends.size() == 2 ? to_integer(ends[0]) : std::nullopt;
        const auto max = ends.size() == 2 ? to_integer(ends[1]) : std::nullopt;
        if (!min || !max || *min > *max) return entry_.bad(*field, "[MIN, MAX]");
        setting_.range = Range{*min, *max};
    }

    void bind_aliases() {
        const Node::Field* field = entry_.find("aliases");
        if (field == nullptr) return;
        if (field->value.fields.empty()) entry_.bad(*field, "a map from null, true or false to a choice");
        for (const Node::Field& alias : field->value.fields) {
            if (alias.name != "null" && alias.name != "true" && alias.name != "false") {
                entry_.bad(*field, "a map from null, true or false to a choice");
                continue;
            }
            check_fit(alias.value, alias.value.text);
            const Literal value = alias.name == "null" ? Literal{} : Literal{alias.name == "true"};
            setting_.aliases.push_back({value, alias.value.text});
        }
    }

    void check_fit(const Node& where, const Literal& value) {
        if (auto reason = misfit(setting_, value)) entry_.problem(where.line, reason->id, std::move(reason->message));
    }

    void bind_default() {
        setting_.default_call = entry_.text("default_call");
        setting_.default_env = entry_.text("default_env");
        setting_.default_env_format = entry_.text("default_env_format");
        setting_.default_text = entry_.text("default_text");
        if (setting_.default_env.empty()) entry_.refuse("default_env_format", "needs `default_env`");
        if (!setting_.default_env.empty() && setting_.default_env_format.empty()) setting_.default_env_format = "{}";
        if (setting_.type == Type::hook) return bind_hook_default();

        const Node::Field* fixed = entry_.find("default");
        if (fixed == nullptr && setting_.default_call.empty()) return entry_.missing("default");
        if (fixed == nullptr) {
            if (setting_.default_text.empty()) entry_.missing("default_text");
            return;
        }
        entry_.refuse("default_call", "excludes `default`");
        const auto value = to_literal(fixed->value);
        if (!value) return entry_.bad(*fixed, "a value, a list of texts or a map of texts");
        check_fit(fixed->value, *value);
        setting_.default_value = *value;
        if (setting_.default_text.empty()) setting_.default_text = display(*value);
    }

    void bind_hook_default() {
        for (std::string_view name : {"default", "default_call", "default_env"}) entry_.refuse(name, "is not for hooks");
        if (setting_.default_text.empty()) setting_.default_text = "not set";
    }

    void bind_command_line() {
        setting_.flags = entry_.texts("cli");
        setting_.metavar = entry_.text("metavar");
        setting_.cli_const = entry_.text("cli_const");
        setting_.cli_type = entry_.one_of("cli_type", kCliTypes, "unknown-cli-type", CliType::text);
        if (!entry_.has("cli")) {
            for (std::string_view name : {"action", "cli_type", "cli_const", "metavar"}) entry_.refuse(name, "needs `cli`");
            return;
        }
        setting_.action = entry_.one_of("action", kActions, "unknown-action", Action::store);
        if (setting_.action == Action::none) entry_.refuse("action", "cannot be none beside `cli`");
        check_flags();
        const bool takes_value = setting_.action != Action::store_true && setting_.action != Action::store_false;
        if (takes_value && setting_.metavar.empty()) entry_.missing("metavar");
        if (!takes_value) {
            for (std::string_view name : {"cli_type", "metavar"}) entry_.refuse(name, "is for options that take a value");
        }
        const bool is_optional = setting_.action == Action::store_optional;
        if (is_optional && setting_.cli_const.empty()) entry_.missing("cli_const");
        if (!is_optional) entry_.refuse("cli_const", "needs `action: store_optional`");
    }

    void check_flags() {
        const int line = entry_.find("cli")->line;
        for (const std::string& flag : setting_.flags) {
            if (!is_flag(flag)) entry_.problem(line, "bad-flag", fmt::format("{} is neither -x nor --word", flag));
            if (is_taken_flag(flag)) entry_.problem(line, "reserved-flag", fmt::format("{} is help or version", flag));
        }
    }

    void bind_hook() {
        if (setting_.type != Type::hook) {
            for (std::string_view name : {"params", "arities"}) entry_.refuse(name, "is for hooks");
            return;
        }
        setting_.params = entry_.texts("params");
        if (!entry_.has("params")) return entry_.problem(entry_.line(), "hook-params", "a hook needs `params`");
        for (const std::string& param : setting_.params) {
            if (!is_identifier(param)) {
                entry_.problem(entry_.find("params")->line, "bad-name", fmt::format("`{}` cannot be a parameter", param));
            }
        }
        setting_.arities = {static_cast<std::int64_t>(setting_.params.size())};
        bind_arities();
    }

    void bind_arities() {
        const Node::Field* field = entry_.find("arities");
        if (field == nullptr) return;
        const std::int64_t full = setting_.arities.front();
        setting_.arities.clear();
        for (const Node& item : field->value.items) setting_.arities.push_back(to_integer(item).value_or(-1));
        const bool in_reach = std::all_of(setting_.arities.begin(), setting_.arities.end(),
                                          [&](std::int64_t arity) { return arity >= 0 && arity <= full; });
        if (setting_.arities.empty() || setting_.arities.front() != full || !in_reach) {
            entry_.bad(*field, "a list that starts with the number of `params`, the others smaller");
        }
    }

    void bind_status() {
        if (!entry_.has("status")) entry_.missing("status");
        setting_.status = entry_.one_of("status", kStatuses, "unknown-status", Status::working);
        setting_.detail_of = entry_.text("detail_of");
        if (setting_.status != Status::not_yet) {
            for (std::string_view name : {"inert", "detail_of"}) entry_.refuse(name, "needs `status: not_yet`");
            return;
        }
        if (const Node::Field* inert = entry_.find("inert")) {
            entry_.refuse("detail_of", "excludes `inert`");
            bind_inert(*inert);
        }
        if (!setting_.inert_any)
            entry_.refuse("default_call", "cannot be compared, so not_yet needs `inert: any` beside it");
    }

    void bind_inert(const Node::Field& field) {
        setting_.inert_any = field.value.text == "any";
        if (setting_.inert_any) return;
        if (field.value.items.empty()) return entry_.bad(field, "`any` or a list of values");
        for (const Node& item : field.value.items) {
            const auto value = to_literal(item);
            if (!value) {
                entry_.bad(field, "`any` or a list of values");
                continue;
            }
            check_fit(item, *value);
            setting_.inert.push_back(*value);
        }
    }

    void bind_documentation() {
        const Node::Field* field = entry_.find("desc");
        if (field == nullptr) return entry_.missing("desc");
        setting_.description = std::string(text::trim(field->value.text));
        const std::string& all = setting_.description;
        if (all.empty()) return entry_.problem(field->line, "empty-desc", "`desc` says nothing");
        const auto end = all.find('\n');
        if (end != std::string::npos && all.compare(end, 2, "\n\n") != 0) {
            entry_.problem(field->line, "long-summary", "the first paragraph of `desc` is one line");
        }
    }

    Entry entry_;
    Setting setting_;
};

/// Gives every map of a list its meaning.
template <class Bind>
void bind_list(const Entry& root, std::string_view name, Problems& problems, Bind bind_one) {
    const Node::Field* field = root.find(name);
    if (field == nullptr) return;
    if (field->value.kind != Node::Kind::list) {
        problems.push_back({field->line, "bad-yaml", fmt::format("`{}` is a list", name)});
    }
    for (const Node& node : field->value.items) {
        if (node.kind == Node::Kind::map) {
            bind_one(node);
        } else {
            problems.push_back({node.line, "bad-yaml", fmt::format("an entry of `{}` is a map of fields", name)});
        }
    }
}

Removed bind_removed(const Node& node, Problems& problems) {
    Entry entry(node, problems);
    entry.check_fields({"name", "since", "instead", "note"});
    if (!entry.has("instead") && !entry.has("note")) entry.missing("note");
    return {.line = entry.line(),
            .name = entry.required_text("name"),
            .since = entry.text("since"),
            .instead = entry.text("instead"),
            .note = entry.text("note")};
}

}  // namespace

Bound bind(const Node& root) {
    Bound bound;
    if (root.kind != Node::Kind::map) {
        bound.problems.push_back({1, "bad-yaml", "a schema is a map of `settings` and `removed`"});
        return bound;
    }
    Entry schema(root, bound.problems);
    schema.check_fields({"settings", "removed"});
    if (!schema.has("settings")) schema.missing("settings");
    bind_list(schema, "settings", bound.problems, [&](const Node& node) {
        bound.schema.settings.push_back(EntryBinder(node, bound.problems).bind());
    });
    bind_list(schema, "removed", bound.problems, [&](const Node& node) {
        bound.schema.removed.push_back(bind_removed(node, bound.problems));
    });
    check_across(bound.schema, bound.problems);
    std::stable_sort(bound.problems.begin(), bound.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return bound;
}

}  // namespace gunicorn::codegen
