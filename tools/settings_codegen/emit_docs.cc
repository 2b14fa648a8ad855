#include "emit_docs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "literal.h"

namespace gunicorn::codegen {
namespace {

constexpr std::string_view kHead =
    R"(<!-- Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema. -->

# Settings

Each setting may be given by its name in the configuration file, which is Python, or as an option in the variable
`GUNICORN_CMD_ARGS` and on the command line; the last is the strongest. Hooks are functions of the configuration file.

*On reload* says what the signal HUP does with a changed value. *Since* is the version of Gunicorn that had the setting
first; 0.17.2 stands for that version and all before it.
)";

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string joined(const TextList& items, std::string_view separator = ", ") {
    return fmt::format("{}", fmt::join(items, separator));
}

/// The anchor that Markdown viewers give to a heading.
std::string anchor(std::string_view heading) {
    std::string out;
    for (char c : text::to_lower(heading)) {
        if (c == ' ') out += '-';
        if ((c >= 'a' && c <= 'z') || text::is_digit(c) || c == '_' || c == '-') out += c;
    }
    return out;
}

std::string command_line(const Setting& setting) {
    TextList forms;
    for (const std::string& flag : setting.flags) {
        switch (setting.action) {
            case Action::none:
            case Action::store_true:
            case Action::store_false: forms.push_back(code(flag)); break;
            case Action::store_optional: forms.push_back(code(fmt::format("{} [{}]", flag, setting.metavar))); break;
            case Action::store:
            case Action::append: forms.push_back(code(fmt::format("{} {}", flag, setting.metavar))); break;
        }
    }
    return forms.empty() ? "none" : joined(forms);
}

std::string type_text(const Setting& setting) {
    TextList values;
    for (const std::string& choice : setting.choices) values.push_back(code(choice));
    const std::string or_none = setting.nullable ? ", or `None`" : "";
    if (!values.empty()) return "one of " + joined(values) + or_none;
    const Bounds limits = bounds(setting);
    if (limits.min && limits.max) return fmt::format("integer from {} to {}", *limits.min, *limits.max) + or_none;
    const std::string or_auto = setting.validator == "worker_count" ? ", or `auto`" : "";
    if (limits.min) return fmt::format("integer, {} or more", *limits.min) + or_auto + or_none;
    switch (setting.type) {
        case Type::integer: return "integer" + or_none;
        case Type::boolean: return "`True` or `False`" + or_none;
        case Type::string: return "text" + or_none;
        case Type::string_list: return "list of texts";
        case Type::dictionary: return "dictionary";
        case Type::class_name: return "name of a class, or the class";
        case Type::hook: return "function";
        case Type::any: return "anything";
    }
    return {};
}

std::string default_text(const Setting& setting) {
    const bool is_prose = !setting.default_call.empty() || setting.type == Type::hook || setting.type == Type::any;
    std::string out = is_prose ? setting.default_text : code(setting.default_text);
    if (setting.default_env.empty()) return out;
    std::string value = setting.default_env_format;
    value.replace(value.find("{}"), 2, "$" + setting.default_env);
    return out + fmt::format("; {} when that variable is set", code(value));
}

std::string_view reload_text(Reload reload) {
    switch (reload) {
        case Reload::hot: return "takes effect";
        case Reload::rebind: return "takes effect; listening sockets are opened anew";
        case Reload::restart: return "no effect until the server is started anew";
    }
    return {};
}

std::string status_text(const Setting& setting) {
    if (setting.status == Status::working) return "works";
    if (setting.status == Status::obsolete) return "obsolete: accepted with a warning, without effect";
    if (setting.inert_any) return "accepted with any value, without effect";
    if (!setting.detail_of.empty()) {
        return fmt::format("not available yet: passes as long as [{0}](#{0}) is off", setting.detail_of);
    }
    if (setting.type == Type::hook) return "not available yet: refused when set";
    TextList passing{code(setting.default_text)};
    for (const Literal& value : setting.inert) passing.push_back(code(display(value)));
    return fmt::format("not available yet: anything but {} is refused", joined(passing, " and "));
}

std::string entry(const Setting& setting) {
    std::string out = fmt::format("\n### {}\n\n{}\n\n", setting.name, setting.description);
    for (const auto& [name, value] : facts(setting)) out += fmt::format("- {}: {}\n", name, value);
    if (!setting.example.empty()) out += fmt::format("\n```\n{}\n```\n", setting.example);
    return out;
}

/// In order of first appearance.
TextList sections(const Settings& settings) {
    TextList names;
    for (const Setting& setting : settings) {
        if (std::find(names.begin(), names.end(), setting.section) == names.end()) names.push_back(setting.section);
    }
    return names;
}

/// What to do about names that once were settings.
std::string removed_section(const std::vector<Removed>& all) {
    if (all.empty()) return {};
    std::string out = "\n## Removed settings\n\n| name | no setting since | instead |\n|---|---|---|\n";
    for (const Removed& removed : all) {
        const std::string since = removed.since.empty() ? "never in a release" : removed.since;
        TextList advice;
        if (!removed.instead.empty()) advice.push_back(fmt::format("[{0}](#{0})", removed.instead));
        if (!removed.note.empty()) advice.push_back(removed.note);
        out += fmt::format("| {} | {} | {} |\n", code(removed.name), since, joined(advice, "; "));
    }
    return out;
}

}  // namespace

TextMap facts(const Setting& setting) {
    TextMap all;
    if (setting.type == Type::hook) {
        all.emplace_back("Signature", code(fmt::format("def {}({})", setting.name, joined(setting.params))));
    } else {
        all.emplace_back("Command line", command_line(setting));
        all.emplace_back("Type", type_text(setting));
    }
    all.emplace_back("Default", default_text(setting));
    all.emplace_back("Status", status_text(setting));
    if (!setting.inert_any) all.emplace_back("On reload", reload_text(setting.reload));
    if (setting.secret) all.emplace_back("Secret", "shown redacted");
    all.emplace_back("Since", setting.since);
    return all;
}

std::string emit_docs(const Schema& schema) {
    const Settings& settings = schema.settings;
    std::string contents;
    std::string body;
    for (const std::string& section : sections(settings)) {
        TextList links;
        body += fmt::format("\n## {}\n", section);
        for (const Setting& setting : settings) {
            if (setting.section != section) continue;
            links.push_back(fmt::format("[{0}](#{0})", setting.name));
            body += entry(setting);
        }
        contents += fmt::format("- [{}](#{}): {}\n", section, anchor(section), joined(links));
    }
    return fmt::format("{}\n{}{}{}", kHead, contents, body, removed_section(schema.removed));
}

}  // namespace gunicorn::codegen
