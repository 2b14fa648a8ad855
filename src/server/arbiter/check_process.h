#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sys.h"
#include "server/arbiter/start_context.h"

namespace gunicorn::server {

/// A descriptor of ours, and the number that a program expects it at.
struct PassedDescriptor {
    int fd = -1;
    int number = -1;
};

/// A fresh run of this program that checks its configuration and serves nothing. What the configuration does there happens
/// to nobody; a fork of the master would see its imported modules, and the locks of its dead threads. It is nobody's child,
/// so that the children of the master are its workers.
class CheckProcess {
public:
    struct Outcome {
        bool passed = false;
        std::string text;  ///< what the check has to say: diagnostics, tracebacks
    };

    /// `passed`: descriptors that `bind` or others name. `limit` is its own: it is ended a few
    /// seconds after, when it has not ended itself; zero: never. It ends with this process.
    static Result<CheckProcess> start(const StartContext& context, const std::vector<PassedDescriptor>& passed,
                                      Duration limit, TimePoint now);
    CheckProcess(CheckProcess&& other) noexcept
        : status_(std::move(other.status_)),
          output_(std::move(other.output_)),
          text_(std::move(other.text_)),
          pid_(std::exchange(other.pid_, 0)),
          deadline_(other.deadline_) {}
    CheckProcess& operator=(CheckProcess&&) = delete;
    /// Ends it.
    ~CheckProcess();

    /// Readable when poll() has something to do.
    [[nodiscard]] std::array<int, 2> fds() const noexcept { return {output_.get(), status_.get()}; }
    /// What came of it, once it has ended or is late. Never blocks.
    [[nodiscard]] std::optional<Outcome> poll(TimePoint now);
    /// In a forked child: it is not ours to end.
    void forget() noexcept { pid_ = 0; }

private:
    CheckProcess(UniqueFd status, UniqueFd output, pid_t pid, TimePoint deadline)
        : status_(std::move(status)), output_(std::move(output)), pid_(pid), deadline_(deadline) {}
    void read_output();

    UniqueFd status_;  // waitpid's, as an int, when the check has ended
    UniqueFd output_;
    std::string text_;
    pid_t pid_ = 0;  // the leader of its process group
    TimePoint deadline_{};
};

}  // namespace gunicorn::server
