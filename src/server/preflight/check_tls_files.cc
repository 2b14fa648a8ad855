#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/net/certificate_check.h"
#include "server/net/cipher_check.h"
#include "server/net/ticket_keys.h"
#include "server/net/tls_context.h"
#include "server/preflight/paths.h"
#include "server/preflight/startup_paths.h"
#include "server/worker/engine_options.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

constexpr std::size_t kMostBytes = 16U << 20U;

DiagId code_of(TlsFault fault) {
    switch (fault) {
        case TlsFault::bad_certificate:
        case TlsFault::bad_key:
        case TlsFault::no_key: return DiagId::bad_certificate;
        case TlsFault::key_mismatch: return DiagId::key_mismatch;
        case TlsFault::not_valid: return DiagId::certificate_expired;
        case TlsFault::expires_soon: return DiagId::certificate_expires_soon;
        case TlsFault::incomplete_chain: return DiagId::incomplete_chain;
        case TlsFault::not_for_servers: return DiagId::not_for_servers;
        case TlsFault::bad_ciphers: return DiagId::bad_ciphers;
        case TlsFault::unknown_cipher: return DiagId::unknown_cipher;
    }
    return DiagId::bad_certificate;
}

bool has_fault(const std::vector<TlsProblem>& problems, TlsFault fault) {
    return std::ranges::any_of(problems, [&](const TlsProblem& one) { return one.fault == fault; });
}

class TlsFiles {
public:
    TlsFiles(const config::Settings& settings, const Identity& master, Findings& findings)
        : settings_(settings), master_(master), findings_(findings) {}

    void run() {
        if (!is_named(settings_.certfile)) return;
        if (settings_.ssl_context.is_set) return check_presence();
        const auto certificates = content_of(settings_.certfile, SettingId::certfile);
        const bool has_own_key = is_named(settings_.keyfile);
        const auto key = has_own_key ? content_of(settings_.keyfile, SettingId::keyfile) : certificates;
        const auto authorities = content_of(settings_.ca_certs, SettingId::ca_certs);
        if (certificates) {
            const auto problems = check_certificates(*certificates, std::chrono::system_clock::now());
            report(problems, SettingId::certfile);
            if (!has_own_key && has_fault(problems, TlsFault::bad_certificate)) return;
        }
        if (key) check_key(*key, certificates.value_or(""), has_own_key ? SettingId::keyfile : SettingId::certfile);
        if (authorities) report(check_authorities(*authorities), SettingId::ca_certs);
        if (is_named(settings_.ciphers)) report(check_ciphers(*settings_.ciphers), SettingId::ciphers);
        if (!is_hopeless_ && !is_unread_) try_context();
    }

private:
    static bool is_named(const std::optional<std::string>& name) { return name && !name->empty(); }

    const std::string& written(SettingId setting) const {
        if (setting == SettingId::ciphers) return *settings_.ciphers;
        if (setting == SettingId::ca_certs) return *settings_.ca_certs;
        return setting == SettingId::keyfile ? *settings_.keyfile : *settings_.certfile;
    }

    std::string absolute(const std::string& path) const { return sys::absolute_path(path, settings_.chdir); }

    /// With the hook ssl_context it alone knows what it does with the files; that they exist Gunicorn demands all the same
    /// (sock.create_sockets).
    void check_presence() {
        for (const SettingId setting : {SettingId::certfile, SettingId::keyfile}) {
            if (setting == SettingId::keyfile && !is_named(settings_.keyfile)) continue;
            const auto obstacle = obstacle_to(Wish::read_file, absolute(written(setting)), master_);
            if (!obstacle || obstacle->id == DiagId::not_readable) continue;
            findings_.report(obstacle->id, setting, obstacle->text, obstacle->help);
        }
    }

    /// The bytes of a file that is named and can be read; else a finding, where it is named.
    std::optional<std::string> content_of(const std::optional<std::string>& name, SettingId setting) {
        if (!is_named(name)) return std::nullopt;
        const std::string path = absolute(*name);
        if (const auto obstacle = obstacle_to(Wish::read_file, path, master_)) {
            is_hopeless_ = true;
            findings_.report(obstacle->id, setting, obstacle->text, obstacle->help);
            return std::nullopt;
        }
        if (!sys::is_file(path)) {  // a pipe or a device: reading would take something away
            is_unread_ = true;
            return std::nullopt;
        }
        auto content = sys::read_file(path, kMostBytes);
        if (content) return *std::move(content);
        is_hopeless_ = true;
        findings_.report(DiagId::not_readable, setting, content.error().message);
        return std::nullopt;
    }

    void report(const std::vector<TlsProblem>& problems, SettingId setting) {
        for (const TlsProblem& problem : problems) {
            const DiagId code = code_of(problem.fault);
            if (kind_of(code).severity == Severity::error) is_hopeless_ = true;
            findings_.report(code, setting, fmt::format("{}: {}", text::repr(written(setting)), problem.message),
                             problem.help);
        }
    }

    void check_key(const std::string& key, const std::string& certificates, SettingId setting) {
        auto problems = check_private_key(key, certificates);
        for (TlsProblem& one : problems) {
            if (one.fault == TlsFault::no_key && setting == SettingId::certfile)
                one.help = "name the file of the key with keyfile";
        }
        report(problems, setting);
        if (!has_fault(problems, TlsFault::no_key)) check_mode(setting);
    }

    void check_mode(SettingId setting) {
        const std::string path = absolute(written(setting));
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
        findings_.report(DiagId::exposed_key, setting,
                         fmt::format("{} holds a private key that everybody on this host may read (mode {:04o})",
                                     text::repr(written(setting)), static_cast<unsigned>(status.st_mode & 07777U)),
                         "chmod o-r " + path);
    }

    /// What only OpenSSL's context says, as that a key is too small; and the last word about everything else.
    void try_context() {
        auto options = tls_options(settings_);
        if (!options) return;
        for (std::string* path : {&options->certificate_file, &options->key_file, &options->authorities_file}) {
            if (!path->empty()) *path = absolute(*path);
        }
        const auto tickets = TicketKeys::create();
        if (!tickets) return;
        const auto context = TlsContext::create(*options, *tickets);
        if (!context) findings_.report(DiagId::bad_certificate, SettingId::certfile, context.error().message);
    }

    const config::Settings& settings_;
    const Identity& master_;
    Findings& findings_;
    bool is_hopeless_ = false;  ///< no context can be made of it
    bool is_unread_ = false;
};

}  // namespace

void check_tls_files(const config::Settings& settings, const Identity& master, Findings& findings) {
    TlsFiles(settings, master, findings).run();
}

}  // namespace gunicorn::server::preflight
