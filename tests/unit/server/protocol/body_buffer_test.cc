#include "server/protocol/body_buffer.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kLimit = BodyBuffer::kMemoryLimit;

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
    return text;
}

std::string read(const BodyBuffer& body, std::uint64_t offset, std::size_t count) {
    std::string out(count, '\0');
    const auto got = body.read_at(offset, out.data(), count);
    REQUIRE(got);
    out.resize(*got);
    return out;
}

/// System calls of this process that wrote something: man 5 proc, io.
long writes_so_far() {
    std::istringstream io(testing::read_text("/proc/self/io"));
    std::string name;
    for (long value = 0; io >> name >> value;) {
        if (name == "syscw:") return value;
    }
    FAIL("the kernel counts no system calls");
    return 0;
}

TEST_CASE("BodyBuffer keeps a body of exactly its limit in memory, and one byte more in a file") {
    const testing::TempDir directory;
    BodyBuffer body(directory.path());
    const std::string text = pattern(kLimit);
    body.append(text);
    CHECK(body.memory() == text);
    body.append("x");
    CHECK(body.memory().empty());
    CHECK(body.size() == kLimit + 1);
    CHECK(read(body, 0, kLimit + 2) == text + "x");
}

TEST_CASE("BodyBuffer gives back what it got, whatever the pieces and wherever it is read") {
    const testing::TempDir directory;
    const std::string text = pattern(kLimit + 300'000);
    for (const std::size_t piece : {1U << 20U, 65'536U, 65'535U, 1000U, 7U}) {
        BodyBuffer body(directory.path());
        for (std::size_t at = 0; at < text.size(); at += piece) {
            body.append(std::string_view(text).substr(at, piece));
        }
        REQUIRE(!body.error());
        CHECK(body.size() == text.size());
        CHECK(read(body, 0, text.size() + 10) == text);
        for (std::size_t at = kLimit - 70'000; at < text.size(); at += 9'973) {
            CHECK(read(body, at, 66'000) == text.substr(at, 66'000));
        }
        CHECK(read(body, text.size(), 1).empty());
        body.clear();
        body.append("next");
        CHECK(body.memory() == "next");
        CHECK(read(body, 1, 10) == "ext");
    }
}

TEST_CASE("BodyBuffer does not make a system call of every byte of a large body") {
    const testing::TempDir directory;
    BodyBuffer body(directory.path());
    body.append(std::string(kLimit, 'm'));
    const long before = writes_so_far();
    for (int i = 0; i < 200'000; ++i) body.append("x");
    CHECK(writes_so_far() - before < 20);
    CHECK(body.size() == kLimit + 200'000);
}

TEST_CASE("BodyBuffer says why a body cannot be kept, and takes no more of it") {
    BodyBuffer body("/nowhere/at/all");
    body.append(std::string(kLimit, 'm'));
    CHECK(!body.error());
    body.append("x");
    CHECK(body.error());
    body.append("y");
    CHECK(body.error());
    body.clear();
    CHECK(!body.error());
}

}  // namespace
}  // namespace gunicorn::server
