#include "config/report/secret_lines.h"

#include <catch2/catch.hpp>
#include <map>

#include "base/text.h"

namespace gunicorn::config {
namespace {

/// All lines, each as it may be shown.
std::string redact_all(const std::string& source) {
    const std::vector<Piece> spans = secret_spans(source);
    std::string out;
    const int count = static_cast<int>(text::split(source, '\n').size());
    for (int line = 1; line <= count; ++line) out += (line > 1 ? "\n" : "") + redact_python_line(source, spans, line);
    return out;
}

TEST_CASE("no line of a secret value is shown, and all others are") {
    struct Case {
        const char* given;
        const char* shown;
    };
    const Case cases[] = {
        {"raw_env = [\n    'DB=hunter2',\n    # 'OLD=x',\n]\nworkers = 'x'",
         "raw_env = [redacted]\n    [redacted]\n    [redacted]\n]\nworkers = 'x'"},
        {"raw_env = ['DB=hunter2',\n  'A=1']; workers = 'x'", "raw_env = [redacted]\n  [redacted]; workers = 'x'"},
        {"raw_env = ['DB=hunter2']; workers = 'x'", "raw_env = [redacted]; workers = 'x'"},
        {"raw_env = [\n'DB=hunter2'\n]; workers = 'x'", "raw_env = [redacted]\n[redacted]\n]; workers = 'x'"},
        {"workers = 'x'; raw_env = ['A=1']  # why", "workers = 'x'; raw_env = [redacted]"},
        {"raw_env = 'A=1', \\\n  'B=2'\nx = 1", "raw_env = [redacted]\n  [redacted]\nx = 1"},
        {"raw_env = '''\nA=1 ] \" #\n'''.split()\nx = 1", "raw_env = [redacted]\n[redacted]\n[redacted]\nx = 1"},
        {"raw_env = ['A=]',\n 'B=#']\nx = 1", "raw_env = [redacted]\n [redacted]\nx = 1"},
        {"raw_env = [r'A=\\',\n 'B=\\'']\nx = 1", "raw_env = [redacted]\n [redacted]\nx = 1"},
        {"raw_env: list[str] = [\n 'A=1']\nx = 1", "raw_env: list[str] = [\n [redacted]\nx = 1"},
        {"raw_env, x = [\n 'A=1'], 2\nx = 1", "raw_env, x = [\n [redacted]\nx = 1"},
        {"raw_env += [\n 'A=1']\nx = 1", "raw_env += [redacted]\n [redacted]\nx = 1"},
        {"(raw_env := [\n 'A=1'])\nx = 1", "(raw_env := [\n [redacted])\nx = 1"},
        {"raw_env.extend([\n 'A=1'])\nx = 1", "raw_env.extend([\n [redacted])\nx = 1"},
        {"raw_env.insert(0,\n 'A=1')\nx = 1", "raw_env.insert([redacted]\n [redacted])\nx = 1"},
        {"raw_env[0:0] = [\n 'A=1']\nx = 1", "raw_env[0:0] = [\n [redacted]\nx = 1"},
        {"globals()['raw_env'] = [\n 'A=1']\nx = 1", "globals()['raw_env'] = [\n [redacted]\nx = 1"},
        {"globals().update({'raw_env': [\n 'A=1'], 'x': 1})", "globals().update({'raw_env': [\n [redacted], 'x': 1})"},
        {"globals().update(raw_env=[\n 'A=1'], x=1)", "globals().update(raw_env= [redacted]\n [redacted], x=1)"},
        {"setattr(m, 'raw_env', [\n 'A=1'])\nx = 1", "setattr(m, 'raw_env', [\n [redacted])\nx = 1"},
        {"PASSWORDS = [\n 'hunter2',\n]\nx = 1", "PASSWORDS = [\n [redacted]\n]\nx = 1"},
        {"DB_PASSWORD = ('hunter2')\nx = 1", "DB_PASSWORD = [redacted]\nx = 1"},
        {"PASSWORD: str = \\\n 'hunter2'\nx = 1", "PASSWORD: [redacted] = \\\n [redacted]\nx = 1"},
        {"x = {'password': (\n 'hunter2'), 'a': 1}", "x = {'password': (\n [redacted], 'a': 1}"},
        {"os.environ['API_KEY'] = (\n 'hunter2')", "os.environ['API_KEY'] = (\n [redacted]"},
        {"if token:\n    x = 'a'", "if token:\n    x = 'a'"},
        {"if raw_env == [\n 1]: pass", "if raw_env == [\n 1]: pass"},
        {"if len(raw_env) <= 3:\n    x = f(a=1)", "if len(raw_env) <= 3:\n    x = f(a=1)"},
        {"# raw_env = [\nworkers = 'x'", "# raw_env = [redacted]\nworkers = 'x'"},
        {"x = 'raw_env = ['\nworkers = 'x'", "x = 'raw_env = [redacted]\nworkers = 'x'"},
        {"raw_environment = [\n 'A=1']", "raw_environment = [\n 'A=1']"},
        {"raw_env = [\n 'A=1'\nworkers = 2", "raw_env = [redacted]\n [redacted]\n[redacted]"},
        {"raw_env = ['A=1\nworkers = 2", "raw_env = [redacted]\n[redacted]"},
        {"raw_env = [\r\n 'A=1']\r\nx = 1", "raw_env = [redacted]\n [redacted]\nx = 1"},
        {"]])\nraw_env = [\n 'A=1']", "]])\nraw_env = [redacted]\n [redacted]"},
        {"", ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.given);
        CHECK(redact_all(one.given) == one.shown);
    }
    CHECK(redact_python_line("x = 1", {}, 2).empty());
    CHECK(redact_python_line("x = 1", {}, 0).empty());
}

TEST_CASE("a traceback quotes no line of a secret value") {
    const std::map<std::string, std::string> files{
        {"conf.py", "raw_env = [\n    'DB=hunter2', int('x'),\n]; int('y')\n"},
        {"changed.py", "raw_env = [\n    'DB=another',\n]\n"},
    };
    const auto text_of = [&](const std::string& file) { return files.contains(file) ? files.at(file) : std::string(); };
    const auto shown = [&](const std::string& traceback) { return redact_traceback(traceback, text_of); };

    CHECK(shown("Traceback (most recent call last):\n"
                "  File \"conf.py\", line 2, in <module>\n    'DB=hunter2', int('x'),\n                  ^^^\n"
                "  ... 2 frames in django\n"
                "  File \"conf.py\", line 3, in f\n    ]; int('y')\n"
                "  File \"other.py\", line 2, in g\n    PASSWORD = 'hunter2'\n"
                "ValueError: PASSWORD=hunter2") ==
          "Traceback (most recent call last):\n"
          "  File \"conf.py\", line 2, in <module>\n    [redacted]\n"
          "  ... 2 frames in django\n"
          "  File \"conf.py\", line 3, in f\n    ]; int('y')\n"
          "  File \"other.py\", line 2, in g\n    PASSWORD = '[redacted]'\n"
          "ValueError: PASSWORD=[redacted]");
    CHECK(shown("  File \"changed.py\", line 2\n    'DB=hunter2'\n    ^^^\nSyntaxError: x\n") ==
          "  File \"changed.py\", line 2\n    [redacted]\nSyntaxError: x\n");
    CHECK(shown("  File \"conf.py\", line 99999999999999999999\n    x\n") ==
          "  File \"conf.py\", line 99999999999999999999\n    x\n");
    CHECK(shown("").empty());
}

}  // namespace
}  // namespace gunicorn::config
