#include "config/cross_checks.h"

#include <catch2/catch.hpp>

#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

Resolution resolve_file(ConfigWorld& world, const std::vector<std::pair<std::string, RawValue>>& values) {
    Layers layers;
    int line = 0;
    for (const auto& [setting, value] : values) {
        layers.config_file.push_back({setting, value, {.kind = SourceKind::config_file, .name = "conf.py", .line = ++line}});
    }
    return resolve(layers, world.context());
}

const Diagnostic* find(const Diagnostics& diagnostics, DiagId id) {
    for (const Diagnostic& one : diagnostics) {
        if (one.id == id) return &one;
    }
    return nullptr;
}

TEST_CASE("a log level that nobody knows is a warning with a suggestion, since the server starts with info") {
    ConfigWorld world;
    const Resolution resolution = resolve_file(world, {{"loglevel", "inof"}});
    const Diagnostic* unknown = find(resolution.diagnostics, DiagId::unknown_log_level);
    REQUIRE(unknown != nullptr);
    CHECK(unknown->severity == Severity::warning);
    CHECK(unknown->message == "there is no level 'inof'; info is used");
    CHECK(unknown->help == "did you mean 'info'?");
    CHECK(resolve_file(world, {{"loglevel", "WARN"}}).diagnostics.empty());
}

TEST_CASE("the bundled worker classes are known by all their names") {
    struct Case {
        const char* written;
        int threads;
        const char* effective;
    };
    const Case cases[] = {
        {"sync", 1, "sync"},
        {"sync", 4, "gthread"},
        {"gthread", 1, "gthread"},
        {"egg:gunicorn#sync", 1, "sync"},
        {"egg:gunicorn#gthread", 1, "gthread"},
        {"egg:gunicorn", 2, "gthread"},
        {"#gthread", 1, "gthread"},
        {"gunicorn.workers.sync.SyncWorker", 1, "sync"},
        {"gunicorn.workers.sync.SyncWorker", 2, "gthread"},
        {"gunicorn.workers.gthread.ThreadWorker", 1, "gthread"},
        {"gevent", 4, "gevent"},
        {"gunicorn.workers.gtornado.TornadoWorker", 1, "tornado"},
        {"uvicorn.workers.UvicornWorker", 1, ""},
        {"nosuch", 1, ""},
    };
    ConfigWorld world;
    for (const Case& one : cases) {
        CAPTURE(one.written);
        const Resolution resolution = resolve_file(world, {{"worker_class", one.written}, {"threads", one.threads}});
        CHECK(effective_worker_class_name(resolution.settings) == one.effective);
    }
}

TEST_CASE("a worker class that is built passes, the others are refused by name") {
    ConfigWorld world;
    for (const char* built : {"sync", "gthread", "egg:gunicorn#sync", "gunicorn.workers.gthread.ThreadWorker"}) {
        CHECK(resolve_file(world, {{"worker_class", built}}).diagnostics.empty());
    }
    for (const char* later :
         {"gevent", "eventlet", "tornado", "gevent_wsgi", "gevent_pywsgi", "asgi", "egg:gunicorn#gevent",
          "gunicorn.workers.ggevent.GeventWorker", "uvicorn.workers.UvicornWorker", "egg:other#worker"}) {
        CAPTURE(later);
        const Resolution resolution = resolve_file(world, {{"worker_class", later}});
        const Diagnostic* refused = find(resolution.diagnostics, DiagId::not_supported_yet);
        REQUIRE(refused != nullptr);
        CHECK(refused->setting == "worker_class");
        CHECK(refused->origin.line == 1);
    }
    const RawValue own = world.objects.a_class("MyWorker");
    CHECK(find(resolve_file(world, {{"worker_class", own}}).diagnostics, DiagId::not_supported_yet) != nullptr);
}

TEST_CASE("an unknown worker class is refused with a suggestion") {
    ConfigWorld world;
    const Resolution resolution = resolve_file(world, {{"worker_class", "gthreads"}});
    const Diagnostic* refused = find(resolution.diagnostics, DiagId::unknown_class);
    REQUIRE(refused != nullptr);
    CHECK(refused->message == "there is no worker class 'gthreads'");
    CHECK(refused->help == "did you mean 'gthread'?");
}

}  // namespace
}  // namespace gunicorn::config
