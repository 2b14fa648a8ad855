#pragma once
// Values as the schema writes them, and whether they fit a setting.

#include <optional>
#include <string>

#include "model.h"
#include "schema_reader.h"

namespace gunicorn::codegen {

/// Null, true/false, a decimal integer, text, a list of text, or a map from text to text; nothing for anything else.
/// Quoted scalars are text.
std::optional<Literal> to_literal(const Node& node);

struct Misfit {
    std::string_view id;  ///< wrong-type, out-of-range, not-a-choice
    std::string message;
};

/// Why the literal is not a value of this setting; nothing when it is one.
std::optional<Misfit> misfit(const Setting& setting, const Literal& value);

/// The integers that the setting's judge takes: `range`, or what is known of a validator of src/config/validators.h.
Bounds bounds(const Setting& setting);

/// Items of a string_list: as listed, or the parts of one comma separated text.
TextList list_items(const Literal& value);

/// The value for people, in Python's spelling; text stands without quotation marks.
std::string display(const Literal& value);

}  // namespace gunicorn::codegen
