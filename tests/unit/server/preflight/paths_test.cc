#include "server/preflight/paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/sys.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server::preflight {
namespace {

const Identity kMe = identity_of_master();

struct Folder : testing::TempDir {
    Folder() {
        ::chmod(TempDir::path().c_str(), 0755);
        testing::write_text(path("file"), "x");
        ::mkdir(path("dir").c_str(), 0755);
        ::mkdir(path("closed").c_str(), 0700);
        ::mkdir(path("closed/inner").c_str(), 0755);
        testing::write_text(path("closed/file"), "x");
    }
    using TempDir::path;
};

DiagId id_of(Wish wish, const std::string& path, const Identity& who = kMe) {
    const auto obstacle = obstacle_to(wish, path, who);
    REQUIRE(obstacle);
    return obstacle->id;
}

TEST_CASE("what is there and open is no obstacle") {
    const Folder folder;
    CHECK_FALSE(obstacle_to(Wish::read_file, folder.path("file"), kMe));
    CHECK_FALSE(obstacle_to(Wish::append_to_file, folder.path("file"), kMe));
    CHECK_FALSE(obstacle_to(Wish::append_to_file, folder.path("new"), kMe));
    CHECK_FALSE(obstacle_to(Wish::append_to_file, "/dev/null", kMe));
    CHECK_FALSE(obstacle_to(Wish::make_file, folder.path("new"), kMe));
    CHECK_FALSE(obstacle_to(Wish::make_files_in, folder.path("dir"), kMe));
    CHECK_FALSE(obstacle_to(Wish::read_directory, folder.path("dir"), kMe));
    CHECK_FALSE(obstacle_to(Wish::enter_directory, "/", kMe));
    CHECK(::access(folder.path("new").c_str(), F_OK) != 0);
}

TEST_CASE("a missing directory is named as a whole, with the command that makes it") {
    const Folder folder;
    const auto obstacle = obstacle_to(Wish::make_file, folder.path("a/b/new"), kMe);
    REQUIRE(obstacle);
    CHECK(obstacle->id == DiagId::no_such_directory);
    CHECK(obstacle->text == "the directory '" + folder.path("a/b") + "' does not exist");
    CHECK(obstacle->help == "mkdir -p " + folder.path("a/b"));
    CHECK(id_of(Wish::make_files_in, folder.path("nope")) == DiagId::no_such_directory);
    CHECK(id_of(Wish::read_directory, folder.path("nope")) == DiagId::no_such_directory);
    CHECK(id_of(Wish::append_to_file, folder.path("nope/log")) == DiagId::no_such_directory);
    CHECK(id_of(Wish::read_file, folder.path("nope")) == DiagId::no_such_file);
}

TEST_CASE("a file in place of a directory, and a directory in place of a file, are said so") {
    const Folder folder;
    CHECK(obstacle_to(Wish::make_files_in, folder.path("file"), kMe)->text ==
          "'" + folder.path("file") + "' is not a directory");
    CHECK(id_of(Wish::make_file, folder.path("file/x")) == DiagId::not_writable);
    CHECK(id_of(Wish::read_directory, folder.path("file/x")) == DiagId::not_readable);
    CHECK(obstacle_to(Wish::append_to_file, folder.path("dir"), kMe)->text == "'" + folder.path("dir") + "' is a directory");
    CHECK(id_of(Wish::read_file, folder.path("dir")) == DiagId::not_readable);
    CHECK(id_of(Wish::make_file, folder.path("dir")) == DiagId::not_writable);
}

TEST_CASE("the directory that stops somebody is named, wherever it is on the way") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can ask as somebody else");
        return;
    }
    const Identity stranger{65534, 65534, {65534}};
    const Folder folder;
    const std::string name = name_of_user(65534);
    CHECK(obstacle_to(Wish::read_file, folder.path("closed/file"), stranger)->text ==
          name + " may not enter the directory '" + folder.path("closed") + "'");
    CHECK(id_of(Wish::read_file, folder.path("closed/file"), stranger) == DiagId::not_readable);
    CHECK(id_of(Wish::make_files_in, folder.path("closed/inner"), stranger) == DiagId::not_writable);
    CHECK(obstacle_to(Wish::append_to_file, folder.path("file"), stranger)->text ==
          name + " may not write to '" + folder.path("file") + "'");
    CHECK(obstacle_to(Wish::make_file, folder.path("new"), stranger)->text ==
          name + " may not write to '" + folder.path() + "'");
    CHECK_FALSE(obstacle_to(Wish::read_file, folder.path("file"), stranger));

    ::chmod(folder.path("dir").c_str(), 01777);
    testing::write_text(folder.path("dir/left"), "x");
    CHECK(id_of(Wish::make_file, folder.path("dir/left"), stranger) == DiagId::not_writable);
    CHECK_FALSE(obstacle_to(Wish::make_file, folder.path("dir/new"), stranger));
}

TEST_CASE("relative paths start in the given directory") {
    CHECK(sys::absolute_path("run/x", "/srv") == "/srv/run/x");
    CHECK(sys::absolute_path("/run/x", "/srv") == "/run/x");
    CHECK(folder_of("/x") == "/");
    CHECK(folder_of("/run/x") == "/run");
}

}  // namespace
}  // namespace gunicorn::server::preflight
