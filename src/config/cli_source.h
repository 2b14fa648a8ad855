#pragma once
// The command line, read as Python's argparse reads it: abbreviations, -w4, -RD, --x=y, options after the application.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/source.h"

namespace gunicorn::config {

/// The variable whose words are options of the command line.
inline constexpr std::string_view kCommandVariable = "GUNICORN_CMD_ARGS";

/// Which of the two places that speak the language of the command line.
enum class CliOrigin { command_line, command_environment };

/// Why a command line was refused. Nothing of it is used then.
struct CliProblem {
    DiagId id = DiagId::bad_arguments;
    std::string message;  ///< as argparse says it: "argument -w/--workers: invalid int value: 'abc'"
    int position = 0;     ///< the word that is wrong; 0 when it is about all of them
    int exit_code = 2;    ///< 2 with usage, as argparse; 1 for a quotation that is not closed
};

/// What argparse does at once when it meets the flag, whatever follows.
enum class CliRequest { none, help, version };

struct CommandLine {
    CliOrigin origin = CliOrigin::command_line;
    /// In the order the settings were first mentioned, each once: the last value of a scalar, all values of an append
    /// option. origin.position is the word of the option that won; of the first one, where all count.
    std::vector<Assignment> assignments;
    /// What options ask that are no settings (commands.h), in the same form; values that a switch carries among them.
    std::vector<Assignment> commands;
    /// Every --config, in order: later files win.
    std::vector<Assignment> config_files;
    /// Scalar options that were given twice with different values, as findings.
    Diagnostics diagnostics;
    /// All words as one line, values of secret settings redacted, controls replaced; the spans of origins are columns of it.
    std::string text;
    /// The application and what follows it. Gunicorn ignores all but the first.
    std::vector<std::string> positionals;
    CliRequest request = CliRequest::none;
    std::optional<CliProblem> problem;

    /// The text given to one setting ("config", "paste"); null when it was not mentioned.
    [[nodiscard]] const std::string* text_of(std::string_view setting) const;
};

/// `words` are the arguments without the program's name; the first one is position 1.
[[nodiscard]] CommandLine parse_command_line(std::span<const std::string> words, CliOrigin origin = CliOrigin::command_line);

/// What is written to standard error, with its line ends. Exit code 2: usage and "gunicorn: error: ..."; exit code 1:
/// "\nError: ...\n". The text says when the words came from GUNICORN_CMD_ARGS.
[[nodiscard]] std::string problem_text(const CommandLine& command_line, std::string_view program = "gunicorn");

/// The same problem for those who collect (--check-config).
[[nodiscard]] Diagnostic problem_diagnostic(const CommandLine& command_line);

}  // namespace gunicorn::config
