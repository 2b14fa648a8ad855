#include "python/wsgi/start_response.h"

#include <string_view>

#include "http/response_head.h"
#include "python/convert.h"
#include "python/guard.h"

namespace gunicorn::python {
namespace {

struct StartResponse {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    ExchangeLoan* loan;  // null once the request is over
    PyObject* headers;   // owned
    bool called;
};

StartResponse& self_of(PyObject* self) { return *reinterpret_cast<StartResponse*>(self); }

/// The bytes of a native string (PEP 3333: one code point a byte). ASCII and latin-1 strings are lent, without a copy.
PyResult<std::string_view> native_bytes(PyObject* object, const char* what) {
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s must be a str, not %.100s", what, Py_TYPE(object)->tp_name);
        return Unexpected{Exception::take()};
    }
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(object) != 0) return Unexpected{Exception::take()};
#endif
    if (PyUnicode_KIND(object) != PyUnicode_1BYTE_KIND) {
        PyErr_Format(PyExc_ValueError, "%s holds a character beyond latin-1: %R", what, object);
        return Unexpected{Exception::take()};
    }
    return std::string_view(reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(object)),
                            static_cast<std::size_t>(PyUnicode_GET_LENGTH(object)));
}

PyResult<void> refused(http::ResponseError error, PyObject* object) {
    PyErr_Format(PyExc_ValueError, "%s: %R", std::string(http::text_of(error)).c_str(), object);
    return Unexpected{Exception::take()};
}

PyResult<void> add_header(http::ResponseHead& head, PyObject* item) {
    PyObject* name = nullptr;
    PyObject* value = nullptr;
    if (PyTuple_Check(item) && PyTuple_GET_SIZE(item) == 2) {
        name = PyTuple_GET_ITEM(item, 0);
        value = PyTuple_GET_ITEM(item, 1);
    } else if (PyList_Check(item) && PyList_GET_SIZE(item) == 2) {
        name = PyList_GET_ITEM(item, 0);
        value = PyList_GET_ITEM(item, 1);
    } else {
        PyErr_Format(PyExc_TypeError, "a response header must be a (name, value) pair, not %R", item);
        return Unexpected{Exception::take()};
    }
    GN_TRY(const std::string_view name_bytes, native_bytes(name, "a header name"));
    GN_TRY(const std::string_view value_bytes, native_bytes(value, "a header value"));
    if (const auto added = head.add(name_bytes, value_bytes); !added) return refused(added.error(), item);
    return {};
}

PyResult<void> add_headers(http::ResponseHead& head, PyObject* headers) {
    GN_TRY(const Ref items, owned(PySequence_Fast(headers, "the headers must be a list of (name, value) pairs")));
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(items.get());
    for (Py_ssize_t i = 0; i < count; ++i) {
        GN_CHECK(add_header(head, PySequence_Fast_GET_ITEM(items.get(), i)));
    }
    return {};
}

PyResult<void> fill(http::ResponseHead& head, PyObject* status, PyObject* headers) {
    head.clear();
    GN_TRY(const std::string_view status_bytes, native_bytes(status, "the status"));
    if (const auto set = head.set_status(status_bytes); !set) return refused(set.error(), status);
    return add_headers(head, headers);
}

PyObject* write_call(PyObject* self, PyObject* data) noexcept {
    return guard([&]() -> PyResult<Ref> {
        StartResponse& state = self_of(self);
        if (!state.called) return ExchangeLoan::over();
        if (!PyBytes_Check(data)) {
            PyErr_Format(PyExc_TypeError, "write() takes bytes, not %.100s", Py_TYPE(data)->tp_name);
            return Unexpected{Exception::take()};
        }
        const std::string_view bytes(PyBytes_AS_STRING(data), static_cast<std::size_t>(PyBytes_GET_SIZE(data)));
        // The caller holds a reference to `data`.
        GN_CHECK(ExchangeLoan::use_without_gil(state.loan, [&](gateway::Exchange& exchange) { return exchange.write(bytes); }));
        return Ref::none();
    });
}

PyMethodDef kWrite = {"write", &write_call, METH_O, "write(data): sends bytes at once (PEP 3333)"};

PyObject* early_hints_call(PyObject* self, PyObject* headers) noexcept {
    return guard([&]() -> PyResult<Ref> {
        http::ResponseHead hints;
        GN_CHECK(add_headers(hints, headers));
        GN_CHECK(ExchangeLoan::use_without_gil(self_of(self).loan,
                                               [&](gateway::Exchange& exchange) { return exchange.early_hints(hints); }));
        return Ref::none();
    });
}

PyMethodDef kEarlyHints = {"early_hints", &early_hints_call, METH_O,
                           "early_hints(headers): sends \"103 Early Hints\" with these headers (RFC 8297)"};

