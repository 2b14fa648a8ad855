#include "config/validators.h"

#include <catch2/catch.hpp>

#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;
using validators::ChoiceCase;
using validators::Texts;
using OptionalText = std::optional<std::string>;

template <class T>
struct Accepted {
    RawValue given;
    T kept;
};
struct Refused {
    RawValue given;
    DiagId id;
};

/// Every row of both tables, against one validator.
template <class T, class Validator>
void check_table(Validator validate, const std::vector<Accepted<T>>& accepted, const std::vector<Refused>& refused) {
    ConfigWorld world;
    for (const auto& one : accepted) {
        INFO("given " << repr(one.given));
        const auto judged = validate(one.given, world.context());
        REQUIRE(judged);
        CHECK(*judged == one.kept);
    }
    for (const auto& one : refused) {
        INFO("given " << repr(one.given));
        const auto judged = validate(one.given, world.context());
        REQUIRE_FALSE(judged);
        CHECK(judged.error().id == one.id);
        CHECK_FALSE(judged.error().message.empty());
    }
}

const RawValue kNone;

TEST_CASE("pos_int accepts what int(value, 0) does, from zero up") {
    check_table<std::int64_t>(validators::pos_int,
                              {{10, 10},
                               {0, 0},
                               {true, 1},
                               {false, 0},
                               {"10", 10},
                               {" 10 ", 10},
                               {"1_000", 1000},
                               {"0x10", 16},
                               {"0o17", 15},
                               {"0b11", 3},
                               {"+5", 5}},
                              {{-1, DiagId::negative_integer},
                               {"-1", DiagId::negative_integer},
                               {"017", DiagId::not_an_integer},
                               {"0022", DiagId::not_an_integer},
                               {"abc", DiagId::not_an_integer},
                               {"", DiagId::not_an_integer},
                               {2.5, DiagId::not_an_integer},
                               {2.0, DiagId::not_an_integer},
                               {kNone, DiagId::not_an_integer},
                               {List{1}, DiagId::not_an_integer},
                               {"9223372036854775808", DiagId::out_of_range}});
}

TEST_CASE("an integer of Python beyond 64 bits is out of range, other objects are no integers") {
    ConfigWorld world;
    const RawValue big = world.objects.add({.name = "10**30", .type = "int", .is_callable = false});
    CHECK(validators::pos_int(big, world.context()).error().id == DiagId::out_of_range);
    const RawValue module = world.objects.add({.name = "syslog", .type = "module", .is_callable = false});
    CHECK(validators::pos_int(module, world.context()).error().id == DiagId::not_an_integer);
}

TEST_CASE("messages name the rule and the value") {
    ConfigWorld world;
    CHECK(validators::pos_int(-1, world.context()).error().message == "must be a non-negative integer, not -1");
    CHECK(validators::pos_int(2.5, world.context()).error().message == "must be a non-negative integer, not 2.5");
    CHECK(validators::boolean("yes", world.context()).error().message == "must be True or False, not 'yes'");
    CHECK(validators::proxy_mode("v11", world.context()).error().help == "did you mean 'v1'?");
}

TEST_CASE("messages stay short and are UTF-8, whatever the value") {
    ConfigWorld world;
    CHECK(validators::pos_int(std::string(100000, 'x'), world.context()).error().message.size() < 200);
    CHECK(validators::proxy_mode(std::string(100000, 'x'), world.context()).error().message.size() < 300);
    CHECK(validators::pos_int("\xff", world.context()).error().message == "must be a non-negative integer, not '\\xff'");
}

TEST_CASE("octal_int reads octal text wherever it is written") {
    check_table<std::int64_t>(
        validators::octal_int,
        {{18, 18}, {"022", 18}, {"0022", 18}, {"0o22", 18}, {"0xFF", 255}, {"18", 18}, {0, 0}, {"0", 0}},
        {{"09", DiagId::not_an_integer},
         {"abc", DiagId::not_an_integer},
         {-1, DiagId::negative_integer},
         {kNone, DiagId::not_an_integer},
         {0.5, DiagId::not_an_integer}});
}

TEST_CASE("int_in_range accepts both ends and nothing beyond") {
    const auto frame_size = [](const RawValue& raw, const ValidationContext& context) {
        return validators::int_in_range(raw, context, 16384, 16777215);
    };
    check_table<std::int64_t>(frame_size, {{16384, 16384}, {16777215, 16777215}, {"0x4000", 16384}},
                              {{16383, DiagId::out_of_range},
                               {16777216, DiagId::out_of_range},
                               {-1, DiagId::out_of_range},
                               {"abc", DiagId::not_an_integer},
                               {kNone, DiagId::not_an_integer}});
}

