#include "http/field_list.h"

#include <catch2/catch.hpp>
#include <string>

namespace gunicorn::http {
namespace {

TEST_CASE("FieldList keeps the room of ordinary fields when it is cleared, and gives back that of large ones") {
    FieldList fields;
    fields.append("X-Name", std::string(5000, 'a'));
    fields.clear();
    CHECK(fields.text().capacity() >= 5000);
    for (int i = 0; i < 200; ++i) fields.append("X-Name", std::string(8000, 'a'));
    fields.clear();
    CHECK(fields.size() == 0);
    CHECK(fields.text().capacity() < 1000);
    CHECK(fields.entries().capacity() < 200);
}

}  // namespace
}  // namespace gunicorn::http
