#include "config/cli_source.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "config/automatic_workers.h"
#include "config/commands.h"
#include "config/help.h"
#include "config/known_names.h"
#include "config/python_int.h"
#include "config/refusal.h"
#include "config/registry.h"
#include "config/report/secrets.h"

namespace gunicorn::config {
namespace {

/// What a flag stands for: a setting, or one of the two requests.
struct Option {
    std::string_view flag;
    const Declaration* setting = nullptr;  ///< null for -h and -v
    CliRequest request = CliRequest::none;
    bool is_command = false;  ///< of commands.h: nothing for the resolver

    [[nodiscard]] bool takes_value() const {
        return setting != nullptr && (setting->action == CliAction::store || setting->action == CliAction::append ||
                                      setting->action == CliAction::store_optional);
    }
    [[nodiscard]] bool needs_value() const { return takes_value() && setting->action != CliAction::store_optional; }
};

/// One mention of an option, before its value is looked for.
struct Mention {
    Option option;
    std::optional<std::string> glued;  ///< "4" of -w4 and --workers=4
    bool is_known = true;              ///< false for a word that looks like an option and is none
};

/// In the order argparse adds them, which is the order an ambiguity lists them in.
std::vector<Option> all_options() {
    std::vector<Option> options{{"-h", nullptr, CliRequest::help},
                                {"--help", nullptr, CliRequest::help},
                                {"-v", nullptr, CliRequest::version},
                                {"--version", nullptr, CliRequest::version}};
    for (const Declaration& setting : declarations()) {
        if (setting.action == CliAction::none) continue;
        for (const std::string_view flag : setting.flags) options.push_back({flag, &setting, CliRequest::none});
    }
    for (const Declaration& command : command_options()) {
        for (const std::string_view flag : command.flags) options.push_back({flag, &command, CliRequest::none, true});
    }
    return options;
}

/// "-w/--workers"
std::string spelled(const Option& option) {
    if (option.setting == nullptr) return option.request == CliRequest::help ? "-h/--help" : "-v/--version";
    std::string out;
    for (const std::string_view flag : option.setting->flags) out += (out.empty() ? "" : "/") + std::string(flag);
    return out;
}

/// Empty when there is none.
std::string_view long_flag_of(const Declaration* setting) {
    if (setting == nullptr) return {};
    for (const std::string_view flag : setting->flags) {
        if (flag.starts_with("--")) return flag;
    }
    return {};
}

/// argparse's _negative_number_matcher: such a word is a value, since no option looks like it.
bool looks_like_negative_number(std::string_view word) {
    word.remove_prefix(1);
    const std::size_t dot = word.find('.');
    const std::string_view whole = word.substr(0, dot);
    const std::string_view fraction = dot == std::string_view::npos ? whole : word.substr(dot + 1);
    return !fraction.empty() && std::all_of(whole.begin(), whole.end(), text::is_digit) &&
           std::all_of(fraction.begin(), fraction.end(), text::is_digit);
}

/// argparse.ArgumentParser._parse_known_args: first every word is told apart, then they are consumed in order.
class Parser {
public:
    Parser(std::span<const std::string> words, CliOrigin origin) : words_(words) { result_.origin = origin; }

    CommandLine run() {
        if (classify() && consume()) reject_extras();
        write_text();
        return std::move(result_);
    }

private:
    enum class Kind { argument, option, separator };

    bool fail(std::size_t index, std::string message) {
        result_.problem = CliProblem{.message = std::move(message), .position = static_cast<int>(index) + 1};
        return false;
    }
    bool fail_argument(std::size_t index, const Option& option, const std::string& message) {
        return fail(index, "argument " + spelled(option) + ": " + message);
    }

    const Option* find(std::string_view flag) const {
        const auto found = std::find_if(options_.begin(), options_.end(), [&](const Option& o) { return o.flag == flag; });
        return found == options_.end() ? nullptr : &*found;
    }

    /// Every option that `word` may mean: by a prefix of a long one, or as a short one with its value glued on.
    std::vector<Mention> possible_mentions(const std::string& word) const {
        std::vector<Mention> mentions;
        const bool is_long = word.starts_with("--");
        const std::size_t equals = is_long ? word.find('=') : std::string::npos;
        const std::string_view prefix = std::string_view(word).substr(0, equals);
        for (const Option& option : options_) {
            if (!is_long && option.flag == prefix.substr(0, 2)) {
                mentions.push_back({option, word.substr(2)});
            } else if (option.flag.starts_with(prefix)) {
                mentions.push_back({option, std::nullopt});
                if (equals != std::string::npos) mentions.back().glued = word.substr(equals + 1);
            }
        }
        // Abbreviations that Gunicorn knows stay what they are: commands are abbreviated only where no setting is.
        const auto is_command = [](const Mention& mention) { return mention.option.is_command; };
        if (!std::all_of(mentions.begin(), mentions.end(), is_command)) std::erase_if(mentions, is_command);
        return mentions;
    }

