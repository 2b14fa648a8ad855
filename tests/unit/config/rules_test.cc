#include "config/rules.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "config/resolver.h"
#include "config/rule_functions.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;
using Values = std::vector<std::pair<std::string, RawValue>>;

Resolution resolve_file(ConfigWorld& world, const Values& values, const RuleFacts& facts = {}) {
    Layers layers;
    int line = 0;
    for (const auto& [setting, value] : values) {
        layers.config_file.push_back({setting, value, {.kind = SourceKind::config_file, .name = "conf.py", .line = ++line}});
    }
    ValidationContext context = world.context();
    context.facts = &facts;
    return resolve(layers, context);
}

const Diagnostic* find(const Diagnostics& diagnostics, DiagId id) {
    const auto found =
        std::find_if(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& one) { return one.id == id; });
    return found == diagnostics.end() ? nullptr : &*found;
}

/// Values with which a rule applies, the setting that has to change first; and neighbours with which it does not.
struct Case {
    DiagId id;
    Values fires;
    Values silent;
    RuleFacts facts = {};
    RuleFacts silent_facts = facts;
};

/// A rule of a setting that is of use with another one only.
Case needs(const std::string& setting, RawValue value, const std::string& feature, RawValue on) {
    return {DiagId::setting_without_effect, {{setting, value}}, {{setting, value}, {feature, on}}};
}

