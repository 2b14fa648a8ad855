#include <catch2/catch.hpp>

#include "config/validators.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

TEST_CASE("dictionary accepts dictionaries of every kind and nothing else") {
    ConfigWorld world;
    const RawValue odd_keys = world.objects.add({.name = "{1: 2}", .type = "dict", .is_callable = false});
    CHECK(*validators::dictionary(Dict{{"a", 1}}, world.context()) == RawValue(Dict{{"a", 1}}));
    CHECK(*validators::dictionary(odd_keys, world.context()) == odd_keys);
    for (const RawValue& bad : {RawValue(), RawValue("{}"), RawValue(List{}), RawValue(world.objects.function("f", 0))}) {
        CHECK(validators::dictionary(bad, world.context()).error().id == DiagId::not_a_dictionary);
    }
}

TEST_CASE("class_name keeps names and classes") {
    ConfigWorld world;
    CHECK(*validators::class_name(" sync ", world.context()) == ClassValue("sync"));
    const ObjectHandle worker = world.objects.a_class("MyWorker");
    CHECK(*validators::class_name(worker, world.context()) == ClassValue(worker));
    CHECK(world.objects.calls == 0);
}

TEST_CASE("class_name calls a function and judges its result") {
    ConfigWorld world;
    const ObjectHandle worker = world.objects.a_class("MyWorker");
    const ObjectHandle gives_class = world.objects.add({.result = RawValue(worker)});
    const ObjectHandle gives_name = world.objects.add({.type = "method", .result = RawValue("gthread")});
    const ObjectHandle gives_number = world.objects.add({.result = RawValue(3)});
    const ObjectHandle raises = world.objects.add({});
    CHECK(*validators::class_name(gives_class, world.context()) == ClassValue(worker));
    CHECK(*validators::class_name(gives_name, world.context()) == ClassValue("gthread"));
    CHECK(validators::class_name(gives_number, world.context()).error().id == DiagId::not_a_string);
    const auto failed = validators::class_name(raises, world.context());
    CHECK(failed.error().id == DiagId::unknown_class);
    CHECK(failed.error().message.find("RuntimeError: no result") != std::string::npos);
}

TEST_CASE("class_name refuses None, nothing, numbers and callables that are neither functions nor classes") {
    ConfigWorld world;
    const RawValue instance = world.objects.add({.type = "Factory", .result = RawValue("sync")});
    for (const RawValue& bad : {RawValue(), RawValue(""), RawValue("  "), RawValue(3), instance}) {
        CHECK(validators::class_name(bad, world.context()).error().id == DiagId::not_a_string);
    }
    CHECK(world.objects.calls == 0);
}

TEST_CASE("a hook is a callable that takes the right number of positional parameters") {
    ConfigWorld world;
    const ObjectHandle two = world.objects.function("post_fork", 2);
    const auto judged = validators::hook<2>(two, world.context());
    REQUIRE(judged);
    CHECK(*judged == HookValue{true, two, 2});

    const auto refused = validators::hook<1>(two, world.context());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().id == DiagId::wrong_arity);
    CHECK(refused.error().message == "must take 1 positional parameter, not 2");
}

TEST_CASE("a hook without a signature is taken at its word") {
    ConfigWorld world;
    const ObjectHandle builtin = world.objects.function("print", -1);
    CHECK(*validators::hook<2>(builtin, world.context()) == HookValue{true, builtin, 2});
    CHECK(validators::hook_with_arities<4, 3, 2>(builtin, world.context())->arity == 4);
}

TEST_CASE("a hook may have several arities and remembers which one it takes") {
    ConfigWorld world;
    for (const int arity : {4, 3, 2}) {
        const ObjectHandle hook = world.objects.function("post_request", arity);
        CHECK(validators::hook_with_arities<4, 3, 2>(hook, world.context())->arity == arity);
    }
    const ObjectHandle one = world.objects.function("post_request", 1);
    const auto refused = validators::hook_with_arities<4, 3, 2>(one, world.context());
    CHECK(refused.error().message == "must take 4, 3 or 2 positional parameters, not 1");
}

TEST_CASE("a dotted text names a hook, which is imported at once") {
    ConfigWorld world;
    const ObjectHandle hook = world.objects.function("post_fork", 2);
    world.objects.publish("core.hooks.post_fork", hook);
    CHECK(validators::hook<2>(" core.hooks.post_fork ", world.context())->callable == hook);
    CHECK(world.objects.imports == 1);

    const auto missing = validators::hook<2>("nosuch.module.hook", world.context());
    CHECK(missing.error().id == DiagId::no_such_object);
    CHECK(missing.error().message.find("No module named") != std::string::npos);
    CHECK(validators::hook<2>("undotted", world.context()).error().id == DiagId::no_such_object);
    CHECK(validators::hook<1>("core.hooks.post_fork", world.context()).error().id == DiagId::wrong_arity);
    CHECK(world.objects.imports == 3);
}

TEST_CASE("a hook that cannot be called is refused") {
    ConfigWorld world;
    const ObjectHandle module = world.objects.add({.type = "module", .is_callable = false});
    world.objects.publish("pkg.module", module);
    for (const RawValue& bad : {RawValue(), RawValue(3), RawValue(List{}), RawValue(module), RawValue("pkg.module")}) {
        CHECK(validators::hook<1>(bad, world.context()).error().id == DiagId::not_callable);
    }
}

TEST_CASE("without Python a hook stays unset") {
    ValidationContext context;
    CHECK_FALSE(validators::hook<1>("core.hooks.post_fork", context)->is_set);
    CHECK(validators::hook<1>({}, context).error().id == DiagId::not_callable);
}

}  // namespace
}  // namespace gunicorn::config
