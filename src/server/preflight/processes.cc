#include "server/preflight/processes.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "config/cli_source.h"
#include "config/value.h"

namespace gunicorn::server::preflight {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U;

/// A path of the program, or a title: "gunicorn: master [shop]".
bool names_gunicorn(std::string_view word) {
    return word.starts_with("gunicorn") || word.substr(word.rfind('/') + 1).starts_with("gunicorn");
}

/// What a command line asks of a server, without what it asks of a check: settings and the application.
struct Start {
    std::vector<std::pair<std::string, config::RawValue>> settings;
    std::vector<config::RawValue> config_files;
    std::string application;
    bool operator==(const Start&) const = default;
};

/// Nothing for a command line that says nothing of Gunicorn's language. An interpreter may stand before the program.
std::optional<Start> start_of(const std::vector<std::string>& arguments) {
    auto program = std::find_if(arguments.begin(), arguments.end(), names_gunicorn);
    if (program == arguments.end()) program = arguments.begin();
    if (program == arguments.end()) return std::nullopt;
    const config::CommandLine words = config::parse_command_line(std::vector<std::string>(program + 1, arguments.end()));
    if (words.problem) return std::nullopt;
    Start start;
    for (const config::Assignment& one : words.assignments) {
        if (one.setting != "check_config" && one.setting != "print_config")
            start.settings.emplace_back(one.setting, one.value);
    }
    std::sort(start.settings.begin(), start.settings.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    for (const config::Assignment& one : words.config_files) start.config_files.push_back(one.value);
    if (!words.positionals.empty()) start.application = words.positionals.front();
    return start;
}

}  // namespace

std::vector<pid_t> all_processes(const std::string& proc) {
    std::vector<pid_t> found;
    std::error_code error;
    for (std::filesystem::directory_iterator one(proc, error), end; !error && one != end; one.increment(error)) {
        const auto pid = text::parse_decimal(one->path().filename().string());
        if (pid) found.push_back(static_cast<pid_t>(*pid));
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<ProcessFacts> process_facts(pid_t pid, const std::string& proc) {
    const std::string folder = fmt::format("{}/{}", proc, pid);
    const auto name = sys::read_file(folder + "/comm", kMostBytes);
    if (!name) return std::nullopt;
    ProcessFacts facts;
    facts.pid = pid;
    facts.name = text::trim(*name);
    if (const auto words = sys::read_file(folder + "/cmdline", kMostBytes); words && !words->empty()) {
        const std::size_t end = words->back() == '\0' ? words->size() - 1 : words->size();
        for (const std::string_view word : text::split(std::string_view(*words).substr(0, end), '\0')) {
            facts.arguments.emplace_back(word);
        }
    }
    if (const auto status = sys::read_file(folder + "/status", kMostBytes)) {
        const std::size_t line = status->find("\nPPid:");
        if (line != std::string::npos) facts.parent = std::atoi(status->c_str() + line + std::strlen("\nPPid:"));
    }
    std::error_code invisible;
    facts.directory = std::filesystem::read_symlink(folder + "/cwd", invisible).string();
    return facts;
}

std::optional<std::string> name_in_title(const ProcessFacts& process) {
    constexpr std::string_view kBegin = "gunicorn: master [";
    if (process.arguments.empty()) return std::nullopt;
    const std::string& title = process.arguments.front();
    const std::size_t end = title.rfind(']');
    if (!title.starts_with(kBegin) || end == std::string::npos) return std::nullopt;
    return title.substr(kBegin.size(), end - kBegin.size());
}

std::string to_string(const ProcessFacts& process) {
    return fmt::format("{} (pid {})", name_in_title(process) ? process.arguments.front() : process.name, process.pid);
}

bool is_gunicorn(const ProcessFacts& process) {
    // At the front only: `tail -f gunicorn.log` is none. "python3 -u /usr/bin/gunicorn", "python3 -m gunicorn".
    const std::size_t most = std::min<std::size_t>(process.arguments.size(), 4);
    return names_gunicorn(process.name) ||
           std::any_of(process.arguments.begin(), process.arguments.begin() + static_cast<std::ptrdiff_t>(most),
                       [](const std::string& word) { return names_gunicorn(word) && !word.ends_with(".log"); });
}

bool is_same_command(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const std::optional<Start> first = start_of(a);
    return first && first == start_of(b);
}

}  // namespace gunicorn::server::preflight
