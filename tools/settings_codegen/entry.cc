#include "entry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace gunicorn::codegen {

const Node::Field* Entry::find(std::string_view name) const {
    const auto found =
        std::find_if(node_.fields.begin(), node_.fields.end(), [&](const Node::Field& field) { return field.name == name; });
    return found == node_.fields.end() ? nullptr : &*found;
}

void Entry::check_fields(const Names& known) {
    TextList seen;
    for (const Node::Field& field : node_.fields) {
        if (std::find(known.begin(), known.end(), field.name) == known.end()) {
            problem(field.line, "unknown-field", fmt::format("no field `{}`", field.name));
        } else if (std::find(seen.begin(), seen.end(), field.name) != seen.end()) {
            problem(field.line, "duplicate-field", fmt::format("`{}` is given twice", field.name));
        }
        seen.push_back(field.name);
    }
}

std::string Entry::text(std::string_view name) {
    const Node::Field* field = find(name);
    if (field == nullptr) return {};
    const std::string_view trimmed = text::trim(field->value.text);
    if (trimmed.empty()) bad(*field, "text");
    return std::string(trimmed);
}

std::string Entry::required_text(std::string_view name) {
    if (!has(name)) missing(name);
    return text(name);
}

bool Entry::flag(std::string_view name) {
    const Node::Field* field = find(name);
    if (field == nullptr) return false;
    const std::string& value = field->value.text;
    if (field->value.quoted || (value != "true" && value != "false")) bad(*field, "true or false");
    return value == "true";
}

TextList Entry::texts(std::string_view name) {
    const Node::Field* field = find(name);
    if (field == nullptr) return {};
    TextList texts;
    for (const Node& item : field->value.items) {
        if (!item.text.empty()) texts.push_back(item.text);
    }
    if (texts.empty() || texts.size() != field->value.items.size()) bad(*field, "a list of texts");
    return texts;
}

int Entry::index_in(std::string_view name, const Names& names, std::string_view id) {
    if (!has(name)) return -1;
    const std::string chosen = text(name);
    const auto found = std::find(names.begin(), names.end(), chosen);
    if (found != names.end()) return static_cast<int>(found - names.begin());
    problem(find(name)->line, id, fmt::format("`{}: {}` is not one of {}", name, chosen, fmt::join(names, ", ")));
    return -1;
}

void Entry::problem(int line, std::string_view id, std::string message) {
    const Node::Field* name = find("name");
    if (name != nullptr && !name->value.text.empty()) message = name->value.text + ": " + message;
    problems_.push_back({line, id, std::move(message)});
}

void Entry::missing(std::string_view name) { problem(line(), "missing-field", fmt::format("`{}` is missing", name)); }

void Entry::bad(const Node::Field& field, std::string_view wanted) {
    problem(field.line, "bad-value", fmt::format("`{}` must be {}", field.name, wanted));
}

void Entry::refuse(std::string_view name, std::string_view reason) {
    if (const Node::Field* field = find(name)) {
        problem(field->line, "misplaced-field", fmt::format("`{}` {}", name, reason));
    }
}

}  // namespace gunicorn::codegen
