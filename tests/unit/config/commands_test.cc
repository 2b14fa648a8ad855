#include "config/commands.h"

#include <catch2/catch.hpp>

namespace gunicorn::config {
namespace {

using Words = std::vector<std::string>;

Result<Commands, CommandProblem> read(const Words& words, const Words& variable = {}) {
    return read_commands(parse_command_line(variable, CliOrigin::command_environment), parse_command_line(words));
}

std::string problem_of(const Words& words) {
    const CommandLine parsed = parse_command_line(words);
    if (parsed.problem) return parsed.problem->message;
    const auto commands = read_commands({}, parsed);
    return commands ? std::string() : commands.error().problem.message;
}

TEST_CASE("what is wrong in the variable is said of the variable") {
    CHECK(read({"-W", "error=GCF999"}).error().source == CliOrigin::command_line);
    CHECK(read({"app:app"}, {"-W", "error=GCF999"}).error().source == CliOrigin::command_environment);
    CHECK(read({"app:app"}, {"--check-timeout=-1"}).error().source == CliOrigin::command_environment);
    CHECK(read({"--simulate", "cpu=4"}, {"--strict"}).error().source == CliOrigin::command_line);
}

TEST_CASE("nothing asked is a full check in text, and no command") {
    const auto commands = read({"app:app"});
    REQUIRE(commands);
    CHECK(commands->check_level == CheckLevel::full);
    CHECK_FALSE(commands->report_format);
    CHECK(commands->check_timeout == 60);
    CHECK_FALSE(commands->strict);
    CHECK(commands->shown_form == ShownForm::gunicorn);
}

TEST_CASE("a switch takes its detail behind = only, so that the application may follow it") {
    const CommandLine plain = parse_command_line(Words{"--check-config", "app:app"});
    CHECK(plain.positionals == Words{"app:app"});
    const CommandLine detailed = parse_command_line(Words{"--check-config=offline", "app:app"});
    CHECK(detailed.positionals == Words{"app:app"});
    REQUIRE(detailed.assignments.size() == 1);
    CHECK(detailed.assignments[0].setting == "check_config");
    CHECK(detailed.assignments[0].value == RawValue(true));
    CHECK(read({"--check-config=offline"})->check_level == CheckLevel::offline);
    CHECK(read({"--check-config=host"})->check_level == CheckLevel::host);
    CHECK(read({"--print-config=json"})->shown_form == ShownForm::json);
    const auto named = read({"--print-config=table:workers,bind"});
    CHECK(named->shown_form == ShownForm::table);
    CHECK(named->selection.names == Words{"workers", "bind"});
}

TEST_CASE("a wrong detail or choice is refused as argparse does") {
    CHECK(problem_of({"--check-config=half"}) ==
          "argument --check-config: invalid choice: 'half' (choose from 'offline', 'host', 'full')");
    CHECK(problem_of({"--check-format", "xml"}) ==
          "argument --check-format: invalid choice: 'xml' (choose from 'text', 'json', 'github', 'sarif')");
    CHECK(problem_of({"--check-timeout=soon"}) == "argument --check-timeout: invalid int value: 'soon'");
    CHECK(problem_of({"--check-timeout=-1"}) == "argument --check-timeout: must not be negative");
    CHECK(problem_of({"-Wfoo"}) == "argument -W/--warnings: must be error=CODE, warning=CODE or ignore=CODE, not 'foo'");
    CHECK(problem_of({"-W", "error=GCF999"}) == "argument -W/--warnings: there is no code 'GCF999'");
    CHECK(problem_of({"-W", "ignore=GCF202"}) == "argument -W/--warnings: GCF202 is an error, and errors cannot be ignored");
    CHECK(problem_of({"-W", "warning=negative-integer"}) ==
          "argument -W/--warnings: GCF202 is an error, and errors cannot be ignored");
    CHECK(problem_of({"--print-config=json:wrokers"}) == "argument --print-config: there is no setting 'wrokers'");
    CHECK(problem_of({"--preload=yes"}) == "argument --preload: ignored explicit argument 'yes'");
}

TEST_CASE("-W may name errors that may be wrong, and those that are sometimes less") {
    CHECK(read({"-W", "ignore=GCF404,warning=GCF405,ignore=GCF525,error=GCF202"})->warning_rules.size() == 4);
}

TEST_CASE("the command line wins over the variable, and rules of both count, the variable's first") {
    const auto commands = read({"--check-format=json", "-W", "ignore=GCF104,error"}, {"--check-format=github", "--strict", "-Werror=GCF101"});
    REQUIRE(commands);
    CHECK(commands->report_format == ReportFormat::json);
    CHECK(commands->strict);
    REQUIRE(commands->warning_rules.size() == 3);
    CHECK(commands->warning_rules[0].id == DiagId::unknown_name);
    CHECK(commands->warning_rules[1].id == DiagId::defined_twice);
    CHECK_FALSE(commands->warning_rules[2].id);
}

TEST_CASE("abbreviations that Gunicorn knows are not made ambiguous by commands") {
    CHECK(parse_command_line(Words{"--check"}).assignments.front().setting == "check_config");
    CHECK(parse_command_line(Words{"--str"}).assignments.front().setting == "strip_header_spaces");
    CHECK(parse_command_line(Words{"--stric"}).commands.front().setting == "strict");
}

TEST_CASE("an option that is given twice with another value is told, equal ones and lists are not") {
    const CommandLine twice = parse_command_line(Words{"-w", "3", "-w", "2"});
    REQUIRE(twice.diagnostics.size() == 1);
    CHECK(twice.diagnostics[0].id == DiagId::defined_twice);
    CHECK(twice.diagnostics[0].setting == "workers");
    CHECK(parse_command_line(Words{"-w", "3", "-w", "3"}).diagnostics.empty());
    CHECK(parse_command_line(Words{"-b", ":1", "-b", ":2"}).diagnostics.empty());
    const CommandLine files = parse_command_line(Words{"-c", "a.py", "-c", "b.py"});
    CHECK(files.diagnostics.empty());
    CHECK(files.config_files.size() == 2);
}

TEST_CASE("origins point into the command line as one would type it again, without its secrets") {
    const CommandLine parsed = parse_command_line(Words{"-w", "-1", "-e", "DB_KEY=hunter2", "--chdir=/a b", "app:app"});
    CHECK(parsed.text == "gunicorn -w -1 -e 'DB_KEY=[redacted]' '--chdir=/a b' app:app");
    CHECK(parsed.assignments[0].origin.value == Span{1, 10, 15});
    CHECK(parsed.text.substr(9, 5) == "-w -1");
    CHECK(parsed.assignments[2].origin.value == Span{1, 39, 53});
}

TEST_CASE("the value of a secret option begins behind the first equals sign of what the option is given") {
    const auto text_of = [](Words words) { return parse_command_line(words).text; };
    CHECK(text_of({"-eDB=aHVudGVyMg=="}) == "gunicorn '-eDB=[redacted]'");
    CHECK(text_of({"-e", "URL=redis://h/?db=hunter2&a=b"}) == "gunicorn -e 'URL=[redacted]'");
    CHECK(text_of({"--env=A=b=hunter2"}) == "gunicorn '--env=A=[redacted]'");
    CHECK(text_of({"--env=hunter2"}) == "gunicorn '--env=[redacted]'");
    CHECK(text_of({"-ehunter2"}) == "gunicorn '-e[redacted]'");
    CHECK(text_of({"-ReA=hunter2", "-e", "hunter2"}) == "gunicorn '-ReA=[redacted]' -e '[redacted]'");
}

}  // namespace
}  // namespace gunicorn::config
