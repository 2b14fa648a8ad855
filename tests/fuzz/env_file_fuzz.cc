// The bytes are a file of variables (--env-file).

#include <algorithm>
#include <string>

#include "config/env_file.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/report_checks.h"

namespace gunicorn::fuzz {
namespace {

using config::Variables;

/// The variables as a file that says the same.
std::string written(const Variables& variables) {
    std::string text;
    for (const auto& [name, value] : variables) {
        text += "export " + name + "=\"";
        for (const char c : value) {
            if (c == '"' || c == '\\' || c == '$') text += '\\';
            text += c == '\n' ? std::string("\\n") : std::string(1, c);
        }
        text += "\"\n";
    }
    return text;
}

}  // namespace

void env_file(std::string_view bytes) {
    if (bytes.find(kMarker) != std::string_view::npos) return;
    const std::string text =
        std::string(bytes) + "\nexport DB_PASSWORD=" + std::string(kMarker) + "\nPASSWORD: " + std::string(kMarker);
    const auto line_count = 1 + std::count(text.begin(), text.end(), '\n');
    const std::string name = "service.env";
    config::SourceTexts texts;
    texts.add(name, text);
    Diagnostics diagnostics;
    const Variables variables = config::parse_env_text(text, name, diagnostics);

    GN_ASSERT(static_cast<std::ptrdiff_t>(variables.size() + diagnostics.size()) <= line_count,
              "a line is one thing at most");
    GN_ASSERT(!variables.empty() && variables.back().second == kMarker, "a bad line hides no good one");
    for (const auto& [key, value] : variables) {
        GN_ASSERT(!key.empty() && key.find('=') == std::string::npos, "a variable has a name");
        GN_ASSERT(key.find('\0') == std::string::npos && value.find('\0') == std::string::npos, "an environment has no NUL");
    }
    for (const Diagnostic& one : diagnostics) GN_ASSERT(one.origin.line > 0, "what is wrong has its line");
    check_places(diagnostics, texts, static_cast<int>(line_count));
    check_reports(diagnostics, texts);

    Diagnostics none;
    GN_ASSERT(config::parse_env_text(written(variables), name, none) == variables, "what was read can be written");
    GN_ASSERT(none.empty(), "and nothing is wrong with it");
}

}  // namespace gunicorn::fuzz
