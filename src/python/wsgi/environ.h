#pragma once

#include "python/python.h"

#include <string>
#include <vector>

#include "gateway/worker_runtime.h"
#include "python/error.h"
#include "python/names.h"
#include "python/wsgi/call_objects.h"

namespace gunicorn::python {

/// Builds the environ of a request: a copy of the listener's template, then the request's own keys (PEP 3333; RFC 3875 4.1).
/// One a worker. GIL held throughout.
class EnvironBuilder {
public:
    static PyResult<EnvironBuilder> create(PyObject* config, const gateway::ApplicationOptions& options);

    /// `input` is wsgi.input, `objects` are of this call. `headers`, where a pre_request hook may have changed them, is
    /// req.headers: a list of (UPPER-NAME, value); null takes the fields of the request. `scheme` is req.scheme as bytes.
    PyResult<Ref> build(const gateway::Exchange& exchange, PyObject* input, const CallObjects& objects,
                        std::string_view scheme, PyObject* headers);

    /// The fields that may reach the application, as (UPPER-NAME, value) tuples in a list: req.headers.
    PyResult<Ref> header_list(const gateway::Exchange& exchange);

private:
    EnvironBuilder() = default;
    PyResult<void> make_template(const gateway::ServerIdentity& server, PyObject* wsgi_module, PyObject* config,
                                 const gateway::ApplicationOptions& options);
    PyResult<void> put(PyObject* environ, const Ref& key, Ref value) const;
    PyResult<void> put_target(PyObject* environ, const gateway::Exchange& exchange);
    PyResult<void> put_client(PyObject* environ, const gateway::Exchange& exchange);
    PyResult<void> put_proxied(PyObject* environ, const gateway::ProxiedConnection& proxied) const;
    PyResult<void> put_tls(PyObject* environ, const gateway::ConnectionInfo& connection);
    PyResult<void> put_server(PyObject* environ, const gateway::Exchange& exchange) const;
    PyResult<void> put_field(PyObject* environ, const Ref& key, Ref value) const;
    PyResult<void> put_fields(PyObject* environ, const gateway::Exchange& exchange);
    PyResult<void> put_changed_headers(PyObject* environ, PyObject* headers);

    struct Keys {
        Ref request_method, raw_uri, path_info, query_string, script_name, server_protocol, server_name, server_port,
            remote_addr, remote_port, proxy_protocol, proxy_addr, proxy_port, input, url_scheme, https, early_hints, socket;
    };
    Keys keys_;
    std::vector<Ref> templates_;  // by listener
    std::vector<gateway::ServerIdentity> servers_;
    http::HeaderPolicy policy_;
    HeaderKeys header_keys_;
    std::vector<std::pair<std::string, Ref>> methods_;
    Ref http_, https_, http10_, http11_, empty_, on_;
    std::vector<std::pair<std::string_view, Ref>> tls_keys_;  // those that were needed so far
    std::string scratch_;
    std::string last_address_text_;  // requests of a proxy all come from one address
    Ref last_address_;
};

}  // namespace gunicorn::python
