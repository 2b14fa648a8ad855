#include "server/preflight/paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server::preflight {
namespace {

enum class Kind { nothing, file, directory, other };

/// What is there, whoever may see it.
Kind kind_at(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return Kind::nothing;
    if (S_ISDIR(status.st_mode)) return Kind::directory;
    return S_ISREG(status.st_mode) ? Kind::file : Kind::other;
}

bool is_sticky_for(const std::string& folder, const std::string& path, const Identity& who) {
    struct stat directory {};
    struct stat file {};
    if (who.user == 0 || ::stat(folder.c_str(), &directory) != 0 || ::lstat(path.c_str(), &file) != 0) return false;
    return (directory.st_mode & S_ISVTX) != 0 && file.st_uid != who.user && directory.st_uid != who.user;
}

class Question {
public:
    Question(Wish wish, const Identity& who) : who_(who) {
        reads_ = wish == Wish::read_file || wish == Wish::read_directory || wish == Wish::enter_directory;
    }

    std::optional<Obstacle> directory(const std::string& path, int mode) const {
        if (auto found = way_to(path, path)) return found;
        if (kind_at(path) == Kind::nothing) return missing_directory(path);
        if (kind_at(path) != Kind::directory) return wrong_kind(text::repr(path) + " is not a directory");
        return access(path, mode);
    }

    std::optional<Obstacle> existing_file(const std::string& path, int mode) const {
        if (auto found = way_to(path, folder_of(path))) return found;
        const Kind kind = kind_at(path);
        if (kind == Kind::nothing) return Obstacle{DiagId::no_such_file, text::repr(path) + " does not exist", {}};
        if (kind == Kind::directory) return wrong_kind(text::repr(path) + " is a directory");
        return access(path, mode);
    }

    std::optional<Obstacle> new_file(const std::string& path) const {
        if (auto found = directory(folder_of(path), W_OK | X_OK)) return found;
        if (kind_at(path) == Kind::directory) return wrong_kind(text::repr(path) + " is a directory");
        if (!is_sticky_for(folder_of(path), path, who_)) return std::nullopt;
        return wrong_kind(text::repr(path) + " belongs to somebody else, and in " + text::repr(folder_of(path)) +
                          " only the owner of a file may replace it");
    }

private:
    DiagId refused() const { return reads_ ? DiagId::not_readable : DiagId::not_writable; }
    Obstacle wrong_kind(std::string text) const { return {refused(), std::move(text), {}}; }
    static Obstacle missing_directory(const std::string& path) {
        return {DiagId::no_such_directory, "the directory " + text::repr(path) + " does not exist", "mkdir -p " + path};
    }

    /// Every directory above `path`: there, a directory, and open to who asks. `wanted` is what one would have to make.
    std::optional<Obstacle> way_to(const std::string& path, const std::string& wanted) const {
        for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            const std::string above = path.substr(0, slash);
            const Kind kind = kind_at(above);
            if (kind == Kind::nothing) return missing_directory(wanted);
            if (kind != Kind::directory) return wrong_kind(text::repr(above) + " is not a directory");
            if (access_error(above, X_OK, who_) != 0) {
                return wrong_kind(name_of_user(who_.user) + " may not enter the directory " + text::repr(above));
            }
        }
        return std::nullopt;
    }

    std::optional<Obstacle> access(const std::string& path, int mode) const {
        const int code = access_error(path, mode, who_);
        if (code == 0) return std::nullopt;
        if (code != EACCES && code != EPERM) return wrong_kind(text::repr(path) + ": " + sys::describe_errno(code));
        const char* verb = reads_ ? " may not read " : " may not write to ";
        return wrong_kind(name_of_user(who_.user) + verb + text::repr(path));
    }

    const Identity& who_;
    bool reads_ = false;
};

}  // namespace

std::optional<Obstacle> obstacle_to(Wish wish, const std::string& path, const Identity& who) {
    const Question question(wish, who);
    switch (wish) {
        case Wish::read_file: return question.existing_file(path, R_OK);
        case Wish::read_directory: return question.directory(path, R_OK | X_OK);
        case Wish::enter_directory: return question.directory(path, X_OK);
        case Wish::make_files_in: return question.directory(path, W_OK | X_OK);
        case Wish::make_file: return question.new_file(path);
        case Wish::append_to_file:
            if (kind_at(path) == Kind::nothing) return question.directory(folder_of(path), W_OK | X_OK);
            return question.existing_file(path, W_OK);
    }
    return std::nullopt;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace gunicorn::server::preflight
