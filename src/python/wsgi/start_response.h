#pragma once

#include "python/python.h"

#include "python/error.h"
#include "python/wsgi/exchange_loan.h"

namespace gunicorn::python {

/// Adds the type gunicorn._core.StartResponse to the module.
PyResult<void> add_start_response_type(PyObject* module);

/// The start_response callable of one request (PEP 3333), once it is bound. `type` is gunicorn._core.StartResponse.
PyResult<Ref> make_start_response(PyObject* type);
/// wsgi.early_hints of the same request. It owns a reference to `start_response`.
PyResult<Ref> make_early_hints(PyObject* start_response);

/// Begins a request. `loan` lives until release_start_response().
void bind_start_response(PyObject* start_response, ExchangeLoan& loan) noexcept;

[[nodiscard]] bool was_called(PyObject* start_response) noexcept;
/// The headers as the application gave them last, for resp.headers; null before the call. Lent.
[[nodiscard]] PyObject* headers_of(PyObject* start_response) noexcept;

/// The request is over: calling it raises until it is bound again.
void release_start_response(PyObject* start_response) noexcept;

}  // namespace gunicorn::python
