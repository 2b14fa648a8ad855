#include "config/help.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/commands.h"
#include "config/registry.h"

namespace gunicorn::config {
namespace {

constexpr std::size_t kMaxHelpPosition = 24;  // argparse.HelpFormatter
constexpr std::size_t kIndent = 2;

/// One line of the list: "-w INT, --workers INT" and what it does.
struct Entry {
    std::string invocation;
    std::string help;
};

/// Gunicorn puts the default behind the first line: "... handling requests. [1]".
Entry entry_of(const Declaration& setting) {
    std::string value;
    switch (setting.action) {
        case CliAction::store:
        case CliAction::append: value = " " + std::string(setting.metavar); break;
        case CliAction::store_optional: value = " [" + std::string(setting.metavar) + "]"; break;
        case CliAction::none:
        case CliAction::store_true:
        case CliAction::store_false: break;
    }
    if (const SwitchDetail* detail = find_switch_detail(setting.name)) {
        for (const std::string_view choice : detail->choices) value += (value.empty() ? "[=" : "|") + std::string(choice);
        value += "]";
    }
    Entry entry;
    for (const std::string_view flag : setting.flags) {
        entry.invocation += (entry.invocation.empty() ? "" : ", ") + std::string(flag) + value;
    }
    entry.help = setting.summary;
    if (!setting.default_text.empty()) entry.help += " [" + std::string(setting.default_text) + "]";
    return entry;
}

std::vector<Entry> option_entries() {
    std::vector<Entry> entries{{"-h, --help", "show this help message and exit"},
                               {"-v, --version", "show program's version number and exit"}};
    for (const Declaration& setting : declarations()) {
        if (setting.action != CliAction::none) entries.push_back(entry_of(setting));
    }
    return entries;
}

std::vector<Entry> command_entries() {
    std::vector<Entry> entries;
    for (const Declaration& command : command_options()) entries.push_back(entry_of(command));
    return entries;
}

/// textwrap.wrap: lines of at most `width`, broken at white space; a longer word is cut.
std::vector<std::string> wrapped(std::string_view words, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    const auto flush = [&] {
        if (!line.empty()) lines.push_back(std::exchange(line, {}));
    };
    for (const std::string_view part : text::split(words, ' ')) {
        std::string_view word = text::trim(part);
        if (word.empty()) continue;
        if (!line.empty() && line.size() + 1 + word.size() > width) flush();
        for (; word.size() > width; word.remove_prefix(width)) lines.emplace_back(word.substr(0, width));
        if (!line.empty()) line += ' ';
        line += word;
    }
    flush();
    return lines;
}

void append_entry(std::string& out, const Entry& entry, std::size_t help_position, std::size_t width) {
    const std::size_t room = help_position - kIndent - 2;
    std::string line = std::string(kIndent, ' ') + entry.invocation;
    if (entry.invocation.size() > room) {
        out += line + "\n";
        line.clear();
    }
    for (const std::string& help : wrapped(entry.help, width)) {
        line.resize(help_position, ' ');
        out += line + help + "\n";
        line.clear();
    }
}

}  // namespace

std::string usage_line(std::string_view program) { return "usage: " + std::string(program) + " [OPTIONS] [APP_MODULE]\n"; }

std::string help_text(std::string_view program, int columns) {
    const std::vector<Entry> positionals{
        {"APP_MODULE", "the application: MODULE, MODULE:NAME or MODULE:FACTORY(ARGUMENTS)"}};
    const std::vector<Entry> options = option_entries();
    const std::vector<Entry> commands = command_entries();

    std::size_t longest = 0;
    for (const Entry& entry : options) longest = std::max(longest, entry.invocation.size() + kIndent);
    const auto width = static_cast<std::size_t>(std::max(columns - 2, 11));
    const std::size_t narrowest = std::max(width > 20 ? width - 20 : 0, 2 * kIndent);
    const std::size_t help_position = std::min({longest + 2, kMaxHelpPosition, narrowest});
    const std::size_t help_width = std::max<std::size_t>(width - help_position, 11);

    std::string out = usage_line(program) + "\npositional arguments:\n";
    for (const Entry& entry : positionals) append_entry(out, entry, help_position, help_width);
    out += "\noptions:\n";
    for (const Entry& entry : options) append_entry(out, entry, help_position, help_width);
    out += "\nchecking and showing the configuration:\n";
    for (const Entry& entry : commands) append_entry(out, entry, help_position, help_width);
    return out;
}

std::string version_text(std::string_view program) { return std::string(program) + " (version " GN_VERSION ")\n"; }

int terminal_columns(const Environment& environment) {
    constexpr std::uint64_t kWidest = 10000;
    if (const auto variable = environment.find("COLUMNS"); variable != environment.end()) {
        const auto number = text::parse_decimal(variable->second);
        if (number && *number > 0) return static_cast<int>(std::min(*number, kWidest));
    }
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

}  // namespace gunicorn::config
