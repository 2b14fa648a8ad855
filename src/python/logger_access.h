#pragma once

#include "python/python.h"

#include "config/access_exclusions.h"
#include "gateway/access_sink.h"
#include "python/ref.h"

namespace gunicorn::python {

/// Logger.access for requests that never met the application, with objects that stand for theirs (gunicorn._stand_ins).
class LoggerAccess final : public gateway::AccessSink {
public:
    /// GIL held. `exclusions` are access_log_exclude's.
    LoggerAccess(Ref logger, config::AccessExclusions exclusions)
        : logger_(std::move(logger)), exclusions_(std::move(exclusions)) {}
    ~LoggerAccess() override;

    void write(const gateway::AccessRecord& record) override;

private:
    Ref logger_;
    config::AccessExclusions exclusions_;
};

}  // namespace gunicorn::python