/// exc_info is a tuple whose second item is the exception: it is raised again, since the head has left. The first
/// item is its type, whatever it is; the third may be None. Restoring the three as they are would write into what
/// is no exception.
PyResult<void> raise_again(PyObject* exc_info) {
    if (!PyTuple_Check(exc_info) || PyTuple_GET_SIZE(exc_info) != 3) {
        return raised(PyExc_TypeError, "exc_info must be a tuple of three, as sys.exc_info() gives it");
    }
    PyObject* exception = PyTuple_GET_ITEM(exc_info, 1);
    PyObject* traceback = PyTuple_GET_ITEM(exc_info, 2);
    if (!PyExceptionInstance_Check(exception)) {
        return raised(PyExc_TypeError, "the second item of exc_info must be an exception");
    }
    PyErr_Restore(Py_NewRef(PyExceptionInstance_Class(exception)), Py_NewRef(exception),
                  PyTraceBack_Check(traceback) ? Py_NewRef(traceback) : PyException_GetTraceback(exception));
    return Unexpected{Exception::take()};
}

/// The three parameters by position or name.
struct Parameters {
    PyObject* status = nullptr;
    PyObject* headers = nullptr;
    PyObject* exc_info = nullptr;
};

PyResult<Parameters> parameters_of(PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
    PyObject* slots[3] = {};
    if (count > 3) return raised(PyExc_TypeError, "start_response() takes 2 or 3 arguments");
    for (Py_ssize_t i = 0; i < count; ++i) slots[i] = arguments[i];
    const Py_ssize_t named = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < named; ++i) {
        static constexpr const char* kNames[] = {"status", "headers", "exc_info"};
        int index = 0;
        while (index < 3 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), kNames[index]) != 0) ++index;
        if (index == 3) return raised(PyExc_TypeError, "start_response() takes status, headers and exc_info");
        slots[index] = arguments[count + i];
    }
    if (slots[0] == nullptr || slots[1] == nullptr) {
        return raised(PyExc_TypeError, "start_response() needs a status and a list of headers");
    }
    return Parameters{slots[0], slots[1], slots[2] == Py_None ? nullptr : slots[2]};
}

PyObject* start_response_call(PyObject* self, PyObject* const* arguments, std::size_t packed, PyObject* names) noexcept {
    return guard([&]() -> PyResult<Ref> {
        GN_TRY(const Parameters given, parameters_of(arguments, PyVectorcall_NARGS(packed), names));
        StartResponse& state = self_of(self);
        if (state.loan == nullptr) return ExchangeLoan::over();
        GN_TRY(gateway::Exchange* const exchange, state.loan->borrow());
        if (given.exc_info != nullptr && exchange->head_sent()) GN_CHECK(raise_again(given.exc_info));
        if (given.exc_info == nullptr && state.called) {
            return raised(PyExc_AssertionError, "start_response was called a second time without exc_info");
        }
        // Until it is filled whole there is no head: an application that goes on after an error of ours has none to send.
        state.called = false;
        if (auto filled = fill(exchange->response(), given.status, given.headers); !filled) {
            exchange->response().clear();
            return Unexpected{std::move(filled).error()};
        }
        state.called = true;
        PyObject* old = std::exchange(state.headers, Py_NewRef(given.headers));
        Py_XDECREF(old);
        return owned(PyCFunction_New(&kWrite, self));
    });
}

void start_response_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    Py_CLEAR(self_of(self).headers);
    type->tp_free(self);
    Py_DECREF(type);
}

PyMemberDef kMembers[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(StartResponse, vectorcall), READONLY, nullptr},
                          {nullptr, 0, 0, 0, nullptr}};

PyType_Slot kSlots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(&start_response_dealloc)},
                        {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
                        {Py_tp_members, kMembers},
                        {Py_tp_doc, const_cast<char*>("start_response(status, headers, exc_info=None) of one request.")},
                        {0, nullptr}};

PyType_Spec kSpec = {"gunicorn._core.StartResponse", sizeof(StartResponse), 0,
                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, kSlots};

}  // namespace

PyResult<void> add_start_response_type(PyObject* module) {
    GN_TRY(const Ref type, owned(PyType_FromModuleAndSpec(module, &kSpec, nullptr)));
    return checked(PyModule_AddObjectRef(module, "StartResponse", type.get()));
}

PyResult<Ref> make_start_response(PyObject* type) {
    auto* object_type = reinterpret_cast<PyTypeObject*>(type);
    GN_TRY(Ref made, owned(object_type->tp_alloc(object_type, 0)));
    self_of(made.get()).vectorcall = &start_response_call;
    return made;
}

PyResult<Ref> make_early_hints(PyObject* start_response) { return owned(PyCFunction_New(&kEarlyHints, start_response)); }

void bind_start_response(PyObject* start_response, ExchangeLoan& loan) noexcept {
    self_of(start_response).loan = &loan;
    self_of(start_response).called = false;
}

bool was_called(PyObject* start_response) noexcept { return self_of(start_response).called; }

PyObject* headers_of(PyObject* start_response) noexcept { return self_of(start_response).headers; }

void release_start_response(PyObject* start_response) noexcept {
    self_of(start_response).loan = nullptr;
    Py_CLEAR(self_of(start_response).headers);
}

}  // namespace gunicorn::python
