#include "base/result.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace gunicorn {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return failure(ErrorKind::invalid_argument, "odd: " + std::to_string(number), number);
    return number / 2;
}

Result<int> quarter(int number) {
    GN_TRY(const int once, half(number));
    GN_TRY(const int twice, half(once));
    return twice;
}

Result<void> check_even(int number) {
    GN_CHECK(half(number));
    return {};
}

TEST_CASE("a result holds a value or the reason why there is none") {
    const auto good = half(8);
    REQUIRE(good);
    CHECK(*good == 4);

    const auto bad = half(7);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().kind == ErrorKind::invalid_argument);
    CHECK(bad.error().code == 7);
    CHECK(bad.error().message == "odd: 7");
}

TEST_CASE("GN_TRY takes the value and hands an error on") {
    CHECK(*quarter(8) == 2);
    CHECK(quarter(6).error().message == "odd: 3");
    CHECK(quarter(5).error().message == "odd: 5");
}

TEST_CASE("GN_CHECK hands an error on where there is no value to take") {
    CHECK(check_even(2));
    CHECK(check_even(3).error().code == 3);
}

TEST_CASE("a result carries what can only be moved") {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
    REQUIRE(made);
    const std::unique_ptr<int> taken = *std::move(made);
    CHECK(*taken == 3);
}

TEST_CASE("the value and the error may have the same type") {
    const Result<std::string, std::string> good = std::string("fine");
    const Result<std::string, std::string> bad = Unexpected{std::string("broken")};
    CHECK(*good == "fine");
    CHECK(bad.error() == "broken");
}

}  // namespace
}  // namespace gunicorn
