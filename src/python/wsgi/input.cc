#include "python/wsgi/input.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "python/convert.h"
#include "python/guard.h"

namespace gunicorn::python {
namespace {

constexpr char kTypeName[] = "Input";

struct Input {
    PyObject_HEAD
    const gateway::RequestBody* body;  // null: nothing (left) to read
    std::uint64_t position;
};

Input& input_of(PyObject* self) { return *reinterpret_cast<Input*>(self); }

std::uint64_t left_of(const Input& input) {
    return input.body == nullptr ? 0 : input.body->size() - input.position;
}

/// The next `count` bytes as a bytes object; `count` does not exceed what is left.
PyResult<Ref> take(Input& input, std::uint64_t count) {
    GN_TRY(Ref bytes, owned(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(count))));
    char* out = PyBytes_AS_STRING(bytes.get());
    std::uint64_t done = 0;
    while (done < count) {
        const auto got = input.body->read_at(input.position, out + done, static_cast<std::size_t>(count - done));
        if (!got) return raised(got.error());
        if (*got == 0) return raised(Error{ErrorKind::system, EIO, "the buffered body of the request is shorter than it was"});
        input.position += *got;
        done += *got;
    }
    return bytes;
}

/// The limit that a size argument means: None and negative numbers are "all".
PyResult<std::uint64_t> limit_of(PyObject* argument) {
    if (argument == nullptr || argument == Py_None) return std::numeric_limits<std::uint64_t>::max();
    const Ref index = Ref::steal(PyNumber_Index(argument));
    if (!index) return Unexpected{Exception::take()};
    const Py_ssize_t number = PyNumber_AsSsize_t(index.get(), nullptr);
    if (number < 0) return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(number);
}

/// Bytes up to and with the next newline, at most `limit`.
PyResult<std::uint64_t> line_length(const Input& input, std::uint64_t limit) {
    const std::uint64_t most = std::min(limit, left_of(input));
    if (const std::string_view memory = input.body->memory(); !memory.empty()) {
        const char* start = memory.data() + input.position;
        const void* newline = std::memchr(start, '\n', static_cast<std::size_t>(most));
        return newline == nullptr ? most : static_cast<std::uint64_t>(static_cast<const char*>(newline) - start + 1);
    }
    char buffer[8192];
    std::uint64_t seen = 0;
    while (seen < most) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof buffer, most - seen));
        const auto got = input.body->read_at(input.position + seen, buffer, wanted);
        if (!got) return raised(got.error());
        if (*got == 0) break;
        if (const void* newline = std::memchr(buffer, '\n', *got)) {
            return seen + static_cast<std::uint64_t>(static_cast<const char*>(newline) - buffer + 1);
        }
        seen += *got;
    }
    return seen;
}

PyResult<Ref> next_line(Input& input, std::uint64_t limit) {
    if (left_of(input) == 0 || limit == 0) return owned(PyBytes_FromStringAndSize(nullptr, 0));
    GN_TRY(const std::uint64_t length, line_length(input, limit));
    return take(input, length);
}

PyResult<PyObject*> only_argument(PyObject* const* arguments, Py_ssize_t count, const char* what) {
    if (count > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument (%zd given)", what, count);
        return Unexpected{Exception::take()};
    }
    return count == 1 ? arguments[0] : nullptr;
}

PyObject* input_read(PyObject* self, PyObject* const* arguments, Py_ssize_t count) noexcept {
    return guard([&]() -> PyResult<Ref> {
        GN_TRY(PyObject* const size, only_argument(arguments, count, "read"));
        GN_TRY(const std::uint64_t limit, limit_of(size));
        Input& input = input_of(self);
        return take(input, std::min(limit, left_of(input)));
    });
}

PyObject* input_readline(PyObject* self, PyObject* const* arguments, Py_ssize_t count) noexcept {
    return guard([&]() -> PyResult<Ref> {
        GN_TRY(PyObject* const size, only_argument(arguments, count, "readline"));
        GN_TRY(const std::uint64_t limit, limit_of(size));
        return next_line(input_of(self), limit);
    });
}

PyObject* input_readlines(PyObject* self, PyObject* const* arguments, Py_ssize_t count) noexcept {
    return guard([&]() -> PyResult<Ref> {
        GN_TRY(PyObject* const size, only_argument(arguments, count, "readlines"));
        GN_TRY(std::uint64_t hint, limit_of(size));
        if (hint == 0) hint = std::numeric_limits<std::uint64_t>::max();  // as io.IOBase.readlines
        GN_TRY(Ref lines, owned(PyList_New(0)));
        std::uint64_t total = 0;
        while (left_of(input_of(self)) > 0 && total < hint) {
            GN_TRY(const Ref line, next_line(input_of(self), std::numeric_limits<std::uint64_t>::max()));
            total += static_cast<std::uint64_t>(PyBytes_GET_SIZE(line.get()));
            GN_CHECK(checked(PyList_Append(lines.get(), line.get())));
        }
        return lines;
    });
}

PyObject* input_next(PyObject* self) noexcept {
    if (left_of(input_of(self)) == 0) return nullptr;  // StopIteration
    return guard([&]() -> PyResult<Ref> { return next_line(input_of(self), std::numeric_limits<std::uint64_t>::max()); });
}

void input_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

PyMethodDef kMethods[] = {
    {"read", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&input_read)), METH_FASTCALL,
     "read(size=-1): up to size bytes of the body, all that is left without a size"},
    {"readline", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&input_readline)), METH_FASTCALL,
     "readline(size=-1): the next line, at most size bytes of it"},
    {"readlines", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&input_readlines)), METH_FASTCALL,
     "readlines(hint=-1): the lines that are left, about hint bytes of them"},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot kSlots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(&input_dealloc)},
                        {Py_tp_iter, reinterpret_cast<void*>(&PyObject_SelfIter)},
                        {Py_tp_iternext, reinterpret_cast<void*>(&input_next)},
                        {Py_tp_methods, kMethods},
                        {Py_tp_doc, const_cast<char*>("The body of a request (wsgi.input).")},
                        {0, nullptr}};

PyType_Spec kSpec = {"gunicorn._core.Input", sizeof(Input), 0, Py_TPFLAGS_DEFAULT, kSlots};

}  // namespace

PyResult<void> add_input_type(PyObject* module) {
    GN_TRY(const Ref type, owned(PyType_FromModuleAndSpec(module, &kSpec, nullptr)));
    return checked(PyModule_AddObjectRef(module, kTypeName, type.get()));
}

PyResult<Ref> make_input(PyObject* type, const gateway::RequestBody* body) {
    auto* input_type = reinterpret_cast<PyTypeObject*>(type);
    GN_TRY(Ref made, owned(input_type->tp_alloc(input_type, 0)));
    input_of(made.get()).body = body;
    input_of(made.get()).position = 0;
    return made;
}

void release_input(PyObject* input) noexcept { input_of(input).body = nullptr; }

}  // namespace gunicorn::python