std::vector<Case> cases(ConfigWorld& world) {
    const RawValue one = world.objects.function("one", 1);
    const RawValue two = world.objects.function("two", 2);
    const RuleFacts container{.pid_1 = true, .under_systemd = false};
    const RuleFacts unit{.pid_1 = false, .under_systemd = true};
    const RuleFacts neither{.pid_1 = false, .under_systemd = false};
    return {
        {DiagId::key_without_certificate, {{"keyfile", "key.pem"}}, {{"keyfile", "key.pem"}, {"certfile", "chain.pem"}}},
        {DiagId::key_without_certificate, {{"keyfile", "key.pem"}, {"certfile", ""}}, {{"keyfile", ""}}},
        {DiagId::jitter_without_max_requests,
         {{"max_requests_jitter", 50}},
         {{"max_requests_jitter", 50}, {"max_requests", 1}}},
        {DiagId::no_workers, {{"workers", 0}}, {{"workers", 1}}},
        {DiagId::debug_limits_workers, {{"debug", true}, {"workers", 2}}, {{"debug", true}, {"workers", 1}}},
        {DiagId::no_address, {{"bind", List{}}}, {{"bind", List{"127.0.0.1:0"}}}},

        needs("reload_engine", "poll", "reload", true),
        needs("reload_extra_files", List{"*.html"}, "reload", true),
        needs("syslog_addr", "udp://logs:514", "syslog", true),
        needs("syslog_facility", "daemon", "syslog", true),
        needs("disable_redirect_access_to_syslog", true, "syslog", true),
        needs("syslog_prefix", "shop", "syslog", true),
        needs("statsd_prefix", "shop", "statsd_host", "localhost:8125"),
        needs("dogstatsd_tags", "env:test", "statsd_host", "localhost:8125"),
        needs("enable_backlog_metric", true, "statsd_host", "localhost:8125"),
        needs("proxy_allow_ips", "10.0.0.1", "proxy_protocol", true),
        needs("uwsgi_allow_ips", "10.0.0.1", "protocol", "uwsgi"),
        needs("http2_max_concurrent_streams", 10, "http_protocols", "h2,h1"),
        needs("http2_initial_window_size", 1000, "http2_cleartext", true),
        needs("http2_max_frame_size", 20000, "http_protocols", "h2"),
        needs("http2_max_header_list_size", 1000, "http_protocols", "h2,h1"),
        needs("asgi_loop", "uvloop", "worker_class", "asgi"),
        needs("asgi_lifespan", "off", "worker_class", "uvicorn.workers.UvicornWorker"),
        needs("asgi_disconnect_grace_period", 5, "worker_class", "asgi"),
        needs("root_path", "/shop", "worker_class", "asgi"),
        needs("dirty_workers", 2, "dirty_apps", List{"a:B"}),
        needs("dirty_timeout", 10, "dirty_apps", List{"a:B"}),
        needs("dirty_threads", 2, "dirty_apps", List{"a:B"}),
        needs("dirty_graceful_timeout", 10, "dirty_apps", List{"a:B"}),
        needs("on_dirty_starting", one, "dirty_apps", List{"a:B"}),
        needs("dirty_post_fork", two, "dirty_apps", List{"a:B"}),
        needs("dirty_worker_init", one, "dirty_apps", List{"a:B"}),
        needs("dirty_worker_exit", two, "dirty_apps", List{"a:B"}),
        needs("control_socket_mode", 0640, "control_socket", "/run/shop.ctl"),
        needs("raw_paste_global_conf", List{"a=b"}, "paste", "shop.ini"),
        needs("enable_stdio_inheritance", true, "daemon", true),
        needs("initgroups", true, "user", "1"),
        needs("initgroups", true, "group", "1"),
        {DiagId::setting_without_effect,
         {{"control_socket", "/run/shop.ctl"}, {"control_socket_disable", true}},
         {{"control_socket", "/run/shop.ctl"}}},
        {DiagId::setting_without_effect, {{"log_format", "%(message)s"}}, {{"log_format", "JSON"}}},
        {DiagId::setting_without_effect,
         {{"logconfig", "log.ini"}, {"logconfig_dict", Dict{{"version", 1}}}},
         {{"logconfig", "log.ini"}, {"logconfig_dict", Dict{}}}},
        {DiagId::setting_without_effect,
         {{"logconfig", "log.ini"}, {"logconfig_json", "log.json"}},
         {{"logconfig", "log.ini"}}},
        {DiagId::setting_without_effect,
         {{"logconfig_json", "log.json"}, {"logconfig_dict", Dict{{"version", 1}}}},
         {{"logconfig_json", "log.json"}}},

        {DiagId::tls_detail_without_certificate, {{"ca_certs", "ca.pem"}}, {{"ca_certs", "ca.pem"}, {"certfile", "c"}}},
        {DiagId::tls_detail_without_certificate, {{"ciphers", "AES"}}, {{"ciphers", ""}}},
        {DiagId::tls_detail_without_certificate, {{"ssl_version", 2}}, {{"ssl_version", RawValue()}}},
        {DiagId::tls_detail_without_certificate, {{"ssl_context", two}}, {{"ssl_context", two}, {"certfile", "c"}}},
        {DiagId::tls_detail_without_certificate, {{"cert_reqs", 2}}, {{"cert_reqs", 0}}},
        {DiagId::tls_detail_without_certificate, {{"do_handshake_on_connect", true}}, {{"do_handshake_on_connect", false}}},
        {DiagId::tls_detail_without_certificate, {{"suppress_ragged_eofs", false}}, {{"suppress_ragged_eofs", true}}},
        {DiagId::no_client_authority,
         {{"cert_reqs", 2}, {"certfile", "c"}},
         {{"cert_reqs", 2}, {"certfile", "c"}, {"ca_certs", "ca.pem"}}},
        {DiagId::no_client_authority,
         {{"cert_reqs", 2}, {"certfile", "c"}, {"ca_certs", ""}},
         {{"cert_reqs", 2}, {"certfile", "c"}, {"ssl_context", two}}},
        {DiagId::client_certificates_refused,
         {{"cert_reqs", 1}, {"certfile", "c"}},
         {{"cert_reqs", 1}, {"certfile", "c"}, {"ca_certs", "ca.pem"}}},
        {DiagId::tls_detail_without_effect,
         {{"ca_certs", "ca.pem"}, {"certfile", "c"}},
         {{"ca_certs", "ca.pem"}, {"certfile", "c"}, {"cert_reqs", 1}}},
        {DiagId::tls_detail_without_effect,
         {{"ciphers", "AES"}, {"certfile", "c"}, {"ssl_version", "TLSv1.3"}},
         {{"ciphers", "AES"}, {"certfile", "c"}, {"ssl_version", "TLSv1.2"}}},
        {DiagId::tls_detail_beside_hook,
         {{"ciphers", "AES"}, {"certfile", "c"}, {"ssl_context", two}},
         {{"ciphers", "AES"}, {"certfile", "c"}}},
        {DiagId::tls_detail_beside_hook,
         {{"ca_certs", "ca.pem"}, {"certfile", "c"}, {"ssl_context", two}},
         {{"ca_certs", "ca.pem"}, {"certfile", "c"}, {"cert_reqs", 2}}},
        {DiagId::tls_detail_beside_hook,
         {{"cert_reqs", 2}, {"certfile", "c"}, {"ssl_context", two}},
         {{"certfile", "c"}, {"ssl_context", two}}},
        {DiagId::tls_version_not_spoken, {{"ssl_version", 3}, {"certfile", "c"}}, {{"ssl_version", 5}, {"certfile", "c"}}},
        {DiagId::tls_version_not_spoken,
         {{"ssl_version", "best"}, {"certfile", "c"}},
         {{"ssl_version", "best"}, {"certfile", "c"}, {"ssl_context", two}}},
        {DiagId::threads_without_effect,
         {{"threads", 4}, {"worker_class", "gevent"}},
         {{"threads", 1}, {"worker_class", "gevent"}}},
        {DiagId::threads_without_effect,
         {{"threads", 4}, {"worker_class", "egg:gunicorn#tornado"}},
         {{"threads", 4}, {"worker_class", "gthread"}}},
        {DiagId::threads_without_effect, {{"threads", 4}, {"worker_class", "eventlet"}}, {{"threads", 4}}},
        {DiagId::access_format_without_log,
         {{"access_log_format", "%(h)s"}},
         {{"access_log_format", "%(h)s"}, {"accesslog", "-"}}},
        {DiagId::access_format_without_log,
         {{"access_log_format", "%(h)s"}, {"syslog", true}, {"disable_redirect_access_to_syslog", true}},
         {{"access_log_format", "%(h)s"}, {"syslog", true}}},
        {DiagId::access_format_without_log,
         {{"access_log_format", "%(h)s"}, {"accesslog", RawValue()}},
         {{"access_log_format", "%(h)s"}, {"logger_class", "shop.Logger"}}},

        {DiagId::daemon_as_first_process, {{"daemon", true}}, {{"daemon", true}}, container, neither},
        {DiagId::daemon_under_systemd, {{"daemon", true}}, {{"daemon", true}}, unit, neither},
        {DiagId::daemon_under_systemd, {{"daemon", true}}, {{"daemon", false}}, unit},
        {DiagId::log_of_daemon_lost, {{"errorlog", "-"}, {"daemon", true}}, {{"errorlog", "e.log"}, {"daemon", true}}},
        {DiagId::log_of_daemon_lost,
         {{"accesslog", "-"}, {"daemon", true}},
         {{"accesslog", "-"}, {"daemon", true}, {"enable_stdio_inheritance", true}}},
        {DiagId::reload_with_preload, {{"preload_app", true}, {"reload", true}}, {{"preload_app", true}}},
        {DiagId::reuse_port_drops_connections, {{"reuse_port", true}, {"max_requests", 1000}}, {{"reuse_port", true}}},

        {DiagId::no_timeout, {{"timeout", 0}}, {{"timeout", 1}}},
        {DiagId::long_timeout, {{"timeout", 600}}, {{"timeout", 599}}},
        {DiagId::graceful_above_timeout, {{"graceful_timeout", 31}}, {{"graceful_timeout", 30}}},
        {DiagId::graceful_above_timeout, {{"graceful_timeout", 30}, {"timeout", 20}}, {{"timeout", 20}}},
        {DiagId::graceful_above_timeout, {{"graceful_timeout", 300}}, {{"graceful_timeout", 300}, {"timeout", 0}}},
        {DiagId::limit_beyond_gunicorn, {{"limit_request_line", 8191}}, {{"limit_request_line", 8190}}},
        {DiagId::limit_beyond_gunicorn, {{"limit_request_fields", 32769}}, {{"limit_request_fields", 32768}}},
        {DiagId::limit_beyond_gunicorn, {{"limit_request_fields", 0}}, {{"limit_request_line", 0}}},
        {DiagId::limit_beyond_gunicorn, {{"limit_request_field_size", 0}}, {{"limit_request_field_size", 100000}}},
        {DiagId::everyone_trusted,
         {{"forwarded_allow_ips", "*"}, {"bind", "0.0.0.0:80"}},
         {{"forwarded_allow_ips", "*"}, {"bind", "unix:/run/a.sock"}}},
        {DiagId::everyone_trusted,
         {{"forwarded_allow_ips", "10.0.0.1,::/0"}, {"bind", ":80"}},
         {{"forwarded_allow_ips", "10.0.0.0/8"}, {"bind", ":80"}}},
        {DiagId::everyone_trusted,
         {{"proxy_allow_ips", "*"}, {"proxy_protocol", true}, {"bind", ":80"}},
         {{"proxy_allow_ips", "*"}, {"proxy_protocol", true}, {"bind", "127.0.0.1:80"}}},
        {DiagId::everyone_trusted,
         {{"proxy_allow_ips", "10.0.0.1,0.0.0.0/0"}, {"proxy_protocol", "v2"}, {"bind", ":80"}},
         {{"proxy_allow_ips", "10.0.0.0/8"}, {"proxy_protocol", "v2"}, {"bind", ":80"}}},
        {DiagId::reload_left_on, {{"reload", true}, {"workers", 2}}, {{"reload", true}}},
        {DiagId::reload_left_on, {{"reload", true}, {"daemon", true}}, {{"daemon", true}, {"workers", 2}}},
        {DiagId::debug_on_public_address, {{"debug", true}, {"bind", "shop.example:80"}}, {{"debug", true}}},
        {DiagId::more_workers_than_quota, {{"workers", 13}}, {{"workers", 12}}, {.cpu_quota = 2}},
        {DiagId::more_workers_than_quota, {{"workers", 13}}, {{"workers", 13}, {"debug", true}}, {.cpu_quota = 2}},
        {DiagId::too_few_files, {{"worker_connections", 1005}}, {{"worker_connections", 1004}}, {.nofile_limit = 1024}},
        {DiagId::too_few_files, {{"worker_connections", 1000}}, {}, {.nofile_limit = 256}},
        {DiagId::backlog_above_limit, {{"backlog", 129}}, {{"backlog", 128}}, {.somaxconn = 128}},
        {DiagId::backlog_above_limit, {{"backlog", 2048}}, {}, {.somaxconn = 128}},
        {DiagId::useless_scheme_header,
         {{"secure_scheme_headers", Dict{{"HTTP_X_FORWARDED_PROTO", "https"}}}},
         {{"secure_scheme_headers", Dict{{"X-Forwarded-Proto", "https"}}}}},
        {DiagId::more_threads_than_connections,
         {{"worker_connections", 3}, {"threads", 4}},
         {{"worker_connections", 4}, {"threads", 4}}},
        {DiagId::single_connection, {{"worker_connections", 0}}, {{"worker_connections", 1}}},
        {DiagId::unlimited_client, {{"header_timeout", 0}}, {{"header_timeout", 1}}},
        {DiagId::unlimited_client, {{"body_timeout", 0}, {"body_min_rate", 0}}, {{"body_timeout", 0}}},
        {DiagId::unlimited_client, {{"send_timeout", 0}}, {{"body_min_rate", 0}}},
    };
}

