#include "config/paste_source.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/sys.h"
#include "support/temp_dir.h"

namespace gunicorn::config {
namespace {

SourceReading read(std::string_view text, std::string name = "main", PasteSource::GlobalConf global_conf = {}) {
    return PasteSource(PasteSpec{"dev.ini", "/deploy/dev.ini", std::move(name)}, std::move(global_conf)).read_text(text);
}

const Assignment* find(const SourceReading& reading, std::string_view setting) {
    const auto found = std::find_if(reading.assignments.rbegin(), reading.assignments.rend(),
                                    [&](const Assignment& one) { return one.setting == setting; });
    return found == reading.assignments.rend() ? nullptr : &*found;
}

RawValue value_of(const SourceReading& reading, std::string_view setting) {
    const Assignment* found = find(reading, setting);
    return found == nullptr ? RawValue("not mentioned") : found->value;
}

std::string shown(const SourceReading& reading) {
    std::string out;
    for (const Assignment& one : reading.assignments) {
        out += std::to_string(one.origin.line) + ": " + one.setting + " = " + repr(one.value) + "\n";
    }
    for (const Diagnostic& one : reading.diagnostics) out += to_string(one) + "\n";
    return out;
}

TEST_CASE("every paste file of the corpus gives what its .expected says") {
    const std::filesystem::path corpus = std::filesystem::path(GN_SOURCE_DIR) / "tests/corpus/config/paste";
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
        if (entry.path().extension() != ".ini") continue;
        ++files;
        CAPTURE(entry.path().filename());
        const std::string name = entry.path().filename().string();
        const auto text = sys::read_file(entry.path().string());
        REQUIRE(text);
        const std::filesystem::path expectation = std::filesystem::path(entry.path()).replace_extension(".expected");
        const std::string got = shown(PasteSource(PasteSpec{name, "/deploy/" + name}).read_text(*text));
        if (std::getenv("GN_UPDATE") != nullptr) std::ofstream(expectation) << got;
        const auto expected = sys::read_file(expectation.string());
        REQUIRE(expected);
        CHECK(got == *expected);
    }
    CHECK(files >= 7);
}

TEST_CASE("--paste names a file and perhaps an application") {
    const PasteSpec plain = parse_paste_spec("conf/dev.ini", "/srv");
    CHECK(plain.written == "conf/dev.ini");
    CHECK(plain.path == "/srv/conf/dev.ini");
    CHECK(plain.name == "main");
    const PasteSpec named = parse_paste_spec("/etc/dev.ini#admin", "/srv");
    CHECK(named.path == "/etc/dev.ini");
    CHECK(named.written == "/etc/dev.ini");
    CHECK(named.name == "admin");
    CHECK(parse_paste_spec("dev.ini#", "/srv").name == "main");
}

TEST_CASE("the section of the named server is read when there is one, else that of main") {
    constexpr std::string_view kText = "[server:main]\nworkers=1\n[server: admin]\nworkers=2\n";
    CHECK(value_of(read(kText), "workers") == RawValue("1"));
    CHECK(value_of(read(kText, "admin"), "workers") == RawValue("2"));
    CHECK(value_of(read(kText, "other"), "workers") == RawValue("1"));
    CHECK(value_of(read("[server]\nworkers=3\n"), "workers") == RawValue("3"));
}

TEST_CASE("every assignment knows its file and line") {
    const SourceReading reading = read("[server:main]\n\n# comment\nworkers = 4\n");
    const Assignment* workers = find(reading, "workers");
    REQUIRE(workers != nullptr);
    CHECK(workers->origin.kind == SourceKind::paste);
    CHECK(workers->origin.name == "dev.ini");
    CHECK(workers->origin.line == 4);
}

TEST_CASE("host and port become bind, in the way Gunicorn joins them") {
    CHECK(value_of(read("[server:main]\nhost=h\nport=1\n"), "bind") == RawValue(List{"h:1"}));
    CHECK(value_of(read("[server:main]\nhost=h:1,g:2\n"), "bind") == RawValue(List{"h:1", "g:2"}));
    CHECK(value_of(read("[server:main]\nhost=::1\nport=1\n"), "bind") == RawValue(List{"[::1]:1"}));
    CHECK(value_of(read("[server:main]\nhost=[::1]\nport=1\n"), "bind") == RawValue(List{"[::1]:1"}));
    CHECK(value_of(read("[server:main]\nport=1\n"), "bind") == RawValue(List{"127.0.0.1:1"}));
    CHECK(value_of(read("[server:main]\nhost=\nport=\n"), "bind") == RawValue("not mentioned"));
}

TEST_CASE("what --paste-global says can be interpolated and is weaker than the file") {
    const SourceReading reading =
        read("[DEFAULT]\nb = file\n[server:main]\nproc_name = %(a)s-%(b)s\n", "main", {{"a", "given"}, {"b", "given"}});
    CHECK(value_of(reading, "proc_name") == RawValue("given-file"));
}

TEST_CASE("here and __file__ are the file's place") {
    CHECK(value_of(read("[server:main]\nproc_name=%(here)s\n"), "proc_name") == RawValue("/deploy"));
    CHECK(value_of(read("[server:main]\nproc_name=%(__file__)s\n"), "proc_name") == RawValue("/deploy/dev.ini"));
}

TEST_CASE("a file with [loggers] configures the logging") {
    CHECK(value_of(read("[loggers]\nkeys=root\n"), "logconfig") == RawValue("/deploy/dev.ini"));
    CHECK(value_of(read("[server:main]\nlogconfig=other.ini\n[loggers]\nkeys=root\n"), "logconfig") ==
          RawValue("other.ini"));
    CHECK(value_of(read("[server:main]\n"), "logconfig") == RawValue("not mentioned"));
    CHECK(value_of(read(""), "default_proc_name") == RawValue("/deploy/dev.ini"));
}

TEST_CASE("long lines and long keys arrive whole") {
    const std::string longer(100000, 'x');
    CHECK(value_of(read("[server:main]\nproc_name = " + longer + "\n"), "proc_name") == RawValue(longer));
    const SourceReading reading = read("[server:main]\n" + std::string(300, 'k') + " = 1\n more\nworkers = 2");
    CHECK(value_of(reading, "workers") == RawValue("2"));
    CHECK(reading.diagnostics.size() == 1);
}

TEST_CASE("line ends of Windows and a byte order mark do no harm") {
    const SourceReading reading = read("\xef\xbb\xbf[server:main]\r\nworkers = 4\r\nproc_name = a\r\n  b\r\n");
    CHECK(reading.diagnostics.empty());
    CHECK(value_of(reading, "workers") == RawValue("4"));
    CHECK(value_of(reading, "proc_name") == RawValue("a\nb"));
}

TEST_CASE("a NUL byte is bad syntax on its line") {
    const SourceReading reading = read(std::string_view("[server:main]\nworkers\0 = 4\n", 27));
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].id == DiagId::bad_syntax);
    CHECK(reading.diagnostics[0].origin.line == 2);
    CHECK(reading.assignments.empty());
}

