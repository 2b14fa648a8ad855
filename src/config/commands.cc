#include "config/commands.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/refusal.h"

namespace gunicorn::config {
namespace {

constexpr std::string_view kFormats[] = {"text", "json", "github", "sarif"};
constexpr std::string_view kLevels[] = {"offline", "host", "full"};
constexpr std::string_view kForms[] = {"table", "json", "python", "ini"};

constexpr std::string_view kStrict[] = {"--strict"};
constexpr std::string_view kWarnings[] = {"-W", "--warnings"};
constexpr std::string_view kCheckFormat[] = {"--check-format"};
constexpr std::string_view kCheckTimeout[] = {"--check-timeout"};
constexpr std::string_view kExplain[] = {"--explain"};
constexpr std::string_view kExplainSetting[] = {"--explain-setting"};
constexpr std::string_view kChanged[] = {"--changed"};
constexpr std::string_view kShowSecrets[] = {"--show-secrets"};
constexpr std::string_view kDiffConfig[] = {"--diff-config"};
constexpr std::string_view kSimulate[] = {"--simulate"};
constexpr std::string_view kEnvFile[] = {"--env-file"};
constexpr std::string_view kSchema[] = {"--schema"};

constexpr Declaration command(std::string_view name, std::span<const std::string_view> flags, std::string_view summary,
                              std::string_view metavar = {}, CliAction action = CliAction::store) {
    Declaration out{};
    out.name = name;
    out.flags = flags;
    out.summary = summary;
    out.metavar = metavar;
    out.action = metavar.empty() ? CliAction::store_true : action;
    return out;
}

constexpr Declaration with_choices(Declaration out, std::span<const std::string_view> choices) {
    out.choices = choices;
    return out;
}

constexpr Declaration with_number(Declaration out) {
    out.cli_type = CliType::integer;
    return out;
}

const std::array<Declaration, 12> kCommands{
    command("strict", kStrict, "Refuse a configuration with warnings, when it is checked and when the server starts."),
    command("warnings", kWarnings, "Make errors of warnings (error=GCF101, error=all) or drop them (ignore=GCF101).",
            "ACTION=CODE", CliAction::append),
    with_choices(command("check_format", kCheckFormat, "How findings are written: text, json, github or sarif.", "FORMAT"),
                 kFormats),
    with_number(command("check_timeout", kCheckTimeout, "Seconds after which a check is given up; 0 waits for ever. [60]",
                        "SECONDS")),
    command("explain", kExplain, "Explain a code of a finding, such as GCF101, then exit.", "CODE"),
    command("explain_setting", kExplainSetting, "Explain a setting and say where it is set, then exit.", "NAME"),
    command("changed", kChanged, "With --print-config: only settings that differ from their default."),
    command("show_secrets", kShowSecrets, "Show passwords and the like instead of [redacted]."),
    command("diff_config", kDiffConfig,
            "Compare with another configuration file, or with what --print-config=json wrote elsewhere, then exit.",
            "OTHER"),
    command("simulate", kSimulate,
            "Resolve as on another host: cpus=4,user=www-data,hostname=web1,env=FILE; implies an offline check.", "FACTS"),
    command("env_file", kEnvFile, "Read environment variables from a file of NAME=VALUE lines; may be given several times.",
            "FILE", CliAction::append),
    command("schema", kSchema, "Print the JSON Schema of all settings, then exit."),
};

constexpr SwitchDetail kDetails[] = {
    {"check_config", "check_level", kLevels, false},
    {"print_config", "shown_form", kForms, true},
};

/// argparse: an option of two places, the stronger one last.
struct Given {
    const CommandLine& environment;
    const CommandLine& command_line;