TEST_CASE("a rule speaks about the setting that has to change, and not about its neighbours") {
    ConfigWorld world;
    for (const Case& one : cases(world)) {
        CAPTURE(kind_of(one.id).code, one.fires.front().first);
        const Resolution resolution = resolve_file(world, one.fires, one.facts);
        const Diagnostic* found = find(resolution.diagnostics, one.id);
        REQUIRE(found != nullptr);
        CHECK(found->setting == one.fires.front().first);
        CHECK(found->origin.line == 1);
        CHECK(found->severity == kind_of(one.id).severity);
        CHECK_FALSE(found->message.empty());
        CHECK(found->notes.size() == one.fires.size() - 1);
        CHECK(find(resolve_file(world, one.silent, one.silent_facts).diagnostics, one.id) == nullptr);
    }
}

TEST_CASE("every rule of the schema has its case") {
    ConfigWorld world;
    const std::vector<Case> all = cases(world);
    for (const Rule& rule : rules()) {
        const std::string_view about = declaration(rule.about).name;
        CAPTURE(kind_of(rule.id).code, about);
        CHECK(std::any_of(all.begin(), all.end(),
                          [&](const Case& one) { return one.id == rule.id && one.fires.front().first == about; }));
    }
}

TEST_CASE("rules have the codes of settings together, and those codes have rules") {
    for (const DiagKind& kind : diag_kinds()) {
        CAPTURE(kind.code);
        const bool has_rule =
            std::any_of(rules().begin(), rules().end(), [&](const Rule& rule) { return &kind_of(rule.id) == &kind; });
        CHECK(has_rule == kind.code.starts_with("GCF3"));
    }
}

