#pragma once

#include <string>

#include "config/validation.h"
#include "support/fake_accounts.h"
#include "support/fake_objects.h"

namespace gunicorn::test {

/// Everything a validator may ask, under the test's control: user 1000, group 1001, working directory /.
struct ConfigWorld {
    config::Environment environment;
    FakeAccounts accounts;
    FakeObjects objects;

    config::ValidationContext context() {
        return {.environment = &environment,
                .accounts = &accounts,
                .objects = &objects,
                .working_directory = "/",
                .effective_user = 1000,
                .effective_group = 1001};
    }
};

}  // namespace gunicorn::test
