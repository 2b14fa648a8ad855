#pragma once
// YAML text -> a tree that knows its lines. No meaning yet: the binder gives it.

#include <string>
#include <vector>

#include "problem.h"

namespace gunicorn::codegen {

struct Node {
    enum class Kind { null, scalar, list, map };
    struct Field;

    Kind kind = Kind::null;
    int line = 0;         ///< 1-based
    bool quoted = false;  ///< a scalar in quotes or a block: always text, never a number, boolean or null
    std::string text;     ///< scalar
    std::vector<Node> items;
    std::vector<Field> fields;  ///< map, in the order written; duplicates are kept
};

struct Node::Field {
    std::string name;
    int line = 0;
    Node value;
};

struct Document {
    Node root;
    Problems problems;  ///< at most one, `bad-yaml` or `unreadable`; the root is null then
};

Document read_schema(const std::string& path);

}  // namespace gunicorn::codegen
