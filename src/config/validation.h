#pragma once
// What a validator is given and what it answers.

#include <map>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/rule_facts.h"
#include "config/value.h"

namespace gunicorn::config {

/// Why a value was refused. The resolver adds setting and origin.
struct ValueError {
    DiagId id;
    std::string message;    ///< "must be a non-negative integer, not -1"
    std::string help = {};  ///< "did you mean 'info'?"
};

template <class T>
using Validated = Result<T, ValueError>;

/// Names of users and groups. The real one asks the system; tests use a table.
class AccountDatabase {
public:
    virtual ~AccountDatabase() = default;
    virtual std::optional<std::int64_t> user_id(const std::string& name) const = 0;
    virtual std::optional<std::int64_t> group_id(const std::string& name) const = 0;
};

/// Environment variables as they were when the process started.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Whether paths of settings are looked up on this host.
enum class HostFiles { asked, not_asked };

/// The world as validators see it; whatever is null is not asked.
struct ValidationContext {
    const Environment* environment = nullptr;
    const AccountDatabase* accounts = nullptr;
    ObjectInspector* objects = nullptr;  ///< null before Python runs
    HostFiles files = HostFiles::asked;
    std::string working_directory;  ///< where relative paths start
    std::int64_t effective_user = 0;
    std::int64_t effective_group = 0;
    const RuleFacts* facts = nullptr;  ///< null: nothing is known of the host
    bool is_secret = false;            ///< messages name the type of what they refuse, not the value
};

}  // namespace gunicorn::config