    /// argparse._parse_optional. Nothing is stored for a word that is an argument.
    bool classify_word(std::size_t index) {
        const std::string& word = words_[index];
        if (word.size() < 2 || word[0] != '-') return true;
        const auto is_option = [&](Mention mention) {
            kinds_[index] = Kind::option;
            mentions_[index] = std::move(mention);
            return true;
        };
        if (const Option* exact = find(word)) return is_option({*exact, std::nullopt});
        if (const std::size_t equals = word.find('='); equals != std::string::npos) {
            if (const Option* exact = find(word.substr(0, equals))) return is_option({*exact, word.substr(equals + 1)});
        }
        const std::vector<Mention> possible = possible_mentions(word);
        if (possible.size() == 1) return is_option(possible.front());
        if (possible.size() > 1) {
            std::string message = "ambiguous option: " + word + " could match ";
            for (std::size_t i = 0; i < possible.size(); ++i) {
                message += (i == 0 ? "" : ", ") + std::string(possible[i].option.flag);
            }
            return fail(index, std::move(message));
        }
        if (looks_like_negative_number(word) || word.find(' ') != std::string::npos) return true;
        return is_option({{}, std::nullopt, false});
    }

    bool classify() {
        kinds_.assign(words_.size(), Kind::argument);
        mentions_.resize(words_.size());
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (words_[i] == "--") {
                kinds_[i] = Kind::separator;
                return true;  // all that follow are arguments
            }
            if (!classify_word(i)) return false;
        }
        return true;
    }

    bool consume() {
        std::size_t index = 0;
        while (index < words_.size()) {
            if (kinds_[index] != Kind::option) {
                index = consume_positionals(index);
            } else if (!mentions_[index].is_known) {
                extras_.push_back(index++);
            } else if (!consume_option(index)) {
                return false;
            }
            if (result_.request != CliRequest::none) return false;
        }
        return true;
    }

    /// The first run of arguments is the application and what belongs to it; later ones are nobody's, since `args` is
    /// nargs="*".
    std::size_t consume_positionals(std::size_t index) {
        const bool is_first = !std::exchange(had_positionals_, true);
        bool may_drop_separator = true;
        for (; index < words_.size() && kinds_[index] != Kind::option; ++index) {
            if (!is_first) {
                extras_.push_back(index);
            } else if (words_[index] == "--" && std::exchange(may_drop_separator, false)) {
                continue;
            } else {
                result_.positionals.push_back(words_[index]);
            }
        }
        return index;
    }

    bool consume_option(std::size_t& index) {
        const std::size_t at = index++;
        Mention mention = mentions_[at];
        if (mention.glued && mention.option.flag.starts_with("--") && mention.option.setting != nullptr) {
            if (const SwitchDetail* detail = find_switch_detail(mention.option.setting->name)) {
                return apply_detail(at, mention.option, *detail, *mention.glued);
            }
        }
        std::vector<Option> flags;  // of a combination such as -RD
        while (mention.glued && !mention.option.takes_value()) {
            const bool is_combination = mention.option.flag[1] != '-' && !mention.glued->empty();
            const Option* next = is_combination ? find("-" + mention.glued->substr(0, 1)) : nullptr;
            if (next == nullptr) {
                return fail_argument(at, mention.option, "ignored explicit argument " + text::repr(*mention.glued));
            }
            flags.push_back(mention.option);
            mention.option = *next;
            mention.glued->erase(0, 1);
            if (mention.glued->empty()) mention.glued.reset();
        }
        if (!mention.glued && mention.option.takes_value()) {
            if (index < words_.size() && kinds_[index] == Kind::argument) {
                mention.glued = words_[index++];
                last_word_ = index - 1;
            } else if (mention.option.needs_value()) {
                return fail_argument(at, mention.option, "expected one argument");
            }
        }
        if (last_word_ < at) last_word_ = at;
        if (mention.option.setting != nullptr && mention.option.setting->secret && mention.glued) {
            secret_words_.emplace(last_word_, words_[last_word_].size() - mention.glued->size());
        }
        for (const Option& flag : flags) {
            if (!apply(at, flag, std::nullopt)) return false;
        }
        return apply(at, mention.option, mention.glued);
    }