TEST_CASE("verify_mode is one of ssl's three") {
    check_table<std::int64_t>(
        validators::verify_mode, {{0, 0}, {1, 1}, {2, 2}, {"2", 2}},
        {{3, DiagId::out_of_range}, {-1, DiagId::out_of_range}, {"CERT_NONE", DiagId::not_an_integer}});
}

TEST_CASE("boolean accepts booleans and the words true and false, and reads None as False") {
    check_table<bool>(validators::boolean,
                      {{true, true}, {false, false}, {"true", true}, {" TRUE ", true}, {"False", false}, {kNone, false}},
                      {{1, DiagId::not_a_boolean},
                       {0, DiagId::not_a_boolean},
                       {"1", DiagId::not_a_boolean},
                       {"yes", DiagId::not_a_boolean},
                       {"", DiagId::not_a_boolean},
                       {List{}, DiagId::not_a_boolean}});
}

TEST_CASE("nullable_pos_int keeps None") {
    check_table<std::optional<std::int64_t>>(validators::nullable_pos_int, {{kNone, std::nullopt}, {0, 0}, {"0x10", 16}},
                                             {{-1, DiagId::negative_integer}, {"soon", DiagId::not_an_integer}});
}

TEST_CASE("nullable_boolean keeps None") {
    check_table<std::optional<bool>>(validators::nullable_boolean, {{kNone, std::nullopt}, {true, true}, {"false", false}},
                                     {{1, DiagId::not_a_boolean}, {"no", DiagId::not_a_boolean}});
}

TEST_CASE("text is trimmed and only text is text") {
    check_table<std::string>(validators::text, {{"a", "a"}, {"  a b \n", "a b"}, {"", ""}},
                             {{kNone, DiagId::not_a_string}, {1, DiagId::not_a_string}, {List{"a"}, DiagId::not_a_string}});
    check_table<OptionalText>(validators::nullable_text, {{kNone, std::nullopt}, {" a ", "a"}, {"", ""}},
                              {{1, DiagId::not_a_string}, {true, DiagId::not_a_string}});
}

TEST_CASE("text_list accepts a text, lists of texts, the keys of a dictionary and everything false") {
    check_table<Texts>(validators::text_list,
                       {{" a:1 ", {"a:1"}},
                        {"a,b", {"a,b"}},
                        {List{"a", " b "}, {"a", "b"}},
                        {Dict{{"a", 1}, {"b", 2}}, {"a", "b"}},
                        {kNone, {}},
                        {"", {}},
                        {List{}, {}},
                        {Dict{}, {}},
                        {0, {}},
                        {0.0, {}},
                        {false, {}}},
                       {{7, DiagId::not_a_list},
                        {true, DiagId::not_a_list},
                        {2.5, DiagId::not_a_list},
                        {List{"a", 1}, DiagId::not_a_string},
                        {List{kNone}, DiagId::not_a_string}});
}

TEST_CASE("comma_list splits at commas and drops what is empty") {
    check_table<Texts>(validators::comma_list,
                       {{"a,b", {"a", "b"}}, {" a , ,b,", {"a", "b"}}, {"", {}}, {kNone, {}}, {"a", {"a"}}},
                       {{List{"a"}, DiagId::not_a_string}, {1, DiagId::not_a_string}});
}

TEST_CASE("environment_list wants a name and an equals sign in every entry") {
    check_table<Texts>(validators::environment_list,
                       {{"A=1", {"A=1"}}, {List{"A=1", "B=x=y", "C="}, {"A=1", "B=x=y", "C="}}, {kNone, {}}},
                       {{"FOO", DiagId::bad_environment_entry},
                        {List{"A=1", "FOO"}, DiagId::bad_environment_entry},
                        {"=x", DiagId::bad_environment_entry},
                        {std::string("A=\0", 3), DiagId::bad_environment_entry},
                        {3, DiagId::not_a_list}});
    ConfigWorld world;
    const auto message_about = [&](const RawValue& raw) { return validators::environment_list(raw, world.context()).error().message; };
    CHECK(message_about("hunter2") == "item 1 must be NAME=value");
    CHECK(message_about(List{"A=1", "hunter2"}) == "item 2 must be NAME=value");
    CHECK(message_about("=hunter2") == "item 1 must be NAME=value");
    CHECK(message_about(std::string("A=\0hunter2", 10)) == "item 1 ('A') must be NAME=value without null bytes");
}