TEST_CASE("a value that refers to itself ends as bad syntax") {
    const SourceReading reading = read("[server:main]\nproc_name = %(x)s\nx = %(y)s\ny = %(x)s\n");
    CHECK(reading.diagnostics[0].id == DiagId::bad_syntax);
    CHECK(reading.diagnostics[0].setting == "proc_name");
}

TEST_CASE("a value that grows with every name it refers to ends as bad syntax") {
    std::string text = "[server:main]\nbind = %(i)s\na =\n";
    for (char name = 'b'; name <= 'i'; ++name) {
        text += std::string(1, name) + " =";
        for (int i = 0; i < 30; ++i) text += std::string(" %(") + static_cast<char>(name - 1) + ")s";
        text += "\n";
    }
    const SourceReading reading = read(text);
    CHECK(find(reading, "bind") == nullptr);
    CHECK(std::any_of(reading.diagnostics.begin(), reading.diagnostics.end(), [](const Diagnostic& one) {
        return one.id == DiagId::bad_syntax && one.setting == "bind" && one.origin.line == 2;
    }));
}

TEST_CASE("a file is read from disk, and one that cannot be read is a diagnostic") {
    const test::TempDir dir;
    dir.write("dev.ini", "[server:main]\nworkers = 4\n");
    PasteSource good(parse_paste_spec("dev.ini", dir.path()));
    CHECK(value_of(good.read(), "workers") == RawValue("4"));

    PasteSource missing(parse_paste_spec("missing.ini", dir.path()));
    const SourceReading reading = missing.read();
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].id == DiagId::unreadable_file);
    CHECK(reading.diagnostics[0].message == "'" + dir.path() + "/missing.ini' not found");
    CHECK(reading.assignments.empty());

    PasteSource directory(parse_paste_spec(".", dir.path()));
    CHECK(directory.read().diagnostics.at(0).id == DiagId::unreadable_file);
}

}  // namespace
}  // namespace gunicorn::config
