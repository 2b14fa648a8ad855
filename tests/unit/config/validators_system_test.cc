#include <catch2/catch.hpp>
#include <filesystem>

#include "config/system_accounts.h"
#include "config/validators.h"
#include "support/config_world.h"
#include "support/temp_dir.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;
using test::TempDir;

TEST_CASE("user and group are a number, digits, a known name, or None for the effective one") {
    ConfigWorld world;
    const ValidationContext context = world.context();
    CHECK(*validators::user({}, context) == 1000);
    CHECK(*validators::group({}, context) == 1001);
    CHECK(*validators::user(0, context) == 0);
    CHECK(*validators::user("33", context) == 33);
    CHECK(*validators::user("007", context) == 7);
    CHECK(*validators::user("www-data", context) == 33);
    CHECK(*validators::group("www-data", context) == 34);
}

TEST_CASE("an account that nobody has is refused by name") {
    ConfigWorld world;
    const ValidationContext context = world.context();
    const auto user = validators::user("ghost", context);
    REQUIRE_FALSE(user);
    CHECK(user.error().id == DiagId::no_such_user);
    CHECK(user.error().message == "No such user: 'ghost'");
    CHECK(validators::group("ghost", context).error().message == "No such group: 'ghost'");
    CHECK(validators::group("ghost", context).error().id == DiagId::no_such_group);
    CHECK(validators::user("", context).error().id == DiagId::no_such_user);
    CHECK(validators::user(-1, context).error().id == DiagId::no_such_user);
    CHECK(validators::user(" 33", context).error().id == DiagId::no_such_user);
}

TEST_CASE("True is no user, and neither is a list") {
    ConfigWorld world;
    const ValidationContext context = world.context();
    CHECK(validators::user(true, context).error().id == DiagId::not_a_string);
    CHECK(validators::group(List{"a"}, context).error().id == DiagId::not_a_string);
    CHECK(validators::user("99999999999999999999", context).error().id == DiagId::out_of_range);
}

TEST_CASE("names pass when there is no account database to ask") {
    ConfigWorld world;
    ValidationContext context = world.context();
    context.accounts = nullptr;
    CHECK(*validators::user("ghost", context) == 1000);
}

TEST_CASE("the accounts of this system have a root") {
    const SystemAccounts accounts;
    CHECK(accounts.user_id("root") == 0);
    CHECK(accounts.group_id("root") == 0);
    CHECK_FALSE(accounts.user_id("no such user, surely"));
    CHECK_FALSE(accounts.group_id("no such group, surely"));
}

TEST_CASE("existing_directory gives the absolute, normalised path") {
    ConfigWorld world;
    const TempDir dir;
    std::filesystem::create_directory(dir.path() + "/sub");
    ValidationContext context = world.context();
    context.working_directory = dir.path();
    CHECK(*validators::existing_directory("sub", context) == dir.path() + "/sub");
    CHECK(*validators::existing_directory(" ./sub/../sub/ ", context) == dir.path() + "/sub");
    CHECK(*validators::existing_directory("", context) == dir.path());
    CHECK(*validators::existing_directory("/", context) == "/");
    CHECK(*validators::existing_directory(dir.path(), context) == dir.path());
}

TEST_CASE("existing_directory refuses what is not there, files, the tilde and None") {
    ConfigWorld world;
    const TempDir dir;
    dir.write("file", "");
    ValidationContext context = world.context();
    context.working_directory = dir.path();
    CHECK(validators::existing_directory("missing", context).error().id == DiagId::no_such_directory);
    CHECK(validators::existing_directory("file", context).error().id == DiagId::no_such_directory);
    CHECK(validators::existing_directory("~", context).error().message.find("~ is not expanded") != std::string::npos);
    CHECK(validators::existing_directory({}, context).error().id == DiagId::not_a_string);
}

TEST_CASE("file_patterns wants plain paths to exist and lets patterns match nothing") {
    ConfigWorld world;
    const TempDir dir;
    dir.write("a.txt", "");
    ValidationContext context = world.context();
    context.working_directory = dir.path();
    const List files{"a.txt", "*.none", "[x]", "b?", dir.path() + "/a.txt", dir.path()};
    const auto judged = validators::file_patterns(files, context);
    REQUIRE(judged);
    CHECK(judged->size() == files.size());
    CHECK(judged->front() == "a.txt");
    CHECK(validators::file_patterns("missing.txt", context).error().id == DiagId::no_such_file);
    CHECK(validators::file_patterns(3, context).error().id == DiagId::not_a_list);
    CHECK(validators::file_patterns({}, context)->empty());
}

}  // namespace
}  // namespace gunicorn::config
