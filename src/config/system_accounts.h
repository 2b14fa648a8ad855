#pragma once

#include "config/validation.h"

namespace gunicorn::config {

/// The users and groups of this system (getpwnam_r, getgrnam_r). Blocks as the name service does.
class SystemAccounts final : public AccountDatabase {
public:
    std::optional<std::int64_t> user_id(const std::string& name) const override;
    std::optional<std::int64_t> group_id(const std::string& name) const override;
};

}  // namespace gunicorn::config
