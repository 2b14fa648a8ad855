#pragma once

#include "python/python.h"

#include "gateway/request_body.h"
#include "python/error.h"

namespace gunicorn::python {

/// Adds the type gunicorn._core.Input (wsgi.input) to the module.
PyResult<void> add_input_type(PyObject* module);

/// A file-like object over a complete body: read, readline, readlines, iteration (PEP 3333); b"" at the end, never blocking.
/// `type` is gunicorn._core.Input. `body` is lent until release_input(); null for a request without a body.
PyResult<Ref> make_input(PyObject* type, const gateway::RequestBody* body);

/// The request is over: whoever kept the object reads b"" from now on.
void release_input(PyObject* input) noexcept;

}  // namespace gunicorn::python
