#include "server/worker/path_pattern.h"

#include <fnmatch.h>

#include <filesystem>
#include <set>
#include <span>
#include <system_error>

#include "base/text.h"

namespace gunicorn::server {
namespace {

namespace fs = std::filesystem;

/// One expansion. What cannot be read matches nothing.
class Expansion {
public:
    explicit Expansion(std::vector<std::string> names) : names_(std::move(names)) {}

    std::vector<std::string> run() {
        match("/", names_);
        return std::move(found_);
    }

private:
    using Names = std::span<const std::string>;

    void match(const fs::path& folder, Names names) {
        std::error_code ignored;
        if (names.empty()) {
            if (!fs::is_directory(folder, ignored)) found_.push_back(folder.string());
        } else if (names.front() == "**") {
            visited_.clear();
            descend(folder, names.subspan(1));
        } else if (is_pattern(names.front())) {
            for (const fs::path& entry : entries_of(folder)) {
                if (::fnmatch(names.front().c_str(), entry.filename().c_str(), FNM_PERIOD) == 0) {
                    match(entry, names.subspan(1));
                }
            }
        } else {
            const fs::path path = folder / names.front();
            if (fs::exists(path, ignored)) match(path, names.subspan(1));
        }
    }

    /// Everything below `folder`, each directory once: symbolic links may lead back.
    void descend(const fs::path& folder, Names rest) {
        std::error_code error;
        const fs::path real = fs::canonical(folder, error);
        if (error || !visited_.insert(real.string()).second) return;
        const bool is_last = rest.empty();
        // What follows is matched in each of them.
        if (!is_last) {
            Expansion below({rest.begin(), rest.end()});
            below.match(folder, rest);
            found_.insert(found_.end(), below.found_.begin(), below.found_.end());
        }
        for (const fs::path& entry : entries_of(folder)) {
            if (entry.filename().native().starts_with('.')) continue;
            if (fs::is_directory(entry, error)) {
                descend(entry, rest);
            } else if (is_last) {
                found_.push_back(entry.string());
            }
        }
    }

    static std::vector<fs::path> entries_of(const fs::path& folder) {
        std::vector<fs::path> entries;
        std::error_code error;
        fs::directory_iterator at(folder, error);
        for (; !error && at != fs::directory_iterator(); at.increment(error)) {
            if (at->path().filename() != "__pycache__") entries.push_back(at->path());
        }
        return entries;
    }

    std::vector<std::string> names_;
    std::vector<std::string> found_;
    std::set<std::string> visited_;
};

}  // namespace

bool is_pattern(std::string_view path) noexcept { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand(std::string_view pattern) {
    std::vector<std::string> names;
    for (const std::string_view name : text::split(pattern, '/')) {
        const bool is_repeated = name == "**" && !names.empty() && names.back() == "**";
        if (!name.empty() && !is_repeated) names.emplace_back(name);
    }
    return Expansion(std::move(names)).run();
}

}  // namespace gunicorn::server
