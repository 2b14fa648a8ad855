#include "python/process_setup.h"

#include "app/server_checks.h"

#include "server/log/access_format.h"
#include "server/net/address.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::app {
namespace {

class Findings {
public:
    explicit Findings(const config::Settings& settings) : settings_(settings) {}
    template <class T>
    void expect(const Result<T>& result, config::SettingId setting, std::string_view name, DiagId id) {
        if (!result) found_.push_back({id, std::string(name), settings_.origin(setting), result.error().message});
    }
    Diagnostics take() { return std::move(found_); }

private:
    const config::Settings& settings_;
    Diagnostics found_;
};

}  // namespace

Diagnostics check_for_server(const config::Settings& settings) {
    using config::SettingId;
    Findings findings(settings);
    for (const std::string& text : settings.bind) {
        findings.expect(server::Address::parse(text), SettingId::bind, "bind", DiagId::not_an_address);
    }
    findings.expect(server::AccessFormat::compile(settings.access_log_format), SettingId::access_log_format,
                    "access_log_format", DiagId::not_a_choice);
    findings.expect(server::TrustedPeers::create(settings.forwarded_allow_ips), SettingId::forwarded_allow_ips,
                    "forwarded_allow_ips", DiagId::not_a_network);
    if (const auto* name = std::get_if<std::string>(&settings.logger_class)) {
        findings.expect(python::find_class(*name, "gunicorn.loggers"), SettingId::logger_class, "logger_class",
                        DiagId::unknown_class);
    }
    return findings.take();
}

}  // namespace gunicorn::app
