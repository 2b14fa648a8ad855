#pragma once

#include <string>
#include <string_view>

#include "gateway/application.h"

namespace gunicorn::server {

/// A page for people who develop: what the application raised while it was loaded, and that the server waits for an edit.
/// HTML without anything from elsewhere; `failure` is escaped, its last line is the heading.
[[nodiscard]] std::string failure_page(std::string_view failure);

/// Stands for an application that could not be loaded (reload): answers every request with 500 and the page.
class BrokenApplication final : public gateway::Application {
public:
    explicit BrokenApplication(std::string_view failure) : page_(failure_page(failure)) {}

    /// The answer refers to the page: it dies first.
    Result<std::unique_ptr<gateway::ResponseSource>> call(gateway::Exchange& exchange) override;

private:
    std::string page_;
};

}  // namespace gunicorn::server
