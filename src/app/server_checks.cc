#include "python/process_setup.h"

#include "app/server_checks.h"

#include <unistd.h>

#include "base/sys.h"
#include "server/log/access_format.h"
#include "server/net/address.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::app {
namespace {

/// Whether a log can be written, without making it. A relative path starts in `working_directory`.
Result<void> may_write(const std::string& written, const std::string& working_directory) {
    if (written == "-") return {};
    const std::string path = written.starts_with('/') ? written : working_directory + "/" + written;
    const auto slash = path.rfind('/');
    const std::string folder = path.substr(0, slash + 1);
    const bool exists = ::access(path.c_str(), F_OK) == 0;
    if (exists && sys::is_directory(path)) return failure(ErrorKind::system, "'" + written + "' isn't writable: it is a directory");
    if (::access(exists ? path.c_str() : folder.c_str(), W_OK) == 0) return {};
    return Unexpected{sys::system_error("'" + written + "' isn't writable")};
}

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
    if (settings.errorlog) {
        findings.expect(may_write(*settings.errorlog, settings.chdir), SettingId::errorlog, "errorlog", DiagId::log_not_writable);
    }
    if (settings.accesslog) {
        findings.expect(may_write(*settings.accesslog, settings.chdir), SettingId::accesslog, "accesslog", DiagId::log_not_writable);
    }
    if (const auto* name = std::get_if<std::string>(&settings.logger_class)) {
        findings.expect(python::find_class(*name, "gunicorn.loggers"), SettingId::logger_class, "logger_class",
                        DiagId::unknown_class);
    }
    return findings.take();
}

}  // namespace gunicorn::app
