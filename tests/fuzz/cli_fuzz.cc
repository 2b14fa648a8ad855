// The bytes are the words of a command line, divided by NUL; with spaces instead, they are GUNICORN_CMD_ARGS.

#include <algorithm>
#include <string>
#include <vector>

#include "config/cli_source.h"
#include "config/commands.h"
#include "config/env_source.h"
#include "config/resolver.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/report_checks.h"
#include "support/config_world.h"

namespace gunicorn::fuzz {
namespace {

using config::CommandLine;

void check_origins(const CommandLine& line, int word_count) {
    config::SourceTexts texts;
    const auto check = [&](const Origin& origin) {
        texts.add(source_name(origin), line.text);
        GN_ASSERT(origin.position >= 1 && origin.position <= word_count, "what is said has a word");
        check_place(origin, texts, 1);
    };
    for (const auto* all : {&line.assignments, &line.commands, &line.config_files}) {
        for (const config::Assignment& one : *all) check(one.origin);
    }
    for (const Diagnostic& one : line.diagnostics) check(one.origin);
}

void check_line(const CommandLine& line, int word_count) {
    GN_ASSERT(line.text.find('\n') == std::string::npos, "the text is one line");
    if (line.problem) {
        const std::string shown = config::problem_text(line);
        GN_ASSERT(line.problem->exit_code == 1 || line.problem->exit_code == 2, "exit codes are 1 and 2");
        GN_ASSERT(line.problem->position <= word_count, "the problem is about one of the words, or all");
        GN_ASSERT(shown.ends_with('\n'), "what is printed ends its line");
        config::SourceTexts texts;
        const Diagnostic diagnostic = config::problem_diagnostic(line);
        texts.add(source_name(diagnostic.origin), line.text);
        check_reports({diagnostic}, texts);
    }
    check_origins(line, word_count);
}

/// What is quoted for a shell is read back as it was.
void check_quoting(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += text::shell_quote(word) + ' ';
    GN_ASSERT(text::shell_split(line) == words, "quoted words are read back");
}

}  // namespace

void cli(std::string_view bytes) {
    if (bytes.find(kMarker) != std::string_view::npos) return;
    std::vector<std::string> words;
    for (const std::string_view word : text::split(bytes, '\0')) words.emplace_back(word);
    check_quoting(words);

    test::ConfigWorld world;
    std::string variable(bytes);
    std::replace(variable.begin(), variable.end(), '\0', ' ');
    world.environment[std::string(config::kCommandVariable)] = variable;
    const CommandLine from_environment = config::parse_command_environment(world.environment);
    const auto split = text::shell_split(variable);
    GN_ASSERT(split || from_environment.problem, "a quotation that is not closed is a problem");
    check_line(from_environment, split ? static_cast<int>(split->size()) : 0);

    const CommandLine line = config::parse_command_line(words);
    check_line(line, static_cast<int>(words.size()));

    if (line.problem || from_environment.problem) return;
    (void)config::read_commands(from_environment, line);
    config::ValidationContext context = world.context();
    context.files = config::HostFiles::not_asked;
    const config::Resolution resolution = config::resolve(
        config::Layers{.command_environment = from_environment.assignments, .command_line = line.assignments}, context);
    config::SourceTexts texts;
    texts.add(source_name(Origin{.kind = SourceKind::command_line}), line.text);
    texts.add(std::string(config::kCommandVariable), from_environment.text);
    check_places(resolution.diagnostics, texts, 1);
    check_reports(resolution.diagnostics, texts);
}

}  // namespace gunicorn::fuzz
