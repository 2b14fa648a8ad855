#pragma once
// Syntax tree -> schema, with every mistake collected. What it returns without problems can be printed as it is.

#include "model.h"
#include "problem.h"
#include "schema_reader.h"

namespace gunicorn::codegen {

struct Bound {
    Schema schema;
    Problems problems;  ///< by line
};

Bound bind(const Node& root);

}  // namespace gunicorn::codegen
