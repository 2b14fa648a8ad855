#pragma once

#include <map>
#include <string>

#include "config/validation.h"

namespace gunicorn::test {

/// Accounts that exist because the test says so.
class FakeAccounts final : public config::AccountDatabase {
public:
    std::map<std::string, std::int64_t> users{{"www-data", 33}};
    std::map<std::string, std::int64_t> groups{{"www-data", 34}};

    std::optional<std::int64_t> user_id(const std::string& name) const override { return find(users, name); }
    std::optional<std::int64_t> group_id(const std::string& name) const override { return find(groups, name); }

private:
    static std::optional<std::int64_t> find(const std::map<std::string, std::int64_t>& table, const std::string& name) {
        const auto found = table.find(name);
        return found == table.end() ? std::nullopt : std::optional(found->second);
    }
};

}  // namespace gunicorn::test
