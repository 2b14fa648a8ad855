#pragma once
// access_log_exclude: which requests get no line in the access log.

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "config/validation.h"

namespace gunicorn::config {

/// Compiled entries "PATTERN [STATUS...]". In a pattern `*` is anything, "/" included, and `?` one byte; a status is "404", or
/// "4xx" for a hundred of them in any case; without one the entry is for all. Copies; every thread.
class AccessExclusions {
public:
    AccessExclusions() = default;
    /// The error names the entry that is wrong, and why.
    static Validated<AccessExclusions> compile(const std::vector<std::string>& entries);
    /// Of the setting, which has been judged.
    static AccessExclusions of(const std::vector<std::string>& entries);

    [[nodiscard]] bool is_empty() const noexcept { return entries_.empty(); }
    /// `path` is decoded (PATH_INFO). Allocates nothing.
    [[nodiscard]] bool has(std::string_view path, int status) const noexcept;

private:
    static constexpr std::size_t kStatuses = 1000;
    struct Entry {
        std::string pattern;
        std::bitset<kStatuses> statuses;
    };

    std::vector<Entry> entries_;
};

}  // namespace gunicorn::config
