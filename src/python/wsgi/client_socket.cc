#include "python/wsgi/client_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "python/convert.h"
#include "python/guard.h"

namespace gunicorn::python {
namespace {

/// Behind the fields of the base, whose size only Python knows.
struct Lazy {
    ExchangeLoan* loan;  // null once the request is over
    bool is_open;
    bool was_sent_over;
};

Lazy& lazy_of(PyObject* self) {
    // The type has no subclasses: its own size tells where its last field ends.
    char* end = reinterpret_cast<char*>(self) + Py_TYPE(self)->tp_basicsize;
    return *reinterpret_cast<Lazy*>(end - sizeof(Lazy));
}

/// Methods that answer the client, or give the descriptor to somebody who may.
bool is_way_to_send(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kWays = {"send",     "sendall", "sendmsg", "sendto",
                                                              "sendfile", "dup",     "detach",  "makefile"};
    return std::find(kWays.begin(), kWays.end(), name) != kWays.end();
}

PyResult<void> open(PyObject* self) {
    Lazy& lazy = lazy_of(self);
    if (lazy.loan == nullptr) {
        return raised(Error{ErrorKind::system, EBADF, "gunicorn.socket: the request is over"});
    }
    GN_TRY(UniqueFd opened,
           ExchangeLoan::use_without_gil(lazy.loan, [](gateway::Exchange& exchange) { return exchange.open_socket(); }));
    lazy.is_open = true;  // before __init__, which looks at attributes
    GN_TRY(const Ref arguments, owned(PyTuple_New(0)));
    GN_TRY(const Ref names, owned(Py_BuildValue("{s:i}", "fileno", opened.get())));
    GN_CHECK(checked(Py_TYPE(self)->tp_init(self, arguments.get(), names.get())));
    static_cast<void>(opened.release());
    return {};
}

PyObject* socket_getattro(PyObject* self, PyObject* name) noexcept {
    const Lazy& lazy = lazy_of(self);
    if (lazy.is_open && lazy.was_sent_over) return PyObject_GenericGetAttr(self, name);
    Py_ssize_t length = 0;
    const char* text = PyUnicode_AsUTF8AndSize(name, &length);
    if (text == nullptr) return nullptr;
    const std::string_view wanted(text, static_cast<std::size_t>(length));
    // What every object has (__class__, __doc__ ...) does not ask for the connection.
    if (!lazy.is_open && !wanted.starts_with("__")) {
        if (auto opened = open(self); !opened) {
            std::move(opened).error().restore();
            return nullptr;
        }
    }
    if (is_way_to_send(wanted)) lazy_of(self).was_sent_over = true;
    return PyObject_GenericGetAttr(self, name);
}

/// A debugger or logger that prints the environ does not open the connection.
PyObject* socket_repr(PyObject* self) noexcept {
    if (lazy_of(self).is_open) return Py_TYPE(self)->tp_base->tp_repr(self);
    return PyUnicode_FromString("<gunicorn.socket, not opened>");
}

/// A thread of the application may be about to read from the descriptor: were it closed, its number could be the connection
/// of another client by then. So it stays taken until the last reference is gone, and what is done with it fails.
bool put_dead_socket_in_place_of(PyObject* self) noexcept {
    const int fd = PyObject_AsFileDescriptor(self);
    if (fd < 0) {
        PyErr_Clear();  // closed, or somebody else's by detach()
        return true;
    }
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return dead && ::dup3(dead.get(), fd, O_CLOEXEC) == fd;
}

PyType_Slot kSlots[] = {{Py_tp_getattro, reinterpret_cast<void*>(&socket_getattro)},
                        {Py_tp_repr, reinterpret_cast<void*>(&socket_repr)},
                        {Py_tp_doc, const_cast<char*>("The connection of a request (gunicorn.socket).")},
                        {0, nullptr}};

}  // namespace

PyResult<Ref> make_client_socket_type() {
    GN_TRY(const Ref module, import_module("socket"));
    GN_TRY(const Ref base, attribute(module.get(), "socket"));
    if (!PyType_Check(base.get())) return raised(PyExc_TypeError, "socket.socket is not a type");
    GN_TRY(const Ref bases, owned(PyTuple_Pack(1, base.get())));
    const Py_ssize_t size = reinterpret_cast<PyTypeObject*>(base.get())->tp_basicsize;
    constexpr auto kAlignment = static_cast<Py_ssize_t>(alignof(Lazy));
    const Py_ssize_t start = (size + kAlignment - 1) / kAlignment * kAlignment;
    PyType_Spec spec = {"gunicorn._core.socket", static_cast<int>(start + static_cast<Py_ssize_t>(sizeof(Lazy))), 0,
                        Py_TPFLAGS_DEFAULT, kSlots};
    return owned(PyType_FromSpecWithBases(&spec, bases.get()));
}

PyResult<Ref> make_client_socket(PyObject* type) {
    auto* object_type = reinterpret_cast<PyTypeObject*>(type);
    GN_TRY(const Ref arguments, owned(PyTuple_New(0)));
    return owned(object_type->tp_new(object_type, arguments.get(), nullptr));
}

void bind_client_socket(PyObject* socket, ExchangeLoan& loan) noexcept { lazy_of(socket).loan = &loan; }

bool was_opened(PyObject* socket) noexcept { return lazy_of(socket).is_open; }

bool was_sent_over(PyObject* socket) noexcept { return lazy_of(socket).was_sent_over; }

void release_client_socket(PyObject* socket) noexcept {
    lazy_of(socket).loan = nullptr;
    if (!was_opened(socket)) return;
    if (Py_REFCNT(socket) > 1 && put_dead_socket_in_place_of(socket)) return;
    const Ref closed = Ref::steal(PyObject_CallMethod(socket, "close", nullptr));
    if (!closed) PyErr_Clear();  // it is gone, whatever it said
}

}  // namespace gunicorn::python
