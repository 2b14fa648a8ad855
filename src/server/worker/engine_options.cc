#include "server/worker/engine_options.h"

#include "base/text.h"
#include "config/tls_version.h"

namespace gunicorn::server {
namespace {

http::HeaderMap header_map_of(const std::string& name) {
    if (name == "refuse") return http::HeaderMap::refuse;
    if (name == "dangerous") return http::HeaderMap::dangerous;
    return http::HeaderMap::drop;
}

http::HeaderPolicy header_policy(const config::Settings& settings) {
    http::HeaderPolicy policy;
    policy.header_map = header_map_of(settings.header_map);
    policy.forwarder_headers.clear();
    for (const std::string& name : settings.forwarder_headers) policy.forwarder_headers.push_back(text::to_upper(name));
    policy.secure_scheme_headers.clear();
    if (const auto* headers = settings.secure_scheme_headers.get_if<config::Dict>()) {
        for (const auto& [name, value] : *headers) {
            const auto* text = value.get_if<std::string>();
            if (text != nullptr) policy.secure_scheme_headers.push_back({text::to_upper(name), *text});
        }
    }
    return policy;
}

http::ProxyMode proxy_mode_of(const std::string& name) {
    if (name == "v1") return http::ProxyMode::v1;
    if (name == "v2") return http::ProxyMode::v2;
    if (name == "auto") return http::ProxyMode::any;
    return http::ProxyMode::off;
}

ClientLimits client_limits(const config::Settings& settings) {
    return {.header = std::chrono::seconds(settings.header_timeout),
            .body = std::chrono::seconds(settings.body_timeout),
            .body_min_rate = static_cast<std::uint64_t>(settings.body_min_rate),
            .send = std::chrono::seconds(settings.send_timeout)};
}

ClientCertificates client_certificates(std::int64_t cert_reqs) {
    if (cert_reqs == 1) return ClientCertificates::optional;
    return cert_reqs == 2 ? ClientCertificates::required : ClientCertificates::none;
}

/// A version that is no more spoken, and a word that names none, leave the choice to client and server; a rule tells.
TlsVersions tls_versions(const config::RawValue& ssl_version) {
    switch (config::tls_version_of(ssl_version)) {
        case config::TlsVersion::only_1_2: return TlsVersions::only_1_2;
        case config::TlsVersion::only_1_3: return TlsVersions::only_1_3;
        default: return TlsVersions::both;
    }
}

}  // namespace

Result<EngineOptions> engine_options(const config::Settings& settings) {
    EngineOptions options;
    options.protocol.limits.request_line = static_cast<std::size_t>(settings.limit_request_line);
    options.protocol.limits.fields = static_cast<std::size_t>(settings.limit_request_fields);
    options.protocol.limits.field_size = static_cast<std::size_t>(settings.limit_request_field_size);
    options.protocol.limits.body = static_cast<std::uint64_t>(settings.limit_request_body);
    options.protocol.policy.permit_obsolete_folding = settings.permit_obsolete_folding;
    options.protocol.policy.strip_header_spaces = settings.strip_header_spaces;
    options.protocol.policy.permit_unconventional_http_method = settings.permit_unconventional_http_method;
    options.protocol.policy.permit_unconventional_http_version = settings.permit_unconventional_http_version;
    options.protocol.policy.casefold_http_method = settings.casefold_http_method;
    options.protocol.headers = header_policy(settings);
    GN_TRY(options.protocol.trusted_peers, TrustedPeers::create(settings.forwarded_allow_ips));
    options.protocol.proxy_mode = proxy_mode_of(settings.proxy_protocol);
    GN_TRY(options.protocol.proxy_peers, TrustedPeers::create(settings.proxy_allow_ips));
    options.protocol.forwarded_for_header = settings.x_forwarded_for_header.value_or("");
    // With `reload` none is kept: a new connection is a new worker's, while a kept one would be answered by old code.
    options.protocol.keepalive = std::chrono::seconds(settings.reload ? 0 : settings.keepalive);
    options.protocol.client_limits = client_limits(settings);
    options.protocol.request_timeout = std::chrono::seconds(settings.request_timeout);
    options.protocol.upload_directory = settings.tmp_upload_dir.value_or("");
    options.protocol.log_requests = settings.loglevel == "debug" && !settings.pre_request.is_set;
    options.protocol.show_tracebacks = settings.debug;
    options.ragged_ends = settings.suppress_ragged_eofs ? RaggedEnds::ignored : RaggedEnds::told;
    options.most_connections = static_cast<std::size_t>(std::max<std::int64_t>(1, settings.worker_connections));
    options.serve_limit = std::chrono::seconds(settings.graceful_timeout) / 2;  // the rest is for what is under way then
    return options;
}

ListenerOptions listener_options(const config::Settings& settings) {
    ListenerOptions options;
    options.backlog = static_cast<int>(settings.backlog);
    options.umask = static_cast<mode_t>(settings.umask);
    options.uid = static_cast<uid_t>(settings.user);
    options.gid = static_cast<gid_t>(settings.group);
    // With `reload` connections wait in the one queue until a new worker is there.
    options.reuse_port = settings.reuse_port && !settings.reload;
    return options;
}

std::optional<TlsOptions> tls_options(const config::Settings& settings) {
    const std::string certificate = settings.certfile.value_or("");
    if (certificate.empty() || settings.ssl_context.is_set) return std::nullopt;
    return TlsOptions{.certificate_file = certificate,
                      .key_file = settings.keyfile.value_or(""),
                      .authorities_file = settings.ca_certs.value_or(""),
                      .client_certificates = client_certificates(settings.cert_reqs),
                      .ciphers = settings.ciphers.value_or(""),
                      .versions = tls_versions(settings.ssl_version),
                      .suppress_ragged_eofs = settings.suppress_ragged_eofs};
}

bool has_tls_by_hook(const config::Settings& settings) {
    return settings.ssl_context.is_set && !settings.certfile.value_or("").empty();
}

}  // namespace gunicorn::server
