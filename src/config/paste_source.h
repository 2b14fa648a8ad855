#pragma once
// A PasteDeploy INI file, as far as it configures the server: [server:main] and the settings among [DEFAULT].
// Gunicorn read it until 19 and again under pserve; here it is always the weakest layer.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/source.h"

namespace gunicorn::config {

/// "FILE" or "FILE#name", the value of --paste. The name is that of the application, and of the server section if there is
/// one; "main" when none is written.
struct PasteSpec {
    std::string written;  ///< the file as written, for messages and origins
    std::string path;     ///< absolute
    std::string name = "main";
};
[[nodiscard]] PasteSpec parse_paste_spec(std::string_view value, const std::string& working_directory);

/// What the file says, by ConfigParser's and PasteDeploy's rules:
/// - keys are case-sensitive; `=` and `:` divide; `;` and `#` begin a comment only at the start of a line; a deeper indented
///   line continues the value before it; %(name)s is interpolated from the section, [DEFAULT], `global_conf`, `here` and
///   `__file__`; %% is a percent sign.
/// - [server:NAME] when there is one, else [server:main], else [server]. A key that is no setting is a warning with a
///   suggestion. In [DEFAULT] it belongs to the application and is passed over; a [server] key wins.
/// - host and port become bind and replace it; a host without a port may be a list, "a:1,b:2"; a port alone is one of
///   127.0.0.1, unless there is a bind. `use` is not a setting.
/// - "set NAME" and "get NAME" are PasteDeploy's. Of a key that is written twice the last one counts, with a warning.
/// - default_proc_name is the file, and logconfig too when it has a [loggers] section (Gunicorn: WSGIApplication.init).
/// Values are texts, bind a list; every assignment has its line. A file that cannot be read or has bad syntax is a
/// diagnostic and gives no assignments.
class PasteSource final : public Source {
public:
    using GlobalConf = std::vector<std::pair<std::string, std::string>>;

    /// `global_conf`: what --paste-global says.
    explicit PasteSource(PasteSpec spec, GlobalConf global_conf = {})
        : spec_(std::move(spec)), global_conf_(std::move(global_conf)) {}

    /// Blocks on the file. Uses inih, whose options are global variables: not for two threads at once.
    SourceReading read() override;

    /// The same for the text of the file.
    [[nodiscard]] SourceReading read_text(std::string_view text) const;

private:
    PasteSpec spec_;
    GlobalConf global_conf_;
};

}  // namespace gunicorn::config