TEST_CASE("rules have nothing to say about the defaults, on any host") {
    ConfigWorld world;
    CHECK(resolve_file(world, {}).diagnostics.empty());
    const RuleFacts harsh{.pid_1 = true, .under_systemd = true, .cpu_quota = 1, .nofile_limit = 64, .somaxconn = 8};
    CHECK(resolve_file(world, {}, harsh).diagnostics.empty());
}

TEST_CASE("what is not known of the host is not judged") {
    ConfigWorld world;
    CHECK(find(resolve_file(world, {{"daemon", true}}).diagnostics, DiagId::daemon_as_first_process) == nullptr);
    CHECK(resolve_file(world, {{"workers", 500}, {"worker_connections", 100000}, {"backlog", 100000}}).diagnostics.empty());
}

TEST_CASE("a rule is left out when a value that it reads was refused") {
    ConfigWorld world;
    const Diagnostics found = resolve_file(world, {{"max_requests_jitter", 50}, {"max_requests", "many"}}).diagnostics;
    CHECK(find(found, DiagId::jitter_without_max_requests) == nullptr);
    CHECK(find(found, DiagId::not_an_integer) != nullptr);
    // The class that runs depends on the threads.
    const Diagnostics unsure =
        resolve_file(world, {{"worker_connections", 1}, {"worker_class", "gthread"}, {"threads", "4 or 5"}}).diagnostics;
    CHECK(find(unsure, DiagId::more_threads_than_connections) == nullptr);
}

