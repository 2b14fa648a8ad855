#include "python/logger_access.h"

#include "gateway/access_record.h"
#include "http/reason_phrase.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "python/convert.h"
#include "python/ensure_gil.h"
#include "python/names.h"

namespace gunicorn::python {
namespace {

PyResult<Ref> text_of(std::string_view bytes) { return owned(latin1(bytes).release()); }

/// A list of (name, value) as they were on the wire; empty without a head.
template <class Head, class FieldAt>
PyResult<Ref> fields_of(const Head* head, std::size_t count, FieldAt field_at) {
    GN_TRY(Ref list, owned(PyList_New(0)));
    for (std::size_t i = 0; head != nullptr && i < count; ++i) {
        const http::FieldView field = field_at(i);
        GN_TRY(const Ref name, text_of(field.name));
        GN_TRY(const Ref value, text_of(field.value));
        GN_TRY(const Ref pair, owned(PyTuple_Pack(2, name.get(), value.get())));
        GN_CHECK(checked(PyList_Append(list.get(), pair.get())));
    }
    return list;
}

PyResult<Ref> texts_of(const gateway::AccessRecord& record) {
    const std::string_view parts[] = {record.remote_addr, record.method, record.target, record.path,
                                      record.query,       record.protocol, http::reason_phrase(record.status)};
    GN_TRY(Ref list, owned(PyList_New(0)));
    for (const std::string_view part : parts) {
        GN_TRY(const Ref text, text_of(part));
        GN_CHECK(checked(PyList_Append(list.get(), text.get())));
    }
    return list;
}

PyResult<void> log(PyObject* logger, const gateway::AccessRecord& record) {
    GN_TRY(const Ref module, import_module("gunicorn._stand_ins"));
    GN_TRY(const Ref texts, texts_of(record));
    const auto* request = record.request;
    const auto* response = record.response;
    GN_TRY(const Ref asked, fields_of(request, request == nullptr ? 0 : request->field_count(),
                                      [&](std::size_t i) { return request->field(i); }));
    GN_TRY(const Ref answered, fields_of(response, response == nullptr ? 0 : response->fields().size(),
                                         [&](std::size_t i) { return response->fields()[i]; }));
    const double seconds = std::chrono::duration<double>(record.duration).count();
    GN_TRY(const Ref done,
           owned(PyObject_CallMethod(module.get(), "log", "OOiKdOO", logger, texts.get(), record.status,
                                     static_cast<unsigned long long>(record.bytes_sent), seconds, asked.get(), answered.get())));
    return {};
}

}  // namespace

LoggerAccess::~LoggerAccess() {
    const EnsureGil gil;
    logger_.reset();
}

void LoggerAccess::write(const gateway::AccessRecord& record) {
    if (exclusions_.has(record.path, record.status)) return;
    const EnsureGil gil;
    if (auto done = log(logger_.get(), record); !done) {
        Exception(done.error()).restore();
        PyErr_WriteUnraisable(logger_.get());
    }
}

}  // namespace gunicorn::python
