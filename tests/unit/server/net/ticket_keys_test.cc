#include "server/net/ticket_keys.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

TicketKeys made() {
    auto keys = TicketKeys::create();
    REQUIRE(keys);
    return *std::move(keys);
}

bool same(const TicketKeys::Key& a, const TicketKeys::Key& b) {
    return a.name == b.name && a.cipher == b.cipher && a.mac == b.mac;
}

TEST_CASE("each ticket key has a name and secrets of its own") {
    TicketKeys keys = made();
    const TicketKeys::Key first = keys.current();
    CHECK(first.cipher != first.mac);
    REQUIRE(keys.rotate());
    const TicketKeys::Key second = keys.current();
    CHECK(first.name != second.name);
    CHECK(first.cipher != second.cipher);
    CHECK(first.mac != second.mac);
    CHECK(!same(first, made().current()));
}

TEST_CASE("a ticket key is found while it is current and for two rotations more, however often that happens") {
    TicketKeys keys = made();
    for (int turn = 0; turn < 9; ++turn) {  // more than once around the ring
        const TicketKeys::Key key = keys.current();
        for (int rotations = 0; rotations <= 2; ++rotations) {
            const auto found = keys.find(key.name);
            REQUIRE(found);
            CHECK(same(found->key, key));
            CHECK(found->is_current == (rotations == 0));
            REQUIRE(keys.rotate());
        }
        CHECK(!keys.find(key.name));
    }
}

TEST_CASE("places without a key have no name that could be found") {
    const TicketKeys keys = made();
    CHECK(!keys.find(std::array<unsigned char, 16>{}));
}

TEST_CASE("ticket keys move with their owner") {
    TicketKeys keys = made();
    const TicketKeys::Key key = keys.current();
    TicketKeys other(std::move(keys));
    CHECK(same(other.current(), key));
    keys = std::move(other);
    CHECK(same(keys.current(), key));
}

TEST_CASE("a child sees the rotation of its parent, and takes no key away when it ends") {
    auto keys = std::make_unique<TicketKeys>(made());
    auto go = sys::pipe();
    REQUIRE(go);
    const TicketKeys::Key first = keys->current();
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        while (::read(go->read_end.get(), &byte, 1) != 1) {
        }
        const auto old = keys->find(first.name);
        const bool sees = old && !old->is_current && same(old->key, first) && !same(keys->current(), first);
        keys.reset();
        ::_exit(sees ? 0 : 1);
    }
    REQUIRE(keys->rotate());
    REQUIRE(sys::write_all(go->write_end.get(), "x"));
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(keys->find(first.name));
}

TEST_CASE("the keys are wiped by the process that made them") {
    // The child's view of the memory outlives its parent's.
    auto keys = std::make_unique<TicketKeys>(made());
    auto wiped = sys::pipe();
    REQUIRE(wiped);
    const TicketKeys::Key key = keys->current();
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        while (::read(wiped->read_end.get(), &byte, 1) != 1) {
        }
        ::_exit(!keys->find(key.name) && keys->current().mac == decltype(key.mac){} ? 0 : 1);
    }
    keys.reset();
    REQUIRE(sys::write_all(wiped->write_end.get(), "x"));
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("a reader beside rotations sees whole keys only") {
    TicketKeys keys = made();
    const TicketKeys::Key first = keys.current();
    std::atomic<bool> done{false};
    std::uint64_t mixed = 0;
    std::thread reader([&] {
        while (!done) {
            const TicketKeys::Key key = keys.current();
            const auto found = keys.find(key.name);
            // Gone meanwhile, or the same: never another key under that name.
            if (found && !same(found->key, key)) ++mixed;
        }
    });
    for (int i = 0; i < 2000; ++i) REQUIRE(keys.rotate());
    done = true;
    reader.join();
    CHECK(mixed == 0);
    CHECK(!keys.find(first.name));
}

}  // namespace
}  // namespace gunicorn::server