TEST_CASE("a finding shows the values, and where the other settings are set") {
    ConfigWorld world;
    const Diagnostics found = resolve_file(world, {{"worker_class", "gevent"}, {"threads", 4}}).diagnostics;
    const Diagnostic* threads = find(found, DiagId::threads_without_effect);
    REQUIRE(threads != nullptr);
    CHECK(threads->message == "has no effect with the worker class 'gevent'");
    CHECK_FALSE(threads->help.empty());
    REQUIRE(threads->notes.size() == 1);
    CHECK(threads->notes[0].message == "worker_class is set here");
    CHECK(threads->notes[0].origin.line == 1);

    const RuleFacts facts{.cpu_quota = 2};
    const Diagnostics quota = resolve_file(world, {{"workers", 129}}, facts).diagnostics;
    REQUIRE(quota.size() == 1);
    CHECK(quota[0].message == "129 workers share a quota of 2 processors");
}

TEST_CASE("what is not secret is shown without passwords, what is secret not at all") {
    Settings settings;
    settings.statsd_host = "statsd://shop:hunter2@stats:8125";
    settings.raw_env = {"TOKEN=hunter2"};
    CHECK(rule_functions::shown(settings, SettingId::statsd_host).find("hunter2") == std::string::npos);
    CHECK(rule_functions::shown(settings, SettingId::raw_env).find("hunter2") == std::string::npos);
    CHECK(rule_functions::shown(settings, SettingId::workers) == "1");
    CHECK(rule_functions::shown(settings, SettingId::errorlog) == "'-'");
}

TEST_CASE("an address is public when other hosts can reach it") {
    for (const char* address : {"0.0.0.0:8000", "0.0.0.0", ":8000", "", "[::]:8000", "10.1.2.3:80", "shop.example:80",
                                "tcp://0.0.0.0:80", "[2001:db8::1]:80", "128.0.0.1"}) {
        CAPTURE(address);
        CHECK(rule_functions::binds_publicly({"127.0.0.1:80", address}));
    }
    for (const char* address :
         {"127.0.0.1:8000", "127.1.2.3", "localhost:8000", "LocalHost", "[::1]:8000", "[::ffff:127.0.0.1]:80",
          "unix:/run/shop.sock", "unix://run/shop.sock", "fd://3", "tcp://127.0.0.1:80", "::1", "/run/shop.sock", "[::"}) {
        CAPTURE(address);
        CHECK_FALSE(rule_functions::binds_publicly({address}));
    }
    CHECK_FALSE(rule_functions::binds_publicly({}));
}

TEST_CASE("a scheme header is useless when no request can match it") {
    const auto is_useless = [](const std::string& name, const RawValue& value) {
        return rule_functions::has_useless_scheme_header(Dict{{"X-FORWARDED-SSL", "on"}, {name, value}});
    };
    for (const char* name : {"HTTP_X_FORWARDED_PROTO", "http_x_scheme", "X-Forwarded-Proto:", "X Scheme", ""}) {
        CAPTURE(name);
        CHECK(is_useless(name, "https"));
    }
    CHECK(is_useless("X-SCHEME", true));
    for (const char* name : {"X-Forwarded-Proto", "x-scheme", "X_SCHEME", "HTTPS"}) {
        CAPTURE(name);
        CHECK_FALSE(is_useless(name, "on"));
    }
    CHECK_FALSE(rule_functions::has_useless_scheme_header(Dict{}));
}

TEST_CASE("numbers of rules stay within their limits") {
    using namespace rule_functions;
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
    CHECK(plus(2, 3) == 5);
    CHECK(plus(kMost, 1) == kMost);
    CHECK(plus(kLeast, -1) == kLeast);
    CHECK(minus(2, 3) == -1);
    CHECK(minus(kLeast, 1) == kLeast);
    CHECK(minus(0, kLeast) == kMost);
    CHECK(times(4, 5) == 20);
    CHECK(times(kMost, 4) == kMost);
    CHECK(times(kMost, -4) == kLeast);
}

}  // namespace
}  // namespace gunicorn::config
