#include "python/wsgi/hook_objects.h"

#include "http/request_head.h"
#include "http/response_head.h"
#include "python/convert.h"

namespace gunicorn::python {

namespace {

/// What `proxy_protocol_info` is made of; None without a PROXY header.
PyResult<Ref> describe(const std::optional<gateway::ProxiedConnection>& proxied) {
    if (!proxied) return Ref::none();
    const auto& [protocol, client, server] = *proxied;
    return owned(Py_BuildValue("(sssss)", std::string(protocol).c_str(), client.address.c_str(), client.port.c_str(),
                               server.address.c_str(), server.port.c_str()));
}

}  // namespace

PyResult<Ref> make_request_object(EnvironBuilder& environ, const gateway::Exchange& exchange, PyObject* input) {
    GN_TRY(const Ref module, import_module("gunicorn.http.message"));
    const http::RequestHead& head = exchange.head();
    const gateway::ConnectionInfo& connection = exchange.connection();
    GN_TRY(const Ref headers, environ.header_list(exchange));
    const Ref method = latin1(head.method());
    const Ref uri = latin1(head.target());
    const Ref path = latin1(head.path());
    const Ref query = latin1(head.query());
    const Ref fragment = latin1(head.fragment());
    const Ref scheme = latin1(exchange.scheme());
    if (!method || !uri || !path || !query || !fragment || !scheme) return Unexpected{Exception::take()};
    const auto [client_address, client_port] = exchange.client();
    const Ref address = latin1(client_address);
    const Ref port = latin1(client_port);
    if (!address || !port) return Unexpected{Exception::take()};
    GN_TRY(const Ref proxied, describe(connection.proxied));
    return owned(PyObject_CallMethod(module.get(), "from_native", "OOOOO(ii)OOO(ss)(OO)OO", method.get(), uri.get(),
                                     path.get(), query.get(), fragment.get(), int{head.version().major},
                                     int{head.version().minor}, headers.get(), input, scheme.get(),
                                     connection.remote_address.c_str(), connection.remote_port.c_str(), address.get(),
                                     port.get(), proxied.get(), head.wants_keep_alive() ? Py_False : Py_True));
}

PyResult<Ref> make_response_object(gateway::Exchange& exchange, PyObject* request, PyObject* headers,
                                   const gateway::ResponseSummary& summary) {
    GN_TRY(const Ref module, import_module("gunicorn.http.wsgi"));
    const Ref status = latin1(exchange.response().status_line());
    if (!status) return Unexpected{Exception::take()};
    const auto length = exchange.response().content_length();
    GN_TRY(const Ref length_object, length ? owned(PyLong_FromUnsignedLongLong(*length)) : PyResult<Ref>(Ref::none()));
    return owned(PyObject_CallMethod(module.get(), "response_from_native", "OOiOOKO", request, status.get(),
                                     exchange.response().status_code(), headers == nullptr ? Py_None : headers,
                                     length_object.get(), static_cast<unsigned long long>(summary.body_bytes),
                                     exchange.head_sent() ? Py_True : Py_False));
}

}  // namespace gunicorn::python
