#pragma once

namespace gunicorn::gateway {

struct AccessRecord;

/// The access log as the user's Python logger, for requests that no application answered: refused ones, failed ones, those
/// whose client left. (The WSGI bridge hands over the others with all their objects.) Takes the GIL, from any thread, the
/// engine's as well; never fails its caller.
class AccessSink {
public:
    virtual ~AccessSink() = default;
    virtual void write(const AccessRecord& record) = 0;
};

}  // namespace gunicorn::gateway
