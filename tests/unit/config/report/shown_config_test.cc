#include "config/report/shown_config.h"

#include <catch2/catch.hpp>
#include <utility>

#include "config/report/diagnostic_report.h"
#include "config/paste_source.h"
#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

std::string line_of(const std::string& report, const std::string& setting) {
    const std::size_t start = ("\n" + report).find("\n" + setting + " ");
    if (start == std::string::npos) return "no line";
    std::string line = report.substr(start, report.find('\n', start) - start);
    return line.substr(line.find(" = ") + 3);
}

std::string printed(ConfigWorld& world, const Layer& layer) {
    const Resolution resolution = resolve({.config_file = layer}, world.context());
    return print_config(resolution, &world.objects, {}, Secrets::hidden);
}

Origin in_file(int line, int column = 0, std::vector<std::string> variables = {}) {
    return {.kind = SourceKind::config_file, .name = "conf.py", .line = line, .column = column, .variables = std::move(variables)};
}

TEST_CASE("print_config is a sorted line a setting, the names padded to the longest") {
    ConfigWorld world;
    const std::string report = printed(world, {});
    CHECK(report.rfind("access_log_exclude                 = []", 0) == 0);
    std::size_t lines = 0;
    std::string_view previous;
    for (std::size_t at = 0; at < report.size(); ++lines) {
        const std::size_t end = report.find('\n', at);
        const std::string_view line = std::string_view(report).substr(at, end - at);
        CHECK(line.find(" = ") == report.find(" = "));
        CHECK(previous < line);
        previous = line;
        at = end + 1;
    }
    CHECK(lines == kSettingCount);
}

TEST_CASE("values are shown as Gunicorn shows them") {
    ConfigWorld world;
    const ObjectHandle hook = world.objects.function("post_fork", 2);
    const ObjectHandle worker = world.objects.a_class("MyWorker");
    const std::string report = printed(world, {{"post_fork", hook, {}},
                                               {"worker_class", worker, {}},
                                               {"bind", List{"a:1", "b:2"}, {}},
                                               {"proc_name", "two words", {}},
                                               {"daemon", true, {}}});
    CHECK(line_of(report, "post_fork") == "<__config__.post_fork()>");
    CHECK(line_of(report, "pre_fork") == "<Prefork.pre_fork()>");
    CHECK(line_of(report, "on_starting") == "<OnStarting.on_starting()>");
    CHECK(line_of(report, "nworkers_changed") == "<NumWorkersChanged.nworkers_changed()>");
    CHECK(line_of(report, "worker_class") == "<__config__.MyWorker()>");
    CHECK(line_of(report, "bind") == "['a:1', 'b:2']");
    CHECK(line_of(report, "proc_name") == "two words");
    CHECK(line_of(report, "pidfile") == "None");
    CHECK(line_of(report, "workers") == "1");
    CHECK(line_of(report, "user") == "1000");
    CHECK(line_of(report, "secure_scheme_headers") ==
          "{'X-FORWARDED-PROTOCOL': 'ssl', 'X-FORWARDED-PROTO': 'https', 'X-FORWARDED-SSL': 'on'}");
}

TEST_CASE("secrets are redacted where somebody set them") {
    ConfigWorld world;
    Origin origin{.kind = SourceKind::config_file, .name = "conf.py", .line = 1};
    const std::string report = printed(world, {{"raw_env", List{"DB_PASSWORD=hunter2"}, origin}});
    CHECK(line_of(report, "raw_env") == "['DB_PASSWORD=[redacted]']");
    CHECK(report.find("hunter2") == std::string::npos);
    CHECK(line_of(printed(world, {}), "raw_env") == "[]");
}

