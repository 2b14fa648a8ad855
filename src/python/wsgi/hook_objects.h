#pragma once

#include "python/python.h"

#include "gateway/application.h"
#include "python/error.h"
#include "python/wsgi/environ.h"

namespace gunicorn::python {

/// The req of hooks and Python loggers: gunicorn.http.message.Request, filled from the exchange. Made only when somebody asks.
PyResult<Ref> make_request_object(EnvironBuilder& environ, const gateway::Exchange& exchange, PyObject* input);

/// The resp of post_request and Logger.access: gunicorn.http.wsgi.Response. `headers` is what start_response was given.
PyResult<Ref> make_response_object(gateway::Exchange& exchange, PyObject* request, PyObject* headers,
                                   const gateway::ResponseSummary& summary);

}  // namespace gunicorn::python