TEST_CASE("a choice may ignore case or insist on the very text") {
    static constexpr std::array<std::string_view, 3> kEngines{"auto", "poll", "inotify"};
    const auto ignoring = [](const RawValue& raw, const ValidationContext& context) {
        return validators::choice(raw, context, kEngines, ChoiceCase::ignore);
    };
    const auto exact = [](const RawValue& raw, const ValidationContext& context) {
        return validators::choice(raw, context, kEngines, ChoiceCase::exact);
    };
    const auto nullable = [](const RawValue& raw, const ValidationContext& context) {
        return validators::nullable_choice(raw, context, kEngines, ChoiceCase::ignore);
    };
    check_table<std::string>(ignoring, {{"auto", "auto"}, {" POLL ", "poll"}},
                             {{"polls", DiagId::not_a_choice}, {kNone, DiagId::not_a_choice}, {1, DiagId::not_a_choice}});
    check_table<std::string>(
        exact, {{"inotify", "inotify"}},
        {{"Inotify", DiagId::not_a_choice}, {" auto", DiagId::not_a_choice}, {kNone, DiagId::not_a_choice}});
    check_table<OptionalText>(nullable, {{kNone, std::nullopt}, {"Auto", "auto"}}, {{"x", DiagId::not_a_choice}});
    ConfigWorld world;
    CHECK(ignoring("pol", world.context()).error().message == "must be 'auto', 'poll' or 'inotify', not 'pol'");
    CHECK(ignoring("pol", world.context()).error().help == "did you mean 'poll'?");
}

TEST_CASE("proxy_mode knows the words of Gunicorn and the old flag") {
    check_table<std::string>(validators::proxy_mode,
                             {{kNone, "off"},
                              {false, "off"},
                              {true, "auto"},
                              {"off", "off"},
                              {"FALSE", "off"},
                              {"0", "off"},
                              {"none", "off"},
                              {" Auto ", "auto"},
                              {"true", "auto"},
                              {"1", "auto"},
                              {"V1", "v1"},
                              {"v2", "v2"}},
                             {{"on", DiagId::not_a_choice},
                              {"yes", DiagId::not_a_choice},
                              {"v3", DiagId::not_a_choice},
                              {1, DiagId::not_a_choice},
                              {"", DiagId::not_a_choice}});
}

TEST_CASE("http_protocols is a comma separated text, each once") {
    check_table<Texts>(validators::http_protocols,
                       {{kNone, {"h1"}}, {"", {"h1"}}, {"h1", {"h1"}}, {" H2 , h1", {"h2", "h1"}}, {"h3", {"h3"}}},
                       {{List{"h1"}, DiagId::not_a_string},
                        {"h4", DiagId::not_a_choice},
                        {"h1,h1", DiagId::not_a_choice},
                        {1, DiagId::not_a_string}});
}

TEST_CASE("log_level makes names lower case, knows two aliases, and leaves unknown names to the cross checks") {
    check_table<std::string>(validators::log_level,
                             {{"debug", "debug"},
                              {" INFO ", "info"},
                              {"warning", "warning"},
                              {"warn", "warning"},
                              {"Fatal", "critical"},
                              {"critical", "critical"},
                              {"Verbose", "verbose"}},
                             {{kNone, DiagId::not_a_string}, {10, DiagId::not_a_string}});
}

TEST_CASE("log_format is a format of the error log; format strings of Python pass as they are") {
    ConfigWorld world;
    CHECK(*validators::log_format(" JSON ", world.context()) == "json");
    CHECK(*validators::log_format("%(message)s", world.context()) == "%(message)s");
    CHECK(*validators::log_format("{message}", world.context()) == "{message}");
    CHECK(validators::log_format("jsn", world.context()).error().help == "did you mean 'json'?");
    CHECK_FALSE(validators::log_format(1, world.context()));
}

TEST_CASE("any keeps anything") {
    check_table<RawValue>(validators::any, {{kNone, kNone}, {2.5, 2.5}, {List{1}, List{1}}, {"TLSv1", "TLSv1"}}, {});
}

}  // namespace
}  // namespace gunicorn::config
