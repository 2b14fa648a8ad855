#include "server/worker/reloader.h"

#include <poll.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "unit/server/temp_dir.h"

using namespace gunicorn;
using namespace gunicorn::server;
using gunicorn::testing::TempDir;
using gunicorn::testing::write_text;

namespace {

class Lines final : public gateway::LogSink {
public:
    void write(gateway::LogLevel, std::string_view message) override { lines.emplace_back(message); }
    [[nodiscard]] bool is_enabled(gateway::LogLevel) const override { return true; }
    void reopen() override {}
    std::vector<std::string> lines;
};

/// A reloader whose thorough looks come when the test says so.
struct Developer {
    Developer(Reloader::Engine engine, std::vector<std::string> patterns = {}) : reloader(engine, std::move(patterns), log) {}

    std::optional<std::string> look_thoroughly(const std::vector<gateway::LoadedFile>& loaded = {}) {
        const auto changed = reloader.look(loaded, at);
        at = Clock::now() + std::chrono::minutes(1);
        return changed;
    }
    /// Only at what the kernel has told.
    std::optional<std::string> look_where_told() {
        reloader.on_readable();
        return reloader.look({}, TimePoint{});
    }
    bool is_told() const {
        pollfd wait{reloader.fd(), POLLIN, 0};
        return ::poll(&wait, 1, 0) == 1;
    }

    Lines log;
    Reloader reloader;
    TimePoint at = Clock::now();
};

using Engine = Reloader::Engine;

}  // namespace

TEST_CASE("every engine finds what has changed") {
    const auto engine = GENERATE(Engine::automatic, Engine::inotify, Engine::poll);
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    Developer developer(engine);
    CHECK((developer.reloader.fd() == -1) == (engine == Engine::poll));
    CHECK(developer.look_thoroughly({{.path = path}}) == std::nullopt);
    write_text(path, "12");
    if (engine != Engine::poll) {
        CHECK(developer.is_told());
        CHECK(developer.look_where_told() == path);
    } else {
        CHECK(developer.look_thoroughly() == path);
    }
    CHECK(developer.look_thoroughly() == std::nullopt);
    CHECK(developer.log.lines.empty());
}

TEST_CASE("what changed before the first look is found by it") {
    const auto engine = GENERATE(Engine::inotify, Engine::poll);
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    const auto before = signature_of(path);
    write_text(path, "12");
    Developer developer(engine);
    CHECK(developer.look_thoroughly({{.path = path, .is_known = true, .when_needed = before}}) == path);
}

TEST_CASE("it is due when the kernel tells something, and every second") {
    const TempDir folder;
    write_text(folder.path("a.py"), "1");
    Developer developer(Engine::inotify);
    CHECK(developer.reloader.is_due(Clock::now()));
    developer.look_thoroughly({{.path = folder.path("a.py")}});
    const TimePoint now = Clock::now();
    CHECK_FALSE(developer.reloader.is_due(now));
    write_text(folder.path("a.py"), "12");
    developer.reloader.on_readable();
    CHECK(developer.reloader.is_due(now));
    CHECK_FALSE(developer.reloader.wants_files(now));
    CHECK(developer.reloader.wants_files(now + std::chrono::minutes(1)));
}

TEST_CASE("other files of a watched directory are nobody's business") {
    const TempDir folder;
    write_text(folder.path("a.py"), "1");
    Developer developer(Engine::inotify);
    developer.look_thoroughly({{.path = folder.path("a.py")}});
    write_text(folder.path("access.log"), "line");
    CHECK(developer.look_where_told() == std::nullopt);
}

TEST_CASE("a directory that was moved away is watched again when another one is there") {
    const TempDir folder;
    namespace fs = std::filesystem;
    fs::create_directories(folder.path("project/package"));
    const std::string path = folder.path("project/package/a.py");
    write_text(path, "1");
    Developer developer(Engine::inotify);
    developer.look_thoroughly({{.path = path}});
    fs::rename(folder.path("project"), folder.path("before"));
    CHECK(developer.look_thoroughly() == std::nullopt);
    fs::create_directories(folder.path("project/package"));
    write_text(path, "12");
    CHECK(developer.look_thoroughly() == path);
    write_text(path, "123");
    CHECK(developer.look_where_told() == path);
}

TEST_CASE("links are followed: what they lead to, and where") {
    const TempDir folder;
    namespace fs = std::filesystem;
    fs::create_directories(folder.path("elsewhere"));
    write_text(folder.path("elsewhere/a.py"), "1");
    const std::string path = folder.path("a.py");
    fs::create_symlink("elsewhere/a.py", path);
    Developer developer(Engine::inotify);
    developer.look_thoroughly({{.path = path}});
    write_text(folder.path("elsewhere/a.py"), "12");
    CHECK(developer.look_thoroughly() == path);
}

TEST_CASE("a link that is made where a file was is seen by the next thorough look") {
    const TempDir folder;
    namespace fs = std::filesystem;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    write_text(folder.path("b.py"), "12");
    Developer developer(Engine::inotify);
    developer.look_thoroughly({{.path = path}});
    fs::remove(path);
    fs::create_symlink("b.py", path);
    CHECK(developer.look_where_told() == std::nullopt);
    CHECK(developer.look_thoroughly() == path);
}

TEST_CASE("a file that matches a pattern later is a change, one that always did is watched") {
    const auto engine = GENERATE(Engine::inotify, Engine::poll);
    const TempDir folder;
    write_text(folder.path("a.html"), "1");
    Developer developer(engine, {folder.path("**/*.html"), folder.path("plain.toml")});
    CHECK(developer.look_thoroughly() == std::nullopt);
    std::filesystem::create_directory(folder.path("deep"));
    write_text(folder.path("deep/b.html"), "1");
    CHECK(developer.look_thoroughly() == folder.path("deep/b.html"));
    CHECK(developer.look_thoroughly() == std::nullopt);
    write_text(folder.path("plain.toml"), "1");
    developer.reloader.on_readable();
    CHECK(developer.look_thoroughly() == folder.path("plain.toml"));
}

TEST_CASE("engines have the names of the setting") {
    CHECK(Reloader::engine_named("auto") == Engine::automatic);
    CHECK(Reloader::engine_named("inotify") == Engine::inotify);
    CHECK(Reloader::engine_named("poll") == Engine::poll);
}
