#include "server/arbiter/upgrade_report.h"

#include <catch2/catch.hpp>

#include <string>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

struct World {
    sys::Pipe pipe = *sys::pipe();
    UpgradeReport report;
    bool read() { return report.read(pipe.read_end.get()); }
    [[nodiscard]] int fd() const { return pipe.write_end.get(); }
};

TEST_CASE("the old master hears the messages of the new one, and that it is ready") {
    World world;
    CHECK(world.read());
    report_message(world.fd(), "a warning\n");
    CHECK(world.read());
    report_message(world.fd(), "another one\n");
    CHECK(world.read());
    CHECK(!world.report.is_ready);
    report_ready(world.fd());
    CHECK(!world.read());
    CHECK(world.report.is_ready);
    CHECK(world.report.messages == "a warning\nanother one\n");
}

TEST_CASE("a new master that ends has said why, and was never ready") {
    World world;
    report_message(world.fd(), std::string(10000, 'x'));
    world.pipe.write_end.reset();
    CHECK(!world.read());
    CHECK(!world.report.is_ready);
    CHECK(world.report.messages == std::string(10000, 'x'));
}

TEST_CASE("zero bytes of a message do not say that the new master is ready") {
    World world;
    for (const std::string& text : {std::string("\0", 1), std::string("a\0b", 3), std::string("c\0", 2)}) {
        report_message(world.fd(), text);
        CHECK(world.read());
    }
    CHECK(!world.report.is_ready);
    CHECK(world.report.messages == "abc");
}

TEST_CASE("a message that has no room waits for nobody") {
    World world;
    const std::string page(4096, 'x');
    for (int i = 0; i < 100; ++i) report_message(world.fd(), page);
    CHECK(world.read());
    CHECK(world.report.messages.size() < 100 * page.size());
}

}  // namespace
}  // namespace gunicorn::server
