#include "python/process_setup.h"

#include "app/server_checks.h"

#include <unistd.h>

#include "base/sys.h"
#include "server/log/access_format.h"
#include "server/net/address.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::app {
namespace {

std::string absolute(const std::string& written, const std::string& working_directory) {
    return written.starts_with('/') ? written : working_directory + "/" + written;
}

/// Whether a file can be made in the folder of `written`. A relative path starts in `working_directory`.
Result<void> may_create_beside(const std::string& written, const std::string& working_directory) {
    const std::string path = absolute(written, working_directory);
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
    return Unexpected{sys::system_error("'" + written + "' cannot be made in " + folder)};
}

/// Whether a log can be written, without making it.
Result<void> may_write(const std::string& written, const std::string& working_directory) {
    if (written == "-") return {};
    const std::string path = absolute(written, working_directory);
    if (sys::is_directory(path)) return failure(ErrorKind::system, "'" + written + "' isn't writable: it is a directory");
    if (::access(path.c_str(), F_OK) != 0) return may_create_beside(written, working_directory);
    if (::access(path.c_str(), W_OK) == 0) return {};
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
        const auto address = server::Address::parse(text);
        findings.expect(address, SettingId::bind, "bind", DiagId::not_an_address);
        if (address && address->kind == server::AddressKind::unix_socket) {
            findings.expect(may_create_beside(address->path, settings.chdir), SettingId::bind, "bind",
                            DiagId::no_such_directory);
        }
    }
    if (settings.pidfile) {
        findings.expect(may_create_beside(*settings.pidfile, settings.chdir), SettingId::pidfile, "pidfile",
                        DiagId::no_such_directory);
    }
    findings.expect(server::AccessFormat::compile(settings.access_log_format), SettingId::access_log_format,
                    "access_log_format", DiagId::bad_log_format);
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
