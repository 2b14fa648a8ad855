#include "python/wsgi/environ.h"

#include <algorithm>

#include "http/request_head.h"
#include "python/convert.h"
#include "python/guard.h"

namespace gunicorn::python {
namespace {

http::PeerTrust trust_of(const gateway::Exchange& exchange) {
    return exchange.connection().peer_is_trusted ? http::PeerTrust::trusted : http::PeerTrust::untrusted;
}

/// A dictionary with room for a browser's request, so that copying it leaves room to add without growing.
PyObject* new_roomy_dict() {
#if PY_VERSION_HEX < 0x030D0000
    return _PyDict_NewPresized(40);
#else
    return PyDict_New();
#endif
}

}  // namespace

PyResult<EnvironBuilder> EnvironBuilder::create(PyObject* config, const gateway::ApplicationOptions& options) {
    EnvironBuilder builder;
    builder.policy_ = options.header_policy;
    builder.servers_ = options.servers;

    Keys& keys = builder.keys_;
    keys.request_method = interned("REQUEST_METHOD");
    keys.raw_uri = interned("RAW_URI");
    keys.path_info = interned("PATH_INFO");
    keys.query_string = interned("QUERY_STRING");
    keys.script_name = interned("SCRIPT_NAME");
    keys.server_protocol = interned("SERVER_PROTOCOL");
    keys.server_name = interned("SERVER_NAME");
    keys.server_port = interned("SERVER_PORT");
    keys.remote_addr = interned("REMOTE_ADDR");
    keys.remote_port = interned("REMOTE_PORT");
    keys.proxy_protocol = interned("PROXY_PROTOCOL");
    keys.proxy_addr = interned("PROXY_ADDR");
    keys.proxy_port = interned("PROXY_PORT");
    keys.input = interned("wsgi.input");
    keys.url_scheme = interned("wsgi.url_scheme");
    keys.https = interned("HTTPS");
    keys.early_hints = interned("wsgi.early_hints");
    keys.socket = interned("gunicorn.socket");
    builder.http_ = interned("http");
    builder.https_ = interned("https");
    builder.http10_ = interned("HTTP/1.0");
    builder.http11_ = interned("HTTP/1.1");
    builder.empty_ = interned("");
    builder.on_ = interned("on");
    for (const char* method : {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
        builder.methods_.emplace_back(method, interned(method));
    }
    GN_TRY(const Ref wsgi_module, import_module("gunicorn.http.wsgi"));
    for (const gateway::ServerIdentity& server : options.servers) {
        GN_CHECK(builder.make_template(server, wsgi_module.get(), config, options));
    }
    return builder;
}

PyResult<void> EnvironBuilder::make_template(const gateway::ServerIdentity& server, PyObject* wsgi_module, PyObject* config,
                                             const gateway::ApplicationOptions& options) {
    GN_TRY(Ref environ, owned(new_roomy_dict()));
    GN_TRY(const Ref base,
           owned(PyObject_CallMethod(wsgi_module, "base_environ", "OOO", config, options.multithread ? Py_True : Py_False,
                                     options.multiprocess ? Py_True : Py_False)));
    GN_CHECK(checked(PyDict_Update(environ.get(), base.get())));
    GN_CHECK(put(environ.get(), keys_.server_name, latin1(server.name)));
    GN_CHECK(put(environ.get(), keys_.server_port, latin1(server.port)));
    GN_CHECK(put(environ.get(), keys_.script_name, empty_));
    GN_CHECK(put(environ.get(), keys_.url_scheme, http_));
    // The keys that every request replaces: replacing is cheaper than adding.
    for (const Ref* key : {&keys_.request_method, &keys_.raw_uri, &keys_.path_info, &keys_.query_string,
                           &keys_.server_protocol, &keys_.remote_addr, &keys_.input, &keys_.early_hints, &keys_.socket}) {
        GN_CHECK(put(environ.get(), *key, empty_));
    }
    if (!server.is_unix) GN_CHECK(put(environ.get(), keys_.remote_port, empty_));
    templates_.push_back(std::move(environ));
    return {};
}

PyResult<void> EnvironBuilder::put(PyObject* environ, const Ref& key, Ref value) const {
    if (!value) return Unexpected{Exception::take()};
    return checked(PyDict_SetItem(environ, key.get(), value.get()));
}

/// A field that comes twice is joined with "," (RFC 9110 5.3), as Gunicorn does.
PyResult<void> EnvironBuilder::put_field(PyObject* environ, const Ref& key, Ref value) const {
    if (!key || !value) return Unexpected{Exception::take()};
    const Py_ssize_t size = PyDict_GET_SIZE(environ);
    PyObject* before = PyDict_SetDefault(environ, key.get(), value.get());
    if (before == nullptr) return Unexpected{Exception::take()};
    if (PyDict_GET_SIZE(environ) != size) return {};  // that it is the same object says nothing: short texts are shared
    GN_TRY(const Ref joined, owned(PyUnicode_FromFormat("%U,%U", before, value.get())));
    return checked(PyDict_SetItem(environ, key.get(), joined.get()));
}

PyResult<void> EnvironBuilder::put_fields(PyObject* environ, const gateway::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        const http::FieldView field = head.field(i);
        const auto decision = http::may_forward(field.name, policy_, trust_of(exchange));
        // `refuse` was answered by the protocol layer.
        if (!decision || *decision == http::Forward::drop) continue;
        GN_CHECK(put_field(environ, header_keys_.key_of(field.name), latin1(field.value)));
    }
    return {};
}

PyResult<void> EnvironBuilder::put_changed_headers(PyObject* environ, PyObject* headers) {
    GN_TRY(const Ref items, owned(PySequence_Fast(headers, "req.headers must be a list of (name, value) pairs")));
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
        PyObject* item = PySequence_Fast_GET_ITEM(items.get(), i);
        GN_TRY(const Ref pair, owned(PySequence_Fast(item, "a header must be a (name, value) pair")));
        if (PySequence_Fast_GET_SIZE(pair.get()) != 2 || !PyUnicode_Check(PySequence_Fast_GET_ITEM(pair.get(), 0)) ||
            !PyUnicode_Check(PySequence_Fast_GET_ITEM(pair.get(), 1))) {
            return raised(PyExc_TypeError, "a header must be a pair of str");
        }
        const std::string name = to_text(PySequence_Fast_GET_ITEM(pair.get(), 0));
        GN_CHECK(put_field(environ, header_keys_.key_of(name), Ref::borrow(PySequence_Fast_GET_ITEM(pair.get(), 1))));
    }
    return {};
}

