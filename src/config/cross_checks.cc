#include "config/cross_checks.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "config/refusal.h"
#include "config/syslog.h"

namespace gunicorn::config {
namespace {

struct BundledWorker {
    std::string_view name;
    std::string_view path;
    bool is_built;
};
constexpr std::array<BundledWorker, 8> kBundledWorkers{{
    {"sync", "gunicorn.workers.sync.SyncWorker", true},
    {"gthread", "gunicorn.workers.gthread.ThreadWorker", true},
    {"gevent", "gunicorn.workers.ggevent.GeventWorker", false},
    {"gevent_wsgi", "gunicorn.workers.ggevent.GeventPyWSGIWorker", false},
    {"gevent_pywsgi", "gunicorn.workers.ggevent.GeventPyWSGIWorker", false},
    {"eventlet", "gunicorn.workers.geventlet.EventletWorker", false},
    {"tornado", "gunicorn.workers.gtornado.TornadoWorker", false},
    {"asgi", "gunicorn.workers.gasgi.ASGIWorker", false},
}};

/// What follows "egg:gunicorn#" or "#" (Gunicorn: util.load_class); "egg:gunicorn" alone is sync.
std::string_view short_name(std::string_view uri) {
    if (uri == "egg:gunicorn") return "sync";
    for (const std::string_view prefix : {"egg:gunicorn#", "#"}) {
        if (uri.starts_with(prefix)) return uri.substr(prefix.size());
    }
    return uri;
}

const BundledWorker* find_bundled(std::string_view uri) {
    const std::string_view name = short_name(uri);
    for (const BundledWorker& worker : kBundledWorkers) {
        if (worker.name == name || worker.path == uri) return &worker;
    }
    return nullptr;
}

class Checker {
public:
    Checker(const Settings& settings, std::span<const SettingId> refused) : settings_(settings), refused_(refused) {}

    Diagnostics run() {
        check_loglevel();
        check_syslog();
        check_worker_class();
        return std::move(found_);
    }

private:
    /// Gunicorn starts with info for a name it does not know; so do we, and say so.
    void check_loglevel() {
        if (is_refused({SettingId::loglevel})) return;
        static constexpr std::array<std::string_view, 5> kLevels{"debug", "info", "warning", "error", "critical"};
        if (std::find(kLevels.begin(), kLevels.end(), settings_.loglevel) != kLevels.end()) return;
        report(DiagId::unknown_log_level, SettingId::loglevel,
               "there is no level " + text::repr(settings_.loglevel) + "; info is used",
               suggestion(settings_.loglevel, kLevels));
    }

    /// Only where it counts: Gunicorn looks at neither without syslog.
    void check_syslog() {
        if (!settings_.syslog) return;
        if (!is_refused({SettingId::syslog_facility}) && !is_syslog_facility(settings_.syslog_facility)) {
            report(DiagId::not_a_choice, SettingId::syslog_facility,
                   "there is no syslog facility " + text::repr(settings_.syslog_facility),
                   suggestion(settings_.syslog_facility, syslog_facilities()));
        }
        if (!is_refused({SettingId::syslog_addr}) && !is_syslog_address(settings_.syslog_addr)) {
            report(DiagId::not_an_address, SettingId::syslog_addr,
                   text::repr(settings_.syslog_addr) + " is no address of a syslog daemon",
                   "udp://HOST:PORT, tcp://HOST:PORT, or unix://PATH with #stream or #dgram behind it");
        }
    }

    void check_worker_class() {
        if (is_refused({SettingId::worker_class})) return;
        const auto* uri = std::get_if<std::string>(&settings_.worker_class);
        const BundledWorker* bundled = uri == nullptr ? nullptr : find_bundled(*uri);
        if (bundled != nullptr) {
            if (bundled->is_built) return;
            return report(DiagId::not_supported_yet, SettingId::worker_class,
                          "the worker class " + text::repr(bundled->name) + " is not supported yet");
        }
        if (uri == nullptr || uri->find('.') != std::string::npos || uri->starts_with("egg:")) {
            return report(DiagId::not_supported_yet, SettingId::worker_class,
                          "custom worker classes are not supported yet" + (uri == nullptr ? "" : ": " + excerpt(*uri)));
        }
        std::array<std::string_view, kBundledWorkers.size()> names;
        std::transform(kBundledWorkers.begin(), kBundledWorkers.end(), names.begin(),
                       [](const auto& one) { return one.name; });
        report(DiagId::unknown_class, SettingId::worker_class, "there is no worker class " + excerpt(*uri),
               suggestion(short_name(*uri), names));
    }

    bool is_refused(std::initializer_list<SettingId> ids) const {
        return std::find_first_of(ids.begin(), ids.end(), refused_.begin(), refused_.end()) != ids.end();
    }

    void report(DiagId id, SettingId setting, std::string message, std::string help = {}) {
        found_.push_back({id, std::string(declaration(setting).name), settings_.origin(setting), std::move(message),
                          kind_of(id).severity, std::move(help)});
    }

    const Settings& settings_;
    std::span<const SettingId> refused_;
    Diagnostics found_;
};

}  // namespace

Diagnostics cross_checks(const Settings& settings, std::span<const SettingId> refused) {
    return Checker(settings, refused).run();
}

std::string effective_worker_class_name(const Settings& settings) {
    const auto* uri = std::get_if<std::string>(&settings.worker_class);
    const BundledWorker* bundled = uri == nullptr ? nullptr : find_bundled(*uri);
    if (bundled == nullptr) return {};
    return bundled->name == "sync" && settings.threads > 1 ? "gthread" : std::string(bundled->name);
}

}  // namespace gunicorn::config
