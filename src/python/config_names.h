#pragma once

#include "python/python.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace gunicorn::python {

/// One place of a configuration file that binds the name of a setting.
struct BindingSpan {
    std::string name;  ///< "*" for a star import
    int first_line =
        0;  ///< of the statement, without the blocks below it: the lines at which a line trace may see the binding
    int last_line = 0;
    Span place;  ///< of the name
    Span value;  ///< of the expression, as far as its first line goes; its line is 0 when there is none (def, import)
};

struct ConfigExamination {
    Diagnostics diagnostics;
    std::vector<BindingSpan> spans;  ///< in the order of the file
};

/// What belongs to the same configuration as a file.
struct Surroundings {
    bool is_alone = true;                   ///< no other file is read: no include(), no second -c
    std::vector<std::string_view> sources;  ///< texts of other files, as far as they are known
};

/// Reads a configuration file without executing it (gunicorn._checks.examine). The diagnostics: names that were meant to be
/// settings or hooks and are none, settings that it defines twice, hooks that nobody would await, attributes that hooks read
/// and that do not exist. Only the last are errors, where they are certain. `source` compiles; `name` is that of the file in
/// diagnostics. A failure of the check itself is shown as an exception that is ignored, and finds nothing. GIL held.
[[nodiscard]] ConfigExamination examine_config(const std::string& source, const std::string& name,
                                               const Surroundings& surroundings = {});

}  // namespace gunicorn::python
