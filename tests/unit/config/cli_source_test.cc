// What is expected here was observed with argparse of Python 3.11.
#include "config/cli_source.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "config/env_source.h"
#include "config/help.h"
#include "config/registry.h"

namespace gunicorn::config {
namespace {

using Words = std::vector<std::string>;

CommandLine parse(const Words& words) { return parse_command_line(words); }

RawValue value_of(const CommandLine& parsed, std::string_view setting) {
    for (const Assignment& assignment : parsed.assignments) {
        if (assignment.setting == setting) return assignment.value;
    }
    return "not mentioned";
}

int position_of(const CommandLine& parsed, std::string_view setting) {
    for (const Assignment& assignment : parsed.assignments) {
        if (assignment.setting == setting) return assignment.origin.position;
    }
    return 0;
}

TEST_CASE("the spellings of argparse all reach the setting") {
    struct Case {
        Words words;
        const char* setting;
        RawValue value;
    };
    const Case cases[] = {
        {{"-w", "4"}, "workers", 4},
        {{"-w4"}, "workers", 4},
        {{"-w=4"}, "workers", 4},
        {{"--workers", "4"}, "workers", 4},
        {{"--workers=4"}, "workers", 4},
        {{"--timeo", "5"}, "timeout", 5},
        {{"--timeo=5"}, "timeout", 5},
        {{"--conf", "x.py"}, "config", "x.py"},
        {{"--log-file", "x"}, "errorlog", "x"},
        {{"--error-logfile=x=y"}, "errorlog", "x=y"},
        {{"-n", ""}, "proc_name", ""},
        {{"--name="}, "proc_name", ""},
        {{"-n", "two words"}, "proc_name", "two words"},
        {{"-n", "-a b"}, "proc_name", "-a b"},
        {{"-n", "-"}, "proc_name", "-"},
        {{"-n", "-1"}, "proc_name", "-1"},
        {{"-n", "-.5"}, "proc_name", "-.5"},
        {{"-D"}, "daemon", true},
        {{"-RD"}, "daemon", true},
        {{"-RD"}, "enable_stdio_inheritance", true},
        {{"-Rw4"}, "workers", 4},
        {{"-Rw", "4"}, "workers", 4},
        {{"--no-sendfile"}, "sendfile", false},
        {{"--preload"}, "preload_app", true},
        {{"--proxy-protocol"}, "proxy_protocol", "auto"},
        {{"--proxy-protocol", "v2"}, "proxy_protocol", "v2"},
        {{"--proxy-protocol", "--preload"}, "proxy_protocol", "auto"},
        {{"--limit-request-field_size", "9"}, "limit_request_field_size", 9},
    };
    for (const Case& one : cases) {
        CAPTURE(one.words);
        const CommandLine parsed = parse(one.words);
        CHECK_FALSE(parsed.problem);
        INFO(repr(value_of(parsed, one.setting)));
        CHECK(value_of(parsed, one.setting) == one.value);
    }
}

TEST_CASE("numbers of the command line are read as Python's int does, modes as octal too") {
    CHECK(value_of(parse({"-w", " 10 "}), "workers") == RawValue(10));
    CHECK(value_of(parse({"-w", "+5"}), "workers") == RawValue(5));
    CHECK(value_of(parse({"-w", "1_000"}), "workers") == RawValue(1000));
    CHECK(value_of(parse({"-w", "007"}), "workers") == RawValue(7));
    CHECK(value_of(parse({"-w", "-1"}), "workers") == RawValue(-1));
    CHECK(value_of(parse({"-m", "0022"}), "umask") == RawValue(18));
    CHECK(value_of(parse({"-m", "0xFF"}), "umask") == RawValue(255));
    CHECK(value_of(parse({"-m", "18"}), "umask") == RawValue(18));
    // Too big for us: the validator says so.
    CHECK(value_of(parse({"-w", "99999999999999999999"}), "workers") == RawValue("99999999999999999999"));
}

TEST_CASE("the last of a repeated option wins, all of an append option count") {
    const CommandLine parsed = parse({"-w", "3", "-b", "a:1", "-w", "2", "--bind=b:2"});
    CHECK(value_of(parsed, "workers") == RawValue(2));
    CHECK(position_of(parsed, "workers") == 5);
    CHECK(value_of(parsed, "bind") == RawValue(List{"a:1", "b:2"}));
    CHECK(position_of(parsed, "bind") == 3);
    CHECK(parsed.assignments.size() == 2);
}

TEST_CASE("every assignment knows that it came from the command line") {
    const CommandLine parsed = parse({"app:app", "-w", "3"});
    REQUIRE(parsed.assignments.size() == 1);
    CHECK(parsed.assignments[0].origin == Origin{.kind = SourceKind::command_line, .position = 2, .value = {1, 18, 22}});
}

TEST_CASE("the application may stand before, between or behind the options") {
    CHECK(parse({"app:app", "-w", "4"}).positionals == Words{"app:app"});
    CHECK(parse({"-w", "4", "app:app"}).positionals == Words{"app:app"});
    CHECK(parse({"-w", "4", "app:app", "extra", "-D"}).positionals == Words{"app:app", "extra"});
    CHECK(parse({"-w", "4", "--", "-app"}).positionals == Words{"-app"});
    CHECK(parse({"a", "--", "-w", "--"}).positionals == Words{"a", "-w", "--"});
    CHECK(parse({"--"}).positionals.empty());
    CHECK(parse({}).positionals.empty());
    CHECK(parse({""}).positionals == Words{""});
}

TEST_CASE("mistakes are told in the words of argparse") {
    struct Case {
        Words words;
        const char* message;
        int position;
    };
    const Case cases[] = {
        {{"-w", "abc"}, "argument -w/--workers: invalid int value: 'abc'", 1},
        {{"-D", "-w", "0x10"}, "argument -w/--workers: invalid int value: '0x10'", 2},
        {{"-w", "1.5"}, "argument -w/--workers: invalid int value: '1.5'", 1},
        {{"--workers="}, "argument -w/--workers: invalid int value: ''", 1},
        {{"-m", "09"}, "argument -m/--umask: invalid auto_int value: '09'", 1},
        {{"app:app", "-w"}, "argument -w/--workers: expected one argument", 2},
        {{"-w", "-D"}, "argument -w/--workers: expected one argument", 1},
        {{"-w", "--", "4"}, "argument -w/--workers: expected one argument", 1},
        {{"--preload=1"}, "argument --preload: ignored explicit argument '1'", 1},
        {{"--preload="}, "argument --preload: ignored explicit argument ''", 1},
        {{"-R4"}, "argument -R/--enable-stdio-inheritance: ignored explicit argument '4'", 1},
        {{"-h4"}, "argument -h/--help: ignored explicit argument '4'", 1},
        {{"a", "-w", "4", "b"}, "unrecognized arguments: b", 4},
        {{"-Z", "app"}, "unrecognized arguments: -Z", 1},
        {{"--foo-bar-baz", "-Z=1"}, "unrecognized arguments: --foo-bar-baz -Z=1", 1},
        {{"--wrokers=4"}, "unrecognized arguments: --wrokers=4; did you mean '--workers'?", 1},
        {{"--num-workers=4"}, "unrecognized arguments: --num-workers=4; did you mean '--workers'?", 1},
        {{"--accesslog", "-"}, "unrecognized arguments: --accesslog; did you mean '--access-logfile'?", 1},
    };
    for (const Case& one : cases) {
        CAPTURE(one.words);
        const CommandLine parsed = parse(one.words);
        REQUIRE(parsed.problem);
        CHECK(parsed.problem->message == one.message);
        CHECK(parsed.problem->position == one.position);
        CHECK(parsed.problem->exit_code == 2);
        CHECK(parsed.problem->id == DiagId::bad_arguments);
    }
}

TEST_CASE("an abbreviation that several options share is ambiguous") {
    const CommandLine parsed = parse({"--worker=3"});
    REQUIRE(parsed.problem);
    CHECK(parsed.problem->message.rfind("ambiguous option: --worker=3 could match --workers, --worker-class, ", 0) == 0);
}

TEST_CASE("help and version are answered at once, unless something before them is wrong") {
    CHECK(parse({"-h"}).request == CliRequest::help);
    CHECK(parse({"--help", "-w", "abc"}).request == CliRequest::help);
    CHECK(parse({"-v"}).request == CliRequest::version);
    CHECK(parse({"-RDh"}).request == CliRequest::help);
    CHECK(parse({"-w", "abc", "-h"}).problem);
    CHECK(parse({"--foo", "-h"}).request == CliRequest::help);
    CHECK(parse({"-n", "-h"}).problem);
}

TEST_CASE("what is written to standard error is what argparse writes") {
    CHECK(problem_text(parse({"-w", "abc"})) ==
          "usage: gunicorn [OPTIONS] [APP_MODULE]\n"
          "gunicorn: error: argument -w/--workers: invalid int value: 'abc'\n");
    CHECK(problem_text(parse({"-D"})).empty());
    const Diagnostic diagnostic = problem_diagnostic(parse({"-D", "-w", "abc"}));
    CHECK(diagnostic.id == DiagId::bad_arguments);
    CHECK(diagnostic.origin.position == 2);
}

TEST_CASE("the text of a command line is one line, and the spans are columns of it") {
    const CommandLine parsed = parse({"--access-logformat", "a\nb\xff\x1b", "-w4"});
    CHECK(parsed.text == "gunicorn --access-logformat 'a?b?\?' -w4");
    REQUIRE(parsed.assignments.size() == 2);
    CHECK(parsed.assignments[0].origin.value == Span{1, 10, 36});
    CHECK(parsed.assignments[1].origin.value == Span{1, 37, 40});
}

TEST_CASE("the text of one option can be asked for before anything is resolved") {
    const CommandLine parsed = parse({"-c", "x.py", "-w", "4"});
    REQUIRE(parsed.text_of("config") != nullptr);
    CHECK(*parsed.text_of("config") == "x.py");
    CHECK(parsed.text_of("paste") == nullptr);
    CHECK(parsed.text_of("workers") == nullptr);
}

TEST_CASE("GUNICORN_CMD_ARGS is split as a shell does and parsed as a command line") {
    const CommandLine parsed = parse_command_environment({{"GUNICORN_CMD_ARGS", "--bind=a:1 -n 'two words' app:app -w 3"}});
    CHECK_FALSE(parsed.problem);
    CHECK(value_of(parsed, "proc_name") == RawValue("two words"));
    CHECK(value_of(parsed, "workers") == RawValue(3));
    CHECK(parsed.positionals.empty());
    CHECK(parsed.assignments[0].origin ==
          Origin{.kind = SourceKind::command_environment, .name = "GUNICORN_CMD_ARGS", .position = 1, .value = {1, 1, 11}});
}

TEST_CASE("an unset or empty GUNICORN_CMD_ARGS says nothing") {
    CHECK(parse_command_environment({}).assignments.empty());
    CHECK_FALSE(parse_command_environment({}).problem);
    CHECK_FALSE(parse_command_environment({{"GUNICORN_CMD_ARGS", "  "}}).problem);
}

TEST_CASE("a quotation that is not closed ends with exit code 1, a bad option with 2, and both name the variable") {
    const CommandLine open = parse_command_environment({{"GUNICORN_CMD_ARGS", "--bind 'x"}});
    REQUIRE(open.problem);
    CHECK(open.problem->exit_code == 1);
    CHECK(open.problem->id == DiagId::bad_syntax);
    CHECK(problem_text(open) == "\nError: No closing quotation (in GUNICORN_CMD_ARGS)\n");
    CHECK(problem_diagnostic(open).origin.kind == SourceKind::command_environment);

    const CommandLine escape = parse_command_environment({{"GUNICORN_CMD_ARGS", "-n x\\"}});
    CHECK(escape.problem->message == "No escaped character");

    const CommandLine bad = parse_command_environment({{"GUNICORN_CMD_ARGS", "--workers abc"}});
    REQUIRE(bad.problem);
    CHECK(bad.problem->exit_code == 2);
    CHECK(problem_text(bad) ==
          "usage: gunicorn [OPTIONS] [APP_MODULE]\n"
          "gunicorn: error: argument -w/--workers: invalid int value: 'abc' (in GUNICORN_CMD_ARGS)\n");
}

TEST_CASE("every option of every setting is understood by itself") {
    for (const Declaration& setting : declarations()) {
        for (const std::string_view flag : setting.flags) {
            CAPTURE(flag);
            const bool takes_value = setting.action == CliAction::store || setting.action == CliAction::append;
            const CommandLine parsed = parse(takes_value ? Words{std::string(flag), "1"} : Words{std::string(flag)});
            CHECK_FALSE(parsed.problem);
            REQUIRE(parsed.assignments.size() == 1);
            CHECK(parsed.assignments[0].setting == setting.name);
        }
    }
}

TEST_CASE("help names every option and fits the terminal") {
    const std::string help = help_text("gunicorn", 80);
    CHECK(help.rfind("usage: gunicorn [OPTIONS] [APP_MODULE]\n\npositional arguments:\n", 0) == 0);
    CHECK(help.find("\n  -h, --help            show this help message and exit\n") != std::string::npos);
    CHECK(help.find("\n  -w INT, --workers INT\n                        ") != std::string::npos);
    CHECK(help.find("\n  --proxy-protocol [MODE]\n") != std::string::npos);
    CHECK(help.find("\n  -D, --daemon          ") != std::string::npos);
    for (const Declaration& setting : declarations()) {
        for (const std::string_view flag : setting.flags) CHECK(help.find(std::string(flag)) != std::string::npos);
    }
    for (const std::string_view line : text::split(help, '\n')) {
        CAPTURE(line);
        const bool is_description = line.starts_with(std::string(24, ' '));
        CHECK((line.size() <= 78 || !is_description));
    }
}

TEST_CASE("help can be laid out for the narrowest terminal") {
    CHECK(help_text("gunicorn", 1).find("--workers") != std::string::npos);
    CHECK(help_text("gunicorn", -5) == help_text("gunicorn", 1));
}

TEST_CASE("the version line is the one Gunicorn prints") {
    CHECK(version_text().rfind("gunicorn (version ", 0) == 0);
    CHECK(version_text().substr(version_text().size() - 2) == ")\n");
}

TEST_CASE("COLUMNS says how wide the terminal is") {
    CHECK(terminal_columns({{"COLUMNS", "132"}}) == 132);
    CHECK(terminal_columns({{"COLUMNS", "wide"}}) > 0);
    CHECK(terminal_columns({{"COLUMNS", "0"}}) > 0);
    CHECK(terminal_columns({{"COLUMNS", "99999999999"}}) == 10000);
}

}  // namespace
}  // namespace gunicorn::config
