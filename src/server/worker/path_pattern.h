#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::server {

/// Whether it has one of `*`, `?` and `[`; else it is the path of a file.
[[nodiscard]] bool is_pattern(std::string_view path) noexcept;

/// The files that an absolute path with patterns names, in no order, perhaps one twice. `*`, `?` and `[...]` stay within one
/// name; `**` alone between slashes is any number of directories, none included, and at the end every file below. Names that
/// begin with a dot match only where the pattern says the dot (as in Python's glob); nothing looks into __pycache__.
[[nodiscard]] std::vector<std::string> expand(std::string_view pattern);

}  // namespace gunicorn::server
