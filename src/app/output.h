#pragma once

#include <string_view>

#include "base/unique_fd.h"

namespace gunicorn::app {

/// Where the program itself writes: reports to what was standard output at the start, messages to standard error, whatever a
/// configuration does with descriptors meanwhile: those that it closed are taken from the parent process again.
class Output {
public:
    /// Descriptors 1 and 2 as they are.
    Output() = default;
    /// Keeps copies of both and leads descriptor 1 to standard error: what a configuration or an application prints must not
    /// stand among the lines of a report that a program reads.
    static Output shielded();

    void report(std::string_view text) const;
    /// A report could not be written, for want of room or of a reader.
    [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }
    void message(std::string_view text) const;
    /// Colour is for a terminal only, and not with NO_COLOR set.
    [[nodiscard]] bool may_colour_report() const;
    [[nodiscard]] bool may_colour_messages() const;

private:
    [[nodiscard]] int report_fd() const noexcept { return report_ ? report_.get() : 1; }
    [[nodiscard]] int message_fd() const noexcept { return messages_ ? messages_.get() : 2; }

    UniqueFd report_;
    UniqueFd messages_;
    mutable bool is_lost_ = false;
};

}  // namespace gunicorn::app
