#include "app/background.h"

#include <cstdio>
#include <string>

#include "python/process_setup.h"

namespace gunicorn::app {
namespace {

/// There is no Runtime yet.
class PythonForks final : public gateway::ForkObserver {
    void before_fork() override { python::before_fork(); }
    void after_fork_in_parent() override { python::after_fork_in_parent(); }
    void after_fork_in_child() override { python::after_fork_in_child(); }
};

}  // namespace

Result<std::unique_ptr<server::Daemon>> go_to_background(const config::Settings& settings,
                                                         const server::StartContext& start) {
    if (!settings.daemon || start.inherited.old_master != 0) return std::unique_ptr<server::Daemon>();
    const std::string log = settings.errorlog.value_or("-");
    const auto tell_failure = [&log](int status) {
        const std::string where = log == "-" ? "" : "; its log is " + log;
        std::fprintf(stderr, "\nError: the server ended with status %d before it was ready%s\n", status, where.c_str());
    };
    python::flush_streams();
    std::fflush(nullptr);
    PythonForks observer;
    const auto streams =
        settings.enable_stdio_inheritance ? server::StandardStreams::inherited : server::StandardStreams::closed;
    GN_TRY(server::Daemon daemon, server::Daemon::start(observer, streams, tell_failure));
    return std::make_unique<server::Daemon>(std::move(daemon));
}

}  // namespace gunicorn::app
