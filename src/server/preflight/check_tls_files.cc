#include <sys/stat.h>

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/net/certificate_check.h"
#include "server/preflight/inspection.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

constexpr std::size_t kMostBytes = 16U << 20U;

DiagId code_of(TlsFault fault) {
    switch (fault) {
        case TlsFault::bad_certificate:
        case TlsFault::bad_key: return DiagId::bad_certificate;
        case TlsFault::key_mismatch: return DiagId::key_mismatch;
        case TlsFault::not_valid: return DiagId::certificate_expired;
        case TlsFault::expires_soon: return DiagId::certificate_expires_soon;
        case TlsFault::incomplete_chain: return DiagId::incomplete_chain;
    }
    return DiagId::bad_certificate;
}

/// Workers load the files, as Gunicorn's do, after they gave up the master's rights (sock.ssl_context).
class TlsFiles {
public:
    explicit TlsFiles(const Inspection& inspection) : inspection_(inspection), settings_(inspection.settings) {}

    void run() {
        const auto certificates = content_of(settings_.certfile, SettingId::certfile);
        const bool has_own_key = settings_.keyfile && !settings_.keyfile->empty();
        const auto key = has_own_key ? content_of(settings_.keyfile, SettingId::keyfile) : certificates;
        const auto authorities = content_of(settings_.ca_certs, SettingId::ca_certs);
        if (certificates) {
            report(check_certificates(*certificates, std::chrono::system_clock::now()), SettingId::certfile,
                   *settings_.certfile);
        }
        const SettingId key_setting = has_own_key ? SettingId::keyfile : SettingId::certfile;
        if (key) {
            report(check_private_key(*key, certificates.value_or("")), key_setting,
                   has_own_key ? *settings_.keyfile : *settings_.certfile);
            check_mode(has_own_key ? *settings_.keyfile : *settings_.certfile, key_setting);
        }
        if (authorities) report(check_authorities(*authorities), SettingId::ca_certs, *settings_.ca_certs);
        if (settings_.ciphers && !settings_.ciphers->empty()) {
            if (const auto reason = check_ciphers(*settings_.ciphers)) {
                inspection_.findings.report(DiagId::bad_ciphers, SettingId::ciphers,
                                            fmt::format("{}: {}", text::repr(*settings_.ciphers), *reason),
                                            "`openssl ciphers -v 'LIST'` shows what a list means");
            }
        }
    }

private:
    /// The bytes of a file that is named and can be read; else a finding, where it is named.
    std::optional<std::string> content_of(const std::optional<std::string>& written, SettingId setting) {
        if (!written || written->empty()) return std::nullopt;
        const std::string path = absolute_path(*written, settings_.chdir);
        if (const auto obstacle = obstacle_to(Wish::read_file, path, inspection_.workers)) {
            inspection_.findings.report(obstacle->id, setting, obstacle->text, obstacle->help);
            return std::nullopt;
        }
        if (!sys::is_file(path)) return std::nullopt;  // a pipe or a device: reading would take something away
        const FileIdentity as(inspection_.workers);
        auto content = sys::read_file(path, kMostBytes);
        if (content) return *std::move(content);
        inspection_.findings.report(DiagId::not_readable, setting, content.error().message);
        return std::nullopt;
    }

    void report(const std::vector<TlsProblem>& problems, SettingId setting, const std::string& written) {
        for (const TlsProblem& problem : problems) {
            inspection_.findings.report(code_of(problem.fault), setting,
                                        fmt::format("{}: {}", text::repr(written), problem.message));
        }
    }

    void check_mode(const std::string& written, SettingId setting) {
        const std::string path = absolute_path(written, settings_.chdir);
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
        inspection_.findings.report(DiagId::exposed_key, setting,
                                    fmt::format("{} holds a private key that everybody on this host may read (mode {:04o})",
                                                text::repr(written), static_cast<unsigned>(status.st_mode & 07777U)),
                                    "chmod o-r " + path);
    }

    const Inspection& inspection_;
    const config::Settings& settings_;
};

}  // namespace

void check_tls_files(const Inspection& inspection) { TlsFiles(inspection).run(); }

}  // namespace gunicorn::server::preflight
