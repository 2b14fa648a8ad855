#pragma once
// Collects what was found, each at the place where its setting was set.

#include <string>
#include <utility>

#include "base/diagnostic.h"
#include "config/registry.h"

namespace gunicorn::server::preflight {

class Findings {
public:
    explicit Findings(const config::Settings& settings) : settings_(settings) {}

    void report(DiagId id, config::SettingId setting, std::string message, std::string help = {}) {
        report_as(kind_of(id).severity, id, setting, std::move(message), std::move(help));
    }
    void report_as(Severity severity, DiagId id, config::SettingId setting, std::string message, std::string help = {}) {
        found_.push_back({id, std::string(config::declaration(setting).name), settings_.origin(setting), std::move(message),
                          severity, std::move(help)});
    }
    [[nodiscard]] Diagnostics take() { return std::move(found_); }

private:
    const config::Settings& settings_;
    Diagnostics found_;
};

}  // namespace gunicorn::server::preflight
