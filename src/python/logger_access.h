#pragma once

#include "python/python.h"

#include "gateway/access_sink.h"
#include "python/ref.h"

namespace gunicorn::python {

/// Logger.access for requests that never met the application, with objects that stand for theirs (gunicorn._stand_ins).
class LoggerAccess final : public gateway::AccessSink {
public:
    /// GIL held.
    explicit LoggerAccess(Ref logger) : logger_(std::move(logger)) {}
    ~LoggerAccess() override;

    void write(const gateway::AccessRecord& record) override;

private:
    Ref logger_;
};

}  // namespace gunicorn::python