    /// --check-config=offline: the switch, and a command for the detail.
    bool apply_detail(std::size_t at, const Option& option, const SwitchDetail& detail, const std::string& given) {
        const std::string_view choice =
            std::string_view(given).substr(0, detail.takes_names ? given.find(':') : std::string::npos);
        last_word_ = at;
        if (!choice.empty() || !detail.takes_names) {
            if (std::ranges::find(detail.choices, choice) == detail.choices.end())
                return fail_choice(at, option, choice, detail.choices);
        }
        result_.commands.push_back({std::string(detail.command), given, origin_of(at)});
        return store(at, option, true);
    }

    bool fail_choice(std::size_t at, const Option& option, std::string_view given,
                     std::span<const std::string_view> choices) {
        std::string message = "invalid choice: " + text::repr(given) + " (choose from ";
        for (const std::string_view choice : choices)
            message += (choice == choices.front() ? "" : ", ") + text::repr(choice);
        return fail_argument(at, option, message + ")");
    }

    /// Does what the option says. False when the parsing ends here.
    bool apply(std::size_t at, const Option& option, const std::optional<std::string>& given) {
        if (option.setting == nullptr) {
            result_.request = option.request;
            return false;
        }
        const Declaration& setting = *option.setting;
        switch (setting.action) {
            case CliAction::none: return true;
            case CliAction::store_true: return store(at, option, true);
            case CliAction::store_false: return store(at, option, false);
            case CliAction::store_optional:
                if (!given) return store(at, option, setting.cli_const);
                break;
            case CliAction::store:
            case CliAction::append: break;
        }
        std::optional<RawValue> value = converted(setting.cli_type, *given);
        if (!value) {
            const char* type = setting.cli_type == CliType::auto_integer ? "auto_int" : "int";
            return fail_argument(at, option, std::string("invalid ") + type + " value: " + text::repr(*given));
        }
        if (option.is_command && !setting.choices.empty() &&
            std::ranges::find(setting.choices, *given) == setting.choices.end()) {
            return fail_choice(at, option, *given, setting.choices);
        }
        return setting.action == CliAction::append ? append(at, option, *std::move(value))
                                                   : store(at, option, *std::move(value));
    }

    /// argparse's `type=`. A number beyond 64 bits stays text, for the validator to refuse.
    static std::optional<RawValue> converted(CliType type, const std::string& given) {
        if (type == CliType::text || (type == CliType::integer_or_auto && means_automatic(given))) return RawValue(given);
        const PythonInt number = type == CliType::auto_integer ? parse_auto_int(given) : parse_python_int(given, 10);
        if (number.outcome == IntOutcome::invalid) return std::nullopt;
        return number.outcome == IntOutcome::ok ? RawValue(number.value) : RawValue(given);
    }

