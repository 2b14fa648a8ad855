#include "python/logger_sink.h"

#include "python/convert.h"
#include "python/ensure_gil.h"

namespace gunicorn::python {
namespace {

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
    if (!is_enabled(level)) return;
    const EnsureGil gil;
    // "%s" keeps a per cent sign in the message from being formatted again.
    const auto text = to_str(message);
    const Ref done =
        text ? Ref::steal(PyObject_CallMethod(logger_.get(), method_of(level), "sO", "%s", (*text).get())) : Ref();
    if (!done) PyErr_WriteUnraisable(logger_.get());
    follow_level();
}

/// Never leaves an exception behind.
void LoggerSink::follow_level() {
    const Ref module = Ref::steal(PyImport_ImportModule("gunicorn.glogging"));
    const Ref level = module ? Ref::steal(PyObject_CallMethod(module.get(), "_least_level", "O", logger_.get())) : Ref();
    if (level) choice_.least_level = static_cast<int>(PyLong_AsLong(level.get()));
    if (PyErr_Occurred() != nullptr) PyErr_WriteUnraisable(logger_.get());
}

}  // namespace gunicorn::python
