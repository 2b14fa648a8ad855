#include "app/server_checks.h"

#include "python/process_setup.h"
#include "server/arbiter/bound_listeners.h"
#include "server/log/access_format.h"
#include "server/net/address.h"
#include "server/preflight/findings.h"
#include "server/preflight/preflight.h"

namespace gunicorn::app {
namespace {

using config::SettingId;
using server::preflight::Findings;

template <class T>
void expect(const Result<T>& result, SettingId setting, DiagId id, Findings& findings) {
    if (!result) findings.report(id, setting, result.error().message);
}

/// A logger class of somebody else may make atoms of its own.
bool has_known_atoms(const config::Settings& settings) {
    const auto* name = std::get_if<std::string>(&settings.logger_class);
    if (name == nullptr) return false;
    return name->starts_with("gunicorn.") || name->starts_with("egg:gunicorn") || name->find('.') == std::string::npos;
}

void check_status_address(const std::string& text, const config::Settings& settings, Findings& findings) {
    const auto address = server::Address::parse(text);
    expect(address, SettingId::status_bind, DiagId::not_an_address, findings);
    if (!address) return;
    if (address->kind == server::AddressKind::descriptor) {
        findings.report(DiagId::not_an_address, SettingId::status_bind, text + ": HOST:PORT or unix:PATH is expected");
    }
    for (const std::string& other : settings.bind) {
        const auto bound = server::Address::parse(other);
        if (!bound || !(*bound == *address) || address->port == 0) continue;
        findings.report(DiagId::overlapping_addresses, SettingId::status_bind, text + " is an address of `bind`",
                        "choose another port or path");
    }
}

}  // namespace

Diagnostics check_values(const config::Settings& settings) {
    Findings findings(settings);
    for (const std::string& text : settings.bind) {
        expect(server::Address::parse(text), SettingId::bind, DiagId::not_an_address, findings);
    }
    for (const std::string& text : server::status_addresses(settings)) check_status_address(text, settings, findings);
    if (has_known_atoms(settings)) {
        expect(server::AccessFormat::compile(settings.access_log_format), SettingId::access_log_format,
               DiagId::bad_log_format, findings);
    }
    return findings.take();
}

Diagnostics check_classes(const config::Settings& settings) {
    Findings findings(settings);
    if (const auto* name = std::get_if<std::string>(&settings.logger_class)) {
        expect(python::find_class(*name, "gunicorn.loggers"), SettingId::logger_class, DiagId::unknown_class, findings);
    }
    return findings.take();
}

Diagnostics check_host(const config::Settings& settings, HostChecks which, pid_t running_master) {
    if (which == HostChecks::start) return server::preflight::inspect_start(settings);
    server::preflight::Host host = server::preflight::Host::inspect();
    host.running_master = running_master;
    return server::preflight::inspect_host(settings, host);
}

}  // namespace gunicorn::app