PyResult<Ref> EnvironBuilder::header_list(const gateway::Exchange& exchange) {
    GN_TRY(Ref list, owned(PyList_New(0)));
    const http::RequestHead& head = exchange.head();
    std::string upper;
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        const http::FieldView field = head.field(i);
        const auto decision = http::may_forward(field.name, policy_, trust_of(exchange));
        if (!decision || *decision == http::Forward::drop) continue;
        upper.assign(field.name);
        for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        const Ref name = latin1(upper);
        const Ref value = latin1(field.value);
        if (!name || !value) return Unexpected{Exception::take()};
        GN_TRY(const Ref pair, owned(PyTuple_Pack(2, name.get(), value.get())));
        GN_CHECK(checked(PyList_Append(list.get(), pair.get())));
    }
    return list;
}

PyResult<void> EnvironBuilder::put_target(PyObject* environ, const gateway::Exchange& exchange) {
    std::string_view path = exchange.head().path();
    if (const std::string_view script_name = exchange.script_name(); !script_name.empty()) {
        path.remove_prefix(script_name.size());
        GN_CHECK(put(environ, keys_.script_name, latin1(script_name)));
    }
    if (path.find('%') == std::string_view::npos) return put(environ, keys_.path_info, latin1(path));
    scratch_.clear();
    http::percent_decode(path, scratch_);
    return put(environ, keys_.path_info, latin1(scratch_));
}

PyResult<void> EnvironBuilder::put_client(PyObject* environ, const gateway::Exchange& exchange) {
    const auto [address, port] = exchange.client();
    if (last_address_text_ != address || !last_address_) {
        last_address_text_ = address;
        last_address_ = latin1(address);
    }
    GN_CHECK(put(environ, keys_.remote_addr, last_address_));
    const auto& proxied = exchange.connection().proxied;
    if (proxied) GN_CHECK(put_proxied(environ, *proxied));
    if (!port.empty()) return put(environ, keys_.remote_port, latin1(port));
    // Only a header of a proxy tells an address without a port.
    if (servers_[exchange.connection().listener].is_unix) return {};
    return checked(PyDict_DelItem(environ, keys_.remote_port.get()));
}

