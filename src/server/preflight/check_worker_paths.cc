#include <sys/stat.h>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "config/cross_checks.h"
#include "server/preflight/inspection.h"
#include "server/preflight/paths.h"
#include "server/protocol/body_buffer.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

// Gunicorn starts with everything in this file, worker_tmp_dir excepted, which has no effect here: warnings.
class WorkerPaths {
public:
    explicit WorkerPaths(const Inspection& inspection)
        : settings_(inspection.settings),
          master_(inspection.master),
          workers_(inspection.workers),
          findings_(inspection.findings) {}

    void run() {
        check_log(settings_.errorlog, SettingId::errorlog);
        check_log(settings_.accesslog, SettingId::accesslog);
        check_chdir();
        check_pythonpath();
        check_upload_directory();
        check_worker_directory();
    }

private:
    void warn(const Obstacle& obstacle, SettingId setting, const std::string& what) {
        findings_.report_as(Severity::warning, obstacle.id, setting, what + ": " + obstacle.text, obstacle.help);
    }

    std::string absolute(std::string_view written) const { return sys::absolute_path(std::string(written), settings_.chdir); }

    /// A log belongs to the workers' user once it is open (Gunicorn: glogging._set_handler); the way to it is left.
    void check_log(const std::optional<std::string>& written, SettingId setting) {
        if (!written || written->empty() || *written == "-" || workers_ == master_) return;
        const std::string folder = folder_of(absolute(*written));
        const auto obstacle = obstacle_to(Wish::enter_directory, folder, workers_);
        if (!obstacle || obstacle_to(Wish::enter_directory, folder, master_)) return;
        findings_.report_as(Severity::warning, DiagId::log_not_writable, setting,
                            "workers cannot open the log again on USR1: " + obstacle->text);
    }

    /// Who loads the application.
    const Identity& importer() const { return config::is_preloaded(settings_) ? master_ : workers_; }

    void check_chdir() {
        const auto obstacle = obstacle_to(Wish::read_directory, settings_.chdir, importer());
        if (!obstacle) return;
        const bool is_default = settings_.origin(SettingId::chdir).kind == SourceKind::defaults;
        warn(*obstacle, is_default && importer() != master_ ? SettingId::user : SettingId::chdir,
             "modules cannot be imported from " + text::repr(settings_.chdir));
    }

    void check_pythonpath() {
        if (!settings_.pythonpath) return;
        for (const std::string_view entry : text::split(*settings_.pythonpath, ',')) {
            const std::string_view written = text::trim(entry);
            if (written.empty()) continue;
            const std::string path = absolute(written);
            const Wish wish = sys::is_file(path) ? Wish::read_file : Wish::read_directory;  // a zip file is an entry too
            if (const auto obstacle = obstacle_to(wish, path, importer())) {
                warn(*obstacle, SettingId::pythonpath, "nothing can be imported from " + text::repr(written));
            }
        }
    }

    void check_upload_directory() {
        if (!settings_.tmp_upload_dir || settings_.tmp_upload_dir->empty()) return;
        if (const auto obstacle = obstacle_to(Wish::make_files_in, absolute(*settings_.tmp_upload_dir), workers_)) {
            findings_.report(obstacle->id, SettingId::tmp_upload_dir, obstacle->text,
                             fmt::format("requests with a body above {} KiB would fail", BodyBuffer::kMemoryLimit >> 10U));
        }
    }

    /// The master makes Gunicorn's files (workers.workertmp.WorkerTmp).
    void check_worker_directory() {
        if (!settings_.worker_tmp_dir || settings_.worker_tmp_dir->empty()) return;
        if (const auto obstacle = obstacle_to(Wish::make_files_in, absolute(*settings_.worker_tmp_dir), master_)) {
            warn(*obstacle, SettingId::worker_tmp_dir, "has no effect here, but Gunicorn would not start");
        }
    }

    const config::Settings& settings_;
    const Identity& master_;
    const Identity& workers_;
    Findings& findings_;
};

}  // namespace

void check_worker_paths(const Inspection& inspection) { WorkerPaths(inspection).run(); }

}  // namespace gunicorn::server::preflight