    const Assignment* last(std::string_view name) const {
        for (const CommandLine* from : {&command_line, &environment}) {
            for (const Assignment& one : from->commands) {
                if (one.setting == name) return &one;
            }
        }
        return nullptr;
    }
    bool is_on(std::string_view name) const { return last(name) != nullptr; }
    std::string text(std::string_view name) const {
        const Assignment* one = last(name);
        const auto* words = one == nullptr ? nullptr : one->value.get_if<std::string>();
        return words == nullptr ? std::string() : *words;
    }
    /// All values of an append option.
    std::vector<Assignment> all(std::string_view name) const {
        std::vector<Assignment> out;
        for (const CommandLine* from : {&environment, &command_line}) {
            for (const Assignment& one : from->commands) {
                if (one.setting != name) continue;
                for (const RawValue& item : *one.value.get_if<List>()) out.push_back({one.setting, item, one.origin});
            }
        }
        return out;
    }
};

template <class Enum>
Enum chosen(std::span<const std::string_view> choices, std::string_view word, Enum otherwise) {
    const auto found = std::find(choices.begin(), choices.end(), word);
    return found == choices.end() ? otherwise : static_cast<Enum>(found - choices.begin());
}

Result<WarningRule, std::string> parse_warning_rule(std::string_view words) {
    const std::size_t equals = words.find('=');
    const std::string_view action = words.substr(0, equals);
    WarningRule rule;
    if (action == "error") {
        rule.action = WarningRule::Action::error;
    } else if (action == "warning") {
        rule.action = WarningRule::Action::warning;
    } else if (action == "ignore") {
        rule.action = WarningRule::Action::ignore;
    } else {
        return Unexpected{"must be error=CODE, warning=CODE or ignore=CODE, not " + text::repr(words)};
    }
    const std::string_view code = equals == std::string_view::npos ? std::string_view("all") : words.substr(equals + 1);
    if (code == "all") return rule;
    const DiagKind* kind = find_diag_kind(code);
    if (kind == nullptr) return Unexpected{"there is no code " + text::repr(code)};
    const bool is_always_error = kind->severity == Severity::error && !kind->is_fallible && !kind->has_lesser;
    if (rule.action != WarningRule::Action::error && is_always_error) {
        return Unexpected{std::string(kind->code) + " is an error, and errors cannot be ignored"};
    }
    rule.id = static_cast<DiagId>(kind - diag_kinds().data());
    return rule;
}

Unexpected<CommandProblem> problem(const Assignment& about, std::string_view flag, const std::string& message) {
    const bool is_variable = about.origin.kind == SourceKind::command_environment;
    return Unexpected{CommandProblem{
        {.message = "argument " + std::string(flag) + ": " + message, .position = about.origin.position},
        is_variable ? CliOrigin::command_environment : CliOrigin::command_line}};
}

}  // namespace

std::span<const Declaration> command_options() noexcept { return kCommands; }

const SwitchDetail* find_switch_detail(std::string_view setting) noexcept {
    const auto* found = std::ranges::find(kDetails, setting, &SwitchDetail::setting);
    return found == std::end(kDetails) ? nullptr : found;
}

Result<Commands, CommandProblem> read_commands(const CommandLine& environment, const CommandLine& command_line) {
    const Given given{environment, command_line};
    Commands out;
    out.strict = given.is_on("strict");
    out.show_secrets = given.is_on("show_secrets");
    out.selection.changed_only = given.is_on("changed");
    out.schema = given.is_on("schema");
    out.explain = given.text("explain");
    out.explain_setting = given.text("explain_setting");
    out.diff_config = given.text("diff_config");
    if (const std::string facts = given.text("simulate"); !facts.empty()) {
        auto simulation = parse_simulation(facts);
        if (!simulation) return problem(*given.last("simulate"), "--simulate", simulation.error());
        out.simulation = *std::move(simulation);
    }
    if (const Assignment* seconds = given.last("check_timeout")) {
        const auto* number = seconds->value.get_if<std::int64_t>();
        if (number == nullptr || *number < 0) return problem(*seconds, "--check-timeout", "must not be negative");
        out.check_timeout = *number;
    }
    if (const std::string format = given.text("check_format"); !format.empty())
        out.report_format = report_format_named(format);
    out.check_level = chosen(kLevels, given.text("check_level"), CheckLevel::full);
    if (out.simulation) out.check_level = CheckLevel::offline;
    const std::string shown = given.text("shown_form");
    const std::size_t colon = shown.find(':');
    if (!shown.empty()) {
        const std::string form = shown.substr(0, colon);
        const auto found = std::find(std::begin(kForms), std::end(kForms), form);
        if (found != std::end(kForms)) out.shown_form = static_cast<ShownForm>(found - std::begin(kForms) + 1);
    }
    if (colon != std::string::npos) {
        for (const std::string_view name : text::split(std::string_view(shown).substr(colon + 1), ',')) {
            if (find_setting(text::trim(name)) == nullptr) {
                return problem(*given.last("shown_form"), "--print-config",
                               "there is no setting " + text::repr(text::trim(name)));
            }
            out.selection.names.emplace_back(text::trim(name));
        }
    }
    for (const Assignment& one : given.all("warnings")) {
        for (const std::string_view words : text::split(*one.value.get_if<std::string>(), ',')) {
            auto rule = parse_warning_rule(text::trim(words));
            if (!rule) return problem(one, "-W/--warnings", rule.error());
            out.warning_rules.push_back(*rule);
        }
    }
    for (const Assignment& one : given.all("env_file")) out.env_files.push_back(*one.value.get_if<std::string>());
    return out;
}

}  // namespace gunicorn::config
