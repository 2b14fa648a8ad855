#pragma once
// What is wrong with a schema. Collected and shown together; tests assert the id and the line, never the words.

#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::codegen {

struct Problem {
    int line = 0;         ///< 1-based line of the schema
    std::string_view id;  ///< stable and static: "duplicate-flag"; schema/README.md lists them
    std::string message;
};

using Problems = std::vector<Problem>;

}  // namespace gunicorn::codegen
