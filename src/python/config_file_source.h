#pragma once

#include "python/python.h"

#include <optional>
#include <string>

#include "config/source.h"
#include "python/config_run.h"
#include "python/object_table.h"

namespace gunicorn::python {

/// Where a configuration is: "PATH", "file:PATH" or "python:module.name".
struct ConfigLocation {
    std::string text;        ///< as it was given; relative paths start at the working directory
    bool must_exist = true;  ///< false for ./gunicorn.conf.py, which is read only where it is
    Origin origin;           ///< who named it, for the diagnostic when it is missing
    bool is_alone = true;    ///< no other configuration file is read beside it
    bool watch_side_effects =
        false;  ///< for a check: notes on what the file does besides, and its working directory put back
};

/// Executes a Python configuration (Gunicorn: get_config_from_filename, get_config_from_module_name) as module `__config__`,
/// fresh from source each time, and gives what it bound to names of settings, with the line of each binding, and what
/// examine_config says of its source; a module's names are not checked, since anybody may import them. Blocks as long as the
/// file runs. GIL held. A file that raises SystemExit gives a diagnostic too; a start ends with its status
/// (`exit_requested`).
class ConfigFileSource final : public config::Source {
public:
    /// Objects that the file binds go into `objects`.
    ConfigFileSource(ConfigLocation location, ObjectTable& objects) : location_(std::move(location)), objects_(objects) {}

    config::SourceReading read() override;
    /// The status when the file called sys.exit(): the process ends with it, as with Gunicorn; else nothing.
    [[nodiscard]] std::optional<int> exit_requested() const noexcept { return exit_requested_; }
    /// The traceback when the file raised, for people; empty otherwise.
    [[nodiscard]] const std::string& traceback() const noexcept { return traceback_; }
    /// Name and text of every file that was read, for reports.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& texts() const noexcept { return texts_; }

private:
    void read_path(const std::string& path, config::SourceReading& reading);
    void read_module(const std::string& module, config::SourceReading& reading);
    void fail(config::SourceReading& reading, DiagId id, Origin origin, std::string message) const;
    void fail_with_exception(config::SourceReading& reading, const ConfigRun& run);
    enum class Names { checked, not_checked };
    void finish(const ConfigRun& run, const PyResult<void>& done, Names names, config::SourceReading& reading);

    ConfigLocation location_;
    ObjectTable& objects_;
    std::optional<int> exit_requested_;
    std::string traceback_;
    std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace gunicorn::python
