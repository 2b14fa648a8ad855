#pragma once

#include "python/python.h"

#include "python/error.h"
#include "python/wsgi/exchange_loan.h"

namespace gunicorn::python {

/// A subclass of socket.socket whose objects open the connection's descriptor when an application first looks at them
/// (gunicorn.socket): most never do.
PyResult<Ref> make_client_socket_type();

/// The socket of one request, once it is bound. `type` is of make_client_socket_type().
PyResult<Ref> make_client_socket(PyObject* type);

/// Begins a request. `loan` lives until release_client_socket().
void bind_client_socket(PyObject* socket, ExchangeLoan& loan) noexcept;

/// Whether an application has opened it; it cannot be bound again then.
[[nodiscard]] bool was_opened(PyObject* socket) noexcept;
/// Whether an application took a method that sends, or that gives the descriptor away.
[[nodiscard]] bool was_sent_over(PyObject* socket) noexcept;

/// The request is over: an opened socket is closed, as Gunicorn closes it.
void release_client_socket(PyObject* socket) noexcept;

}  // namespace gunicorn::python