/// Gunicorn: http.wsgi.proxy_environ. What the header did not name is not there; Gunicorn has None and the text "None".
PyResult<void> EnvironBuilder::put_proxied(PyObject* environ, const gateway::ProxiedConnection& proxied) const {
    GN_CHECK(put(environ, keys_.proxy_protocol, latin1(proxied.protocol)));
    if (proxied.server.address.empty()) return {};
    GN_CHECK(put(environ, keys_.proxy_addr, latin1(proxied.server.address)));
    return put(environ, keys_.proxy_port, latin1(proxied.server.port));
}

PyResult<void> EnvironBuilder::put_tls(PyObject* environ, const gateway::ConnectionInfo& connection) {
    for (const gateway::TlsFact& fact : connection.tls) {
        auto known = std::ranges::find(tls_keys_, fact.name, &std::pair<std::string_view, Ref>::first);
        if (known == tls_keys_.end()) {
            tls_keys_.emplace_back(fact.name, interned(std::string(fact.name).c_str()));
            known = tls_keys_.end() - 1;
        }
        GN_CHECK(put(environ, known->second, latin1(fact.value)));
    }
    return {};
}

/// Behind a unix socket the Host header says who we are.
PyResult<void> EnvironBuilder::put_server(PyObject* environ, const gateway::Exchange& exchange) const {
    const auto host = exchange.head().find("host");
    if (!host) return {};
    std::string_view name = *host;
    std::string_view port = exchange.scheme() == "https" ? "443" : "80";
    const auto colon = name.rfind(':');
    if (colon != std::string_view::npos && name.find(']', colon) == std::string_view::npos) {
        if (colon + 1 < name.size()) port = name.substr(colon + 1);
        name = name.substr(0, colon);
    }
    GN_CHECK(put(environ, keys_.server_name, latin1(name)));
    return put(environ, keys_.server_port, latin1(port));
}

PyResult<Ref> EnvironBuilder::build(const gateway::Exchange& exchange, PyObject* input, const CallObjects& objects,
                                    std::string_view scheme, PyObject* headers) {
    const http::RequestHead& head = exchange.head();
    const gateway::ConnectionInfo& connection = exchange.connection();
    GN_ASSERT(connection.listener < templates_.size(), "a connection comes from one of our listeners");
    GN_TRY(Ref environ, owned(PyDict_Copy(templates_[connection.listener].get())));

    const auto known = std::ranges::find(methods_, head.method(), &std::pair<std::string, Ref>::first);
    GN_CHECK(put(environ.get(), keys_.request_method, known == methods_.end() ? latin1(head.method()) : known->second));
    GN_CHECK(put(environ.get(), keys_.raw_uri, latin1(head.target())));
    GN_CHECK(put(environ.get(), keys_.query_string, head.query().empty() ? empty_ : latin1(head.query())));
    GN_CHECK(put(environ.get(), keys_.server_protocol,
                 head.version() == http::kHttp11   ? http11_
                 : head.version() == http::kHttp10 ? http10_
                                                   : latin1(head.protocol())));
    GN_CHECK(put_client(environ.get(), exchange));
    GN_CHECK(checked(PyDict_SetItem(environ.get(), keys_.input.get(), input)));
    GN_CHECK(put(environ.get(), keys_.early_hints, objects.early_hints));
    GN_CHECK(put(environ.get(), keys_.socket, objects.socket));
    if (scheme == "https") {
        GN_CHECK(put(environ.get(), keys_.url_scheme, https_));
        if (connection.is_tls) GN_CHECK(put(environ.get(), keys_.https, on_));
    } else if (scheme != "http") {
        GN_CHECK(put(environ.get(), keys_.url_scheme, latin1(scheme)));
    }

    GN_CHECK(put_tls(environ.get(), connection));
    GN_CHECK(put_target(environ.get(), exchange));
    if (servers_[connection.listener].is_unix) GN_CHECK(put_server(environ.get(), exchange));
    if (headers == nullptr) {
        GN_CHECK(put_fields(environ.get(), exchange));
    } else {
        GN_CHECK(put_changed_headers(environ.get(), headers));
    }
    return environ;
}

}  // namespace gunicorn::python
