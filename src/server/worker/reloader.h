#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "gateway/loaded_file.h"
#include "gateway/log_sink.h"
#include "server/worker/directory_watches.h"
#include "server/worker/watched_files.h"

namespace gunicorn::server {

/// reload: whether a file that this worker was made from has changed. Every second it looks at the files; inotify only makes
/// it look at once, and spares it the files whose directories the kernel watches.
class Reloader {
public:
    enum class Engine {
        automatic,  ///< inotify, but for directories of which this kernel does not hear everything (NFS, shared folders)
        inotify,
        poll,
    };
    [[nodiscard]] static Engine engine_named(const std::string& name) noexcept;

    /// `patterns` are absolute paths with or without patterns (path_pattern.h). `log` outlives it.
    Reloader(Engine engine, std::vector<std::string> patterns, gateway::LogSink& log);

    /// Readable when it is_due() before its time; -1: never.
    [[nodiscard]] int fd() const noexcept { return watches_ ? watches_->fd() : -1; }
    /// Takes what the descriptor says.
    void on_readable();

    [[nodiscard]] bool is_due(TimePoint now) const noexcept {
        return told_.is_lost || !told_.events.empty() || wants_files(now);
    }
    /// The next look() is a thorough one: it wants the files that were loaded since the last one.
    [[nodiscard]] bool wants_files(TimePoint now) const noexcept { return now >= thorough_at_; }
    /// The path of a file that has changed.
    std::optional<std::string> look(const std::vector<gateway::LoadedFile>& loaded, TimePoint now);

private:
    void add(const gateway::LoadedFile& file);
    std::optional<std::string> look_where_told();
    std::optional<std::string> look_around(const std::vector<gateway::LoadedFile>& loaded);
    std::optional<std::string> find_new_matches();
    void watch_directory(const std::string& directory);

    Engine engine_;
    std::vector<std::string> patterns_;
    gateway::LogSink& log_;
    std::unique_ptr<DirectoryWatches> watches_;  // null: poll
    WatchedFiles files_;
    std::vector<std::string> paths_;  // of files_, once each
    std::unordered_set<std::string> directories_;
    std::unordered_set<std::string> unsure_;  // files of watched directories that the kernel may not tell everything about
    DirectoryWatches::Reading told_;          // since the last look
    bool has_matched_ = false;
    bool is_complaint_made_ = false;
    TimePoint thorough_at_{};
};

}  // namespace gunicorn::server
