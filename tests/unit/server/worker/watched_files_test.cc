#include "server/worker/watched_files.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "unit/server/temp_dir.h"

using namespace gunicorn;
using namespace gunicorn::server;
using gunicorn::testing::TempDir;
using gunicorn::testing::write_text;

TEST_CASE("a file that was written has changed, once") {
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    WatchedFiles files;
    files.add({.path = path});
    CHECK_FALSE(files.has_changed(path));
    write_text(path, "12");
    CHECK(files.find_changed() == path);
    CHECK(files.find_changed() == std::nullopt);
    CHECK_FALSE(files.has_changed(folder.path("strange")));
}

TEST_CASE("another file in its place is a change, also of the same size and time") {
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    write_text(folder.path("b.py"), "2");
    std::filesystem::last_write_time(folder.path("b.py"), std::filesystem::last_write_time(path));
    WatchedFiles files;
    files.add({.path = path});
    std::filesystem::rename(folder.path("b.py"), path);
    CHECK(files.has_changed(path));
}

TEST_CASE("a file that is gone has not changed until it is back and another one") {
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    WatchedFiles files;
    files.add({.path = path});
    std::filesystem::rename(path, folder.path("away"));
    CHECK_FALSE(files.has_changed(path));
    std::filesystem::rename(folder.path("away"), path);
    CHECK_FALSE(files.has_changed(path));
    std::filesystem::remove(path);
    write_text(path, "another");
    CHECK(files.has_changed(path));
}

TEST_CASE("what is known of the time when a file was needed counts, not what it is like when it is added") {
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    const auto before = signature_of(path);
    write_text(path, "12");
    WatchedFiles files;
    files.add({.path = path, .is_known = true, .when_needed = before});
    CHECK(files.has_changed(path));

    files.add({.path = folder.path("missing.py"), .is_known = true});
    CHECK(files.find_changed() == std::nullopt);
    write_text(folder.path("missing.py"), "");
    CHECK(files.find_changed() == folder.path("missing.py"));
}

TEST_CASE("adding a file again does not hide its change, but where it was read anew") {
    const TempDir folder;
    const std::string path = folder.path("a.py");
    write_text(path, "1");
    WatchedFiles files;
    files.add({.path = path});
    write_text(path, "12");
    files.add({.path = path});
    CHECK(files.has_changed(path));
    write_text(path, "123");
    files.add({.path = path, .is_known = true, .when_needed = signature_of(path)});
    CHECK_FALSE(files.has_changed(path));
    CHECK(files.size() == 1);
}
