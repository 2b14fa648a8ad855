#include "server/preflight/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <thread>

#include <catch2/catch.hpp>

#include "unit/server/temp_dir.h"

namespace gunicorn::server::preflight {
namespace {

const Identity kStranger{65534, 65534, {65534}};

bool may_open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) ::close(fd);
    return fd >= 0;
}

bool skipped_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: only root can ask as somebody else");
    return true;
}

TEST_CASE("the file system answers as for somebody else, and afterwards as before") {
    if (skipped_without_root()) return;
    const testing::TempDir folder;
    ::chmod(folder.path().c_str(), 0755);
    const std::string file = folder.path("key");
    testing::write_text(file, "x");
    ::chmod(file.c_str(), 0640);

    CHECK(access_error(file, R_OK, identity_of_master()) == 0);
    CHECK(access_error(file, R_OK, kStranger) == EACCES);
    ::chmod(file.c_str(), 0644);
    CHECK(access_error(file, R_OK, kStranger) == 0);
    CHECK(access_error(file, W_OK, kStranger) == EACCES);
    ::chmod(file.c_str(), 0640);

    const Identity before = identity_of_master();
    std::promise<void> go;
    bool may_bystander = false;
    std::thread bystander([&] {
        go.get_future().wait();
        may_bystander = may_open(file);
    });
    {
        const FileIdentity as(kStranger);
        CHECK_FALSE(may_open(file));
        CHECK(::geteuid() == 0);
        go.set_value();
        bystander.join();
        CHECK(may_bystander);
    }
    CHECK(may_open(file));
    CHECK(identity_of_master() == before);
    CHECK(::setfsuid(static_cast<uid_t>(-1)) == 0);
    CHECK(::setfsgid(static_cast<gid_t>(-1)) == static_cast<int>(::getegid()));
}

TEST_CASE("supplementary groups of the workers count, and those of the master do not") {
    if (skipped_without_root()) return;
    const testing::TempDir folder;
    ::chmod(folder.path().c_str(), 0755);
    const std::string file = folder.path("key");
    testing::write_text(file, "x");
    REQUIRE(::chown(file.c_str(), 0, 4242) == 0);
    ::chmod(file.c_str(), 0640);
    CHECK(access_error(file, R_OK, kStranger) == EACCES);
    CHECK(access_error(file, R_OK, {65534, 65534, {65534, 4242}}) == 0);
    CHECK(access_error(file, R_OK, {65534, 4242, {}}) == 0);
}

TEST_CASE("workers have the groups that drop_privileges gives them") {
    config::Settings settings;
    settings.user = ::geteuid();
    settings.group = ::getegid();
    CHECK(identity_of_workers(settings) == identity_of_master());
    if (skipped_without_root()) return;
    settings.user = 33;
    settings.group = 4242;
    CHECK(identity_of_workers(settings) == Identity{33, 4242, {4242}});
}

TEST_CASE("users are called by their name when they have one") {
    CHECK(name_of_user(0) == "'root'");
    CHECK(name_of_user(4242424) == "user 4242424");
}

}  // namespace
}  // namespace gunicorn::server::preflight
