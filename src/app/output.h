#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
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
    /// Messages reach the old master of an upgrade as well, without colour, over a pipe that the result does not own
    /// (server/arbiter/upgrade_report.h); -1: there is none.
    static Output heard_by(int old_master);

    void report(std::string_view text) const;
    /// Why a report could not be written (no room, no reader); nothing while all of them arrived.
    [[nodiscard]] const std::optional<Error>& lost() const noexcept { return lost_; }
    void message(std::string_view text) const;
    /// Colour is for a terminal only, and not with NO_COLOR set.
    [[nodiscard]] bool may_colour_report() const;
    [[nodiscard]] bool may_colour_messages() const;

private:
    [[nodiscard]] int report_fd() const noexcept { return report_ ? report_.get() : 1; }
    [[nodiscard]] int message_fd() const noexcept { return messages_ ? messages_.get() : 2; }

    UniqueFd report_;
    UniqueFd messages_;
    int old_master_ = -1;
    mutable std::optional<Error> lost_;
};

/// "Error: ..." to the messages, as Gunicorn says why it does not start; answers the status of that, 1.
int fail(std::string_view message, const Output& output = Output());

}  // namespace gunicorn::app
