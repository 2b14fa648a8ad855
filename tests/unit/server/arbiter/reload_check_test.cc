#include "server/arbiter/reload_check.h"

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

TEST_CASE("a check knows whose reload it is for, and the sockets in the place of bind") {
    CHECK(to_string(ReloadCheck{17, {}}) == "17");
    CHECK(to_string(ReloadCheck{17, {3, 4}}) == "17:3,4");
    CHECK(parse_reload_check("17") == ReloadCheck{17, {}});
    CHECK(parse_reload_check("17:3,4") == ReloadCheck{17, {3, 4}});
    CHECK(parse_reload_check("17:3").inherited() == Inheritance{.descriptors = {3}, .by_systemd = true});
    CHECK(parse_reload_check("17").inherited() == Inheritance{});
}

TEST_CASE("what is no number says nothing of a master or a socket") {
    CHECK(parse_reload_check("") == ReloadCheck{});
    CHECK(parse_reload_check("yes") == ReloadCheck{});
    CHECK(parse_reload_check("99999999999:x,5,") == ReloadCheck{0, {5}});
}

}  // namespace
}  // namespace gunicorn::server
