#include "base/sys.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>

#include "support/temp_dir.h"

namespace gunicorn::sys {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a file is read whole") {
    const test::TempDir folder;
    const std::string path = folder.path() + "/file";
    std::ofstream(path) << std::string(100000, 'x');
    const auto text = read_file(path);
    REQUIRE(text);
    CHECK(text->size() == 100000);
}

TEST_CASE("a file above the limit is an error") {
    const auto text = read_file("/dev/zero", 4096);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == EFBIG);
}

TEST_CASE("a named pipe that nobody writes to is an error instead of a hang") {
    const test::TempDir folder;
    const std::string path = folder.path() + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto text = read_file(path, 4096, 1ms);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == ETIMEDOUT);
}

TEST_CASE("a pipe is read until its writer closes it") {
    auto ends = pipe();
    REQUIRE(ends);
    REQUIRE(write_all(ends->write_end.get(), "workers = 2\n"));
    const std::string path = "/proc/self/fd/" + std::to_string(ends->read_end.get());
    ends->write_end = UniqueFd();
    const auto text = read_file(path);
    REQUIRE(text);
    CHECK(*text == "workers = 2\n");
}

TEST_CASE("a directory and a missing file are errors that name them") {
    CHECK(read_file("/").error().code == EISDIR);
    CHECK(read_file("/no/such/file").error().message == "/no/such/file: No such file or directory");
}

TEST_CASE("random bytes fill what they are given and never come twice") {
    std::array<std::byte, 1000> first{};
    std::array<std::byte, 1000> second{};
    REQUIRE(random_bytes(first));
    REQUIRE(random_bytes(second));
    CHECK(first != second);
    CHECK(std::count(first.end() - 100, first.end(), std::byte{0}) < 50);
    CHECK(random_bytes({}));
}

}  // namespace
}  // namespace gunicorn::sys
