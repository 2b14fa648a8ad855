#pragma once
// One map of the schema, mostly a setting, as written: its fields by name, read as text, flag, list or choice. What is wrong with a field
// is a problem with the field's line, and the reader gets an empty value.

#include <string>
#include <string_view>

#include "model.h"
#include "problem.h"
#include "schema_reader.h"

namespace gunicorn::codegen {

class Entry {
public:
    /// Both outlive the entry. `node` is a map.
    Entry(const Node& node, Problems& problems) : node_(node), problems_(problems) {}

    [[nodiscard]] int line() const { return node_.line; }

    /// Null when the field is not given.
    [[nodiscard]] const Node::Field* find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    /// Fields that are not among the known ones, or given twice.
    void check_fields(const Names& known);

    std::string text(std::string_view name);
    std::string required_text(std::string_view name);
    bool flag(std::string_view name);
    /// A list that is not empty, of scalars that are not empty.
    TextList texts(std::string_view name);
    /// The enumerator whose name is given; `otherwise` without the field.
    template <class Enum>
    Enum one_of(std::string_view name, const Names& names, std::string_view id, Enum otherwise) {
        const int index = index_in(name, names, id);
        return index < 0 ? otherwise : static_cast<Enum>(index);
    }

    void problem(int line, std::string_view id, std::string message);
    void missing(std::string_view name);
    /// The field has the wrong shape.
    void bad(const Node::Field& field, std::string_view wanted);
    /// The field, if given, has no meaning beside the others.
    void refuse(std::string_view name, std::string_view reason);

private:
    int index_in(std::string_view name, const Names& names, std::string_view id);

    const Node& node_;
    Problems& problems_;
};

}  // namespace gunicorn::codegen