    /// What the option said before; a new, empty assignment when it is mentioned first.
    Assignment& assignment_of(const Option& option) {
        auto& all = option.is_command ? result_.commands : result_.assignments;
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const Assignment& a) { return a.setting == option.setting->name; });
        if (found != all.end()) return *found;
        return all.emplace_back(Assignment{std::string(option.setting->name), RawValue(), Origin()});
    }

    Origin origin_of(std::size_t at) const {
        const bool is_variable = result_.origin == CliOrigin::command_environment;
        return Origin{
            .kind = is_variable ? SourceKind::command_environment : SourceKind::command_line,
            .name = is_variable ? std::string(kCommandVariable) : std::string(),
            .position = static_cast<int>(at) + 1,
            .value = {static_cast<int>(at) + 1, 0, static_cast<int>(last_word_) + 1}};  // words; write_text() makes columns
    }

    bool store(std::size_t at, const Option& option, RawValue value) {
        Assignment& assignment = assignment_of(option);
        Origin origin = origin_of(at);
        if (option.setting->name == "config") {
            result_.config_files.push_back({assignment.setting, value, origin});
        } else if (!option.is_command && !assignment.value.is_none() && !(assignment.value == value)) {
            result_.diagnostics.push_back(
                {DiagId::defined_twice, assignment.setting, origin,
                 "is given again and replaces what argument " + std::to_string(assignment.origin.position) + " says"});
        }
        assignment.value = std::move(value);
        assignment.origin = std::move(origin);
        return true;
    }

    bool append(std::size_t at, const Option& option, RawValue value) {
        Assignment& assignment = assignment_of(option);
        List all;
        if (const List* before = assignment.value.get_if<List>()) all = *before;
        if (all.empty()) assignment.origin = origin_of(at);
        all.push_back(std::move(value));
        assignment.value = std::move(all);
        return true;
    }

    void reject_extras() {
        if (extras_.empty()) return;
        std::string message = "unrecognized arguments:";
        for (const std::size_t index : extras_) message += " " + words_[index];
        std::vector<std::string_view> flags;
        for (const Option& option : options_) flags.push_back(option.flag);
        for (const std::size_t index : extras_) {
            const std::string_view word = std::string_view(words_[index]).substr(0, words_[index].find('='));
            if (!word.starts_with("--")) continue;
            const std::string_view meant = long_flag_of(meant_setting(word.substr(2)));
            const std::string hint = meant.empty() ? suggestion(word, flags) : "did you mean " + text::repr(meant) + "?";
            if (hint.empty()) continue;
            message += "; " + hint;
            break;
        }
        fail(extras_.front(), std::move(message));
    }

    /// Quotes the words as a shell wants them, line ends and other controls replaced, and turns the spans of origins from
    /// words into columns.
    void write_text() {
        const bool is_variable = result_.origin == CliOrigin::command_environment;
        std::string& line = result_.text;
        if (!is_variable) line = "gunicorn";
        std::vector<Span> places;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            const auto secret = secret_words_.find(i);
            if (!line.empty()) line += ' ';
            const int column = text::length(line) + 1;
            line += text::shell_quote(
                text::printable(secret == secret_words_.end() ? words_[i] : redacted_word(words_[i], secret->second)));
            places.push_back({1, column, text::length(line) + 1});
        }
        const auto locate = [&](Origin& origin) {
            if (origin.value.line == 0) return;
            const Span first = places[static_cast<std::size_t>(origin.value.line) - 1];
            const Span last = places[static_cast<std::size_t>(origin.value.end_column) - 1];
            origin.value = {1, first.column, last.end_column};
        };
        for (auto* all : {&result_.assignments, &result_.commands, &result_.config_files}) {
            for (Assignment& one : *all) locate(one.origin);
        }
        for (Diagnostic& one : result_.diagnostics) locate(one.origin);
    }

    /// "-eA=b" and "--env=A=b" keep what says which option and which name it is.
    static std::string redacted_word(const std::string& word, std::size_t value) {
        return word.substr(0, value) + redact_entry(word.substr(value));
    }

    const std::vector<Option> options_ = all_options();
    std::span<const std::string> words_;
    std::vector<Kind> kinds_;
    std::vector<Mention> mentions_;
    std::vector<std::size_t> extras_;
    bool had_positionals_ = false;
    std::size_t last_word_ = 0;                        ///< the word that ends the option at hand
    std::map<std::size_t, std::size_t> secret_words_;  ///< where the value begins in each word that ends a secret option
    CommandLine result_;
};

}  // namespace

const std::string* CommandLine::text_of(std::string_view setting) const {
    for (const Assignment& assignment : assignments) {
        if (assignment.setting == setting) return assignment.value.get_if<std::string>();
    }
    return nullptr;
}

CommandLine parse_command_line(std::span<const std::string> words, CliOrigin origin) { return Parser(words, origin).run(); }

std::string problem_text(const CommandLine& command_line, std::string_view program) {
    if (!command_line.problem) return {};
    const CliProblem& problem = *command_line.problem;
    std::string message = problem.message;
    if (command_line.origin == CliOrigin::command_environment) message += " (in " + std::string(kCommandVariable) + ")";
    if (problem.exit_code != 2) return "\nError: " + message + "\n";
    return usage_line(program) + std::string(program) + ": error: " + message + "\n";
}

Diagnostic problem_diagnostic(const CommandLine& command_line) {
    GN_ASSERT(command_line.problem.has_value(), "only a command line with a problem is asked for it");
    const bool is_variable = command_line.origin == CliOrigin::command_environment;
    Origin origin{.kind = is_variable ? SourceKind::command_environment : SourceKind::command_line,
                  .name = is_variable ? std::string(kCommandVariable) : std::string(),
                  .position = command_line.problem->position};
    return Diagnostic{command_line.problem->id, {}, std::move(origin), command_line.problem->message};
}

}  // namespace gunicorn::config
