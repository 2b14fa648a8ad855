// The validators that ask the system: accounts and the file system.

#include <filesystem>

#include "base/sys.h"
#include "base/text.h"
#include "config/python_int.h"
#include "config/refusal.h"
#include "config/validators.h"

namespace gunicorn::config::validators {
namespace {

constexpr std::int64_t kLargestId = 0xFFFFFFFE;  // uid_t and gid_t, whose last value means none

using AccountLookup = std::optional<std::int64_t> (AccountDatabase::*)(const std::string&) const;

struct AccountKind {
    const char* noun;
    DiagId unknown;
    AccountLookup look_up;
};

Validated<std::int64_t> account(const RawValue& raw, const ValidationContext& context, const AccountKind& kind,
                                std::int64_t effective) {
    const std::string rule = std::string("must be the name or the number of a ") + kind.noun;
    if (raw.is_none()) return effective;
    if (const auto* number = raw.get_if<std::int64_t>()) {
        if (*number < 0) return refuse(kind.unknown, rule, raw, context);
        if (*number > kLargestId) return refuse(DiagId::out_of_range, rule, raw, context);
        return *number;
    }
    const auto* name = raw.get_if<std::string>();
    if (name == nullptr) return refuse(DiagId::not_a_string, rule, raw, context);
    if (!name->empty() && std::all_of(name->begin(), name->end(), text::is_digit)) {
        const PythonInt number = parse_python_int(*name, 10);
        if (number.outcome != IntOutcome::ok || number.value > kLargestId)
            return refuse(DiagId::out_of_range, rule, raw, context);
        return number.value;
    }
    if (context.accounts == nullptr) return effective;
    if (const auto id = (context.accounts->*kind.look_up)(*name)) return *id;
    return Unexpected{ValueError{kind.unknown, std::string("No such ") + kind.noun + ": " + excerpt(raw)}};
}

std::filesystem::path absolute(const std::string& written, const ValidationContext& context) {
    return (std::filesystem::path(context.working_directory) / written).lexically_normal();
}

}  // namespace

Validated<std::int64_t> user(const RawValue& raw, const ValidationContext& context) {
    return account(raw, context, {"user", DiagId::no_such_user, &AccountDatabase::user_id}, context.effective_user);
}

Validated<std::int64_t> group(const RawValue& raw, const ValidationContext& context) {
    return account(raw, context, {"group", DiagId::no_such_group, &AccountDatabase::group_id}, context.effective_group);
}

Validated<std::string> existing_directory(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(const std::string written, text(raw, context));
    std::string path = absolute(written, context).string();
    // os.path.abspath has no slash at the end.
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (context.files == HostFiles::not_asked || sys::is_directory(path)) return path;
    const char* why = written.starts_with('~') ? "; ~ is not expanded"
                      : sys::is_file(path)     ? ": it is a file"
                                               : ": there is no such directory";
    return Unexpected{ValueError{DiagId::no_such_directory, "can't chdir to " + excerpt(path) + why}};
}

Validated<Texts> file_patterns(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(Texts patterns, text_list(raw, context));
    if (context.files == HostFiles::not_asked) return patterns;
    for (const std::string& pattern : patterns) {
        if (pattern.find_first_of("*?[") != std::string::npos) continue;
        std::error_code ignored;
        if (!std::filesystem::exists(absolute(pattern, context), ignored)) {
            return Unexpected{ValueError{DiagId::no_such_file, "file " + excerpt(pattern) + " does not exist"}};
        }
    }
    return patterns;
}

}  // namespace gunicorn::config::validators
