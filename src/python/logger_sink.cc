#include "python/logger_sink.h"

#include "python/convert.h"

namespace gunicorn::python {
namespace {

/// The GIL for a scope, from a thread that may or may not have it.
class EnsureGil {
public:
    EnsureGil() : state_(PyGILState_Ensure()) {}
    EnsureGil(const EnsureGil&) = delete;
    EnsureGil& operator=(const EnsureGil&) = delete;
    ~EnsureGil() { PyGILState_Release(state_); }

private:
    PyGILState_STATE state_;
};

const char* method_of(gateway::LogLevel level) {
    switch (level) {
        case gateway::LogLevel::debug: return "debug";
        case gateway::LogLevel::info: return "info";
        case gateway::LogLevel::warning: return "warning";
        case gateway::LogLevel::error: return "error";
        case gateway::LogLevel::critical: return "critical";
    }
    return "error";
}

}  // namespace

LoggerSink::~LoggerSink() {
    const EnsureGil gil;
    logger_.reset();
}

void LoggerSink::write(gateway::LogLevel level, std::string_view message) {
    const EnsureGil gil;
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    {
        // "%s" keeps a per cent sign in the message from being formatted again.
        const auto text = to_str(message);
        const Ref done =
            text ? Ref::steal(PyObject_CallMethod(logger_.get(), method_of(level), "sO", "%s", (*text).get())) : Ref();
        if (!done) PyErr_WriteUnraisable(logger_.get());
    }
    PyErr_Restore(type, value, traceback);
}

bool LoggerSink::is_enabled(gateway::LogLevel) const { return true; }

void LoggerSink::reopen() {
    const EnsureGil gil;
    const Ref done = Ref::steal(PyObject_CallMethod(logger_.get(), "reopen_files", nullptr));
    if (!done) PyErr_WriteUnraisable(logger_.get());
}

}  // namespace gunicorn::python