TEST_CASE("values for a paste application are redacted in every form") {
    ConfigWorld world;
    const Layer layer{{"raw_paste_global_conf", List{"a=hunter2"}, in_file(1)}, {"raw_paste_global_conf", List{"hunter2"}, in_file(2)}};
    const Resolution resolution = resolve({.config_file = layer}, world.context());
    for (const ShownForm form : {ShownForm::gunicorn, ShownForm::table, ShownForm::json, ShownForm::python, ShownForm::ini}) {
        CHECK(show_config(resolution, &world.objects, form, {}, Secrets::hidden).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("secrets are shown to those who ask") {
    ConfigWorld world;
    const Resolution resolution = resolve({.config_file = {{"raw_env", List{"DB_PASSWORD=hunter2"}, {}}}}, world.context());
    for (const ShownForm form : {ShownForm::gunicorn, ShownForm::table, ShownForm::json, ShownForm::python, ShownForm::ini}) {
        CHECK(show_config(resolution, &world.objects, form, {}, Secrets::shown).find("hunter2") != std::string::npos);
        CHECK(show_config(resolution, &world.objects, form, {}, Secrets::hidden).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a mistake among secrets does not tell them") {
    ConfigWorld world;
    const RawValue mistakes[] = {List{"DB_PASSWORD=hunter2", 3}, List{"DB=hunter2", "hunter2"}, List{List{"DB", "hunter2"}}, "hunter2"};
    for (const RawValue& mistake : mistakes) {
        const Resolution resolution = resolve({.config_file = {{"raw_env", mistake, {}}}}, world.context());
        CHECK_FALSE(resolution.is_usable());
        CHECK(format_diagnostics(resolution.diagnostics, {}, {}).find("hunter2") == std::string::npos);
    }
    const Resolution logging = resolve({.config_file = {{"logconfig_dict", List{"hunter2"}, {}}}}, world.context());
    REQUIRE(logging.diagnostics.size() == 1);
    CHECK(logging.diagnostics[0].message.find("not a value of type list") != std::string::npos);
}

std::string table(ConfigWorld& world, const Layers& layers, const Selection& selection) {
    return show_config(resolve(layers, world.context()), &world.objects, ShownForm::table, selection, Secrets::hidden);
}

std::string spaces(std::size_t count) { return std::string(count, ' '); }

TEST_CASE("the table says where a value comes from and what it replaced") {
    ConfigWorld world;
    const Layers layers{.config_file = {{"workers", 2, in_file(3)}, {"workers", 4, in_file(14, 11, {"WEB_CONCURRENCY"})}},
                        .command_line = {{"threads", "x", Origin{.kind = SourceKind::command_line, .position = 2}}}};
    CHECK(table(world, layers, {.names = {"workers"}}) ==
          "workers  4" + spaces(41) + "conf.py:14:11 <- $WEB_CONCURRENCY\n" + spaces(11) + "replaces conf.py:3: 2\n");
    CHECK(table(world, layers, {.names = {"threads"}}) ==
          "threads  1" + spaces(41) + "default\n" + spaces(11) + "refused command line, argument 2: 'x'\n");
    CHECK(table(world, layers, {.names = {"backlog"}}) == "backlog  2048" + spaces(38) + "default\n");
}

TEST_CASE("the table names a variable that replaced a default, and the default is no loser") {
    ConfigWorld world;
    world.environment["WEB_CONCURRENCY"] = "3";
    CHECK(table(world, {.config_file = {{"workers", 4, in_file(1)}}}, {.names = {"workers"}}) ==
          "workers  4" + spaces(41) + "conf.py:1\n" + spaces(11) + "replaces environment variable WEB_CONCURRENCY: 3\n");
}

TEST_CASE("only changed settings are those whose value differs from the default, wherever it comes from") {
    ConfigWorld world;
    world.environment["WEB_CONCURRENCY"] = "3";
    world.environment["FORWARDED_ALLOW_IPS"] = "127.0.0.1,::1";
    const Layers layers{.config_file = {{"threads", 1, in_file(1)}, {"user", 1000, in_file(2)}, {"group", 7, in_file(3)}}};
    CHECK(table(world, layers, {.changed_only = true}) == "group    7" + spaces(41) + "conf.py:3\n" + "workers  3" + spaces(41) +
                                                              "environment variable WEB_CONCURRENCY\n");
    CHECK(table(world, layers, {.names = {"threads", "group"}, .changed_only = true}) == "group  7" + spaces(41) + "conf.py:3\n");
    CHECK(table(world, {.config_file = {{"on_exit", world.objects.function("bye", 1), in_file(1)}}},
                {.names = {"on_exit"}, .changed_only = true}) ==
          "on_exit  <__config__.bye>" + spaces(26) + "conf.py:1\n");
}

TEST_CASE("nothing in the table reaches a terminal that obeys it") {
    ConfigWorld world;
    Origin origin = in_file(1, 1, {"A\x1b[2J"});
    origin.name = "evil\x1b]0;\n\xc2\x9b.py";
    const ObjectHandle hook = world.objects.function("f\x1b[31m\nworkers = 9", 1);
    const Layers layers{.config_file = {{"proc_name", "a\x1b[2J\x07\xc2\x9b" "31m\xe2\x80\xae\xff" "b\nc", origin},
                                        {"secure_scheme_headers", Dict{{"\x1b[1m", "\r"}}, origin},
                                        {"on_exit", hook, origin}}};
    for (const ShownForm form : {ShownForm::table, ShownForm::python, ShownForm::ini}) {
        const Resolution resolution = resolve(layers, world.context());
        const std::string text =
            show_config(resolution, &world.objects, form, {.changed_only = form != ShownForm::ini}, Secrets::hidden);
        for (const std::string_view bad : {"\x1b", "\x07", "\r", "\nworkers = 9"}) {
            if (form == ShownForm::ini && bad != "\nworkers = 9") continue;  // a file of values, as they are
            INFO(text);
            CHECK(text.find(bad) == std::string::npos);
        }
    }
}

// --- python ---------------------------------------------------------------------------------------------------------------

std::string as_python(ConfigWorld& world, const Layer& layer, const Selection& selection) {
    return show_config(resolve({.config_file = layer}, world.context()), &world.objects, ShownForm::python, selection,
                       Secrets::hidden);
}

/// Without the line that says who made it.
std::string body(const std::string& file) { return file.substr(file.find('\n') + 1); }

TEST_CASE("the python form is made of assignments that the settings take") {
    ConfigWorld world;
    const Layer layer{{"workers", "0x10", {}},
                      {"bind", List{"a:1", "unix:/b"}, {}},
                      {"forwarded_allow_ips", "10.0.0.1 , ::1", {}},
                      {"sendfile", false, {}},
                      {"proc_name", "it's", {}},
                      {"umask", "022", {}},
                      {"secure_scheme_headers", Dict{{"X-A", "b"}, {"$odd", List{1, 2.5, RawValue()}}}, {}}};
    CHECK(body(as_python(world, layer, {.changed_only = true})) ==
          "bind = ['a:1', 'unix:/b']\n"
          "forwarded_allow_ips = '10.0.0.1,::1'\n"
          "proc_name = \"it's\"\n"
          "secure_scheme_headers = {'X-A': 'b', '$odd': [1, 2.5, None]}\n"
          "sendfile = False\n"
          "umask = 18\n"
          "workers = 16\n");
}

TEST_CASE("the python form writes every setting or says why it cannot") {
    ConfigWorld world;
    const std::string file = as_python(world, {}, {});
    CHECK(file.starts_with("# Made by gunicorn "));
    for (const Declaration& setting : declarations()) {
        const std::string name(setting.name);
        const bool is_written = file.find("\n" + name + " = ") != std::string::npos;
        const bool is_explained = file.find("\n# " + name + " is ") != std::string::npos;
        INFO(name);
        CHECK(is_written != is_explained);
    }
    CHECK(file.find("# config is about one run of the command\n") != std::string::npos);
    CHECK(file.find("# on_exit is not set\n") != std::string::npos);
    CHECK(file.find("\npidfile = None\n") != std::string::npos);
}

TEST_CASE("objects are written by the dotted path that named them, else in a comment") {
    ConfigWorld world;
    world.objects.publish("shop.hooks.bye", world.objects.function("bye", 1));
    const Layer layer{{"on_exit", "shop.hooks.bye", {}},
                      {"when_ready", world.objects.function("ready", 1), {}},
                      {"worker_class", world.objects.a_class("MyWorker"), {}},
                      {"logger_class", "shop.log.Logger", {}},
                      {"secure_scheme_headers", Dict{{"A", List{world.objects.a_class("H")}}}, {}}};
    CHECK(body(as_python(world, layer, {.changed_only = true})) ==
          "logger_class = 'shop.log.Logger'\n"
          "on_exit = 'shop.hooks.bye'\n"
          "# secure_scheme_headers is a Python object and cannot be written: {'A': [<__config__.H>]}\n"
          "# when_ready is a Python object and cannot be written: <__config__.ready>\n"
          "# worker_class is a Python object and cannot be written: <__config__.MyWorker>\n");
}

TEST_CASE("a redacted setting does not load back without a word") {
    ConfigWorld world;
    const Layer layer{{"raw_env", List{"PASSWORD=x"}, {}}, {"statsd_prefix", "http://u:hunter2@h/", {}}};
    const Resolution resolution = resolve({.config_file = layer}, world.context());
    for (const ShownForm form : {ShownForm::python, ShownForm::ini}) {
        const std::string file = show_config(resolution, &world.objects, form, {}, Secrets::hidden);
        CHECK(file.find("\n# raw_env is redacted") != std::string::npos);
        CHECK(file.find("\n# statsd_prefix is redacted") != std::string::npos);
        CHECK(file.find("[redacted]") == std::string::npos);
    }
}

// --- ini ------------------------------------------------------------------------------------------------------------------

/// What the ini form of the layer's settings gives when it is read and resolved again.
struct RoundTrip {
    Resolution before;
    std::string file;
    Resolution after;
    SourceReading reading;

    RoundTrip(ConfigWorld& world, const Layer& layer, const Selection& selection) {
        before = resolve({.config_file = layer}, world.context());
        file = show_config(before, &world.objects, ShownForm::ini, selection, Secrets::shown);
        reading = PasteSource(parse_paste_spec("made.ini", "/")).read_text(file);
        after = resolve({.paste = reading.assignments}, world.context());
    }
    bool is_same(std::string_view name) const {
        const Declaration& setting = *find_setting(name);
        return setting.get(before.settings) == setting.get(after.settings);
    }
    bool is_comment(const std::string& name) const { return file.find("\n# " + name + " ") != std::string::npos; }
};

TEST_CASE("the ini form loads back to the same values") {
    ConfigWorld world;
    world.objects.publish("shop.hooks.bye", world.objects.function("bye", 1));
    const Layer layer{{"workers", 16, {}},
                      {"bind", List{"127.0.0.1:8001", "[::1]:8002", "unix:/a b"}, {}},
                      {"forwarded_allow_ips", "10.0.0.0/8,::1", {}},
                      {"forwarder_headers", "", {}},
                      {"raw_env", List{"A=100%"}, {}},
                      {"preload_app", true, {}},
                      {"sendfile", true, {}},
                      {"access_log_format", "%(h)s %% \"%({x}i)s\" ; # not a comment", {}},
                      {"proc_name", "first = 1: two\n[third]\nuse = x\n%(here)s", {}},
                      {"accesslog", "", {}},
                      {"pidfile", "/tmp/\xff\xfe\xc3\xa4", {}},
                      {"umask", 18, {}},
                      {"user", 1000, {}},
                      {"worker_class", "gthread", {}},
                      {"header_map", "dangerous", {}},
                      {"on_exit", "shop.hooks.bye", {}},
                      {"default_proc_name", "; odd", {}}};
    for (const bool changed_only : {false, true}) {
        const RoundTrip trip(world, layer, {.changed_only = changed_only});
        INFO(trip.file);
        CHECK_FALSE(has_errors(trip.before.diagnostics));
        CHECK(trip.reading.diagnostics.empty());
        CHECK_FALSE(has_errors(trip.after.diagnostics));
        for (const Declaration& setting : declarations()) {
            INFO(setting.name);
            CHECK(trip.is_same(setting.name));
        }
        for (const Assignment& assignment : layer) CHECK_FALSE(trip.is_comment(assignment.setting));
    }
}

TEST_CASE("the ini form of the changed settings leaves default_proc_name as it is") {
    ConfigWorld world;
    const RoundTrip trip(world, {{"workers", 3, {}}}, {.changed_only = true});
    CHECK(trip.is_same("default_proc_name"));
    CHECK(body(trip.file) == "[server:main]\nuse = egg:gunicorn#main\ndefault_proc_name = gunicorn\nworkers = 3\n");
}

TEST_CASE("what INI cannot carry is a comment, and the file loads without it") {
    ConfigWorld world;
    const Layer layer{{"sendfile", RawValue(), {}},
                      {"errorlog", RawValue(), {}},
                      {"raw_env", List{"A=1", "B=2"}, {}},
                      {"secure_scheme_headers", Dict{{"X-A", "b"}}, {}},
                      {"proc_name", "one\n\nthree", {}},
                      {"statsd_prefix", "one\n# two", {}},
                      {"syslog_prefix", "one\n  two", {}},
                      {"pidfile", "a\rb", {}},
                      {"dogstatsd_tags", std::string("a\0b", 3), {}},
                      {"bind", List{"unix:a,b"}, {}},
                      {"post_fork", world.objects.function("f\n[evil]", 2), {}}};
    const RoundTrip trip(world, layer, {});
    INFO(trip.file);
    CHECK(trip.reading.diagnostics.empty());
    for (const Assignment& assignment : layer) CHECK(trip.is_comment(assignment.setting));
    CHECK(trip.file.find("# errorlog cannot be written in INI: None\n") != std::string::npos);
    CHECK(trip.file.find("# pidfile cannot be written in INI: 'a\\rb'\n") != std::string::npos);
    CHECK(trip.file.find("# sendfile is at its default, None\n") != std::string::npos);
    CHECK(trip.file.find("\n[evil]") == std::string::npos);
}

}  // namespace
}  // namespace gunicorn::config
