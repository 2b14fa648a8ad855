#include "schema_reader.h"

#include <yaml-cpp/yaml.h>

namespace gunicorn::codegen {
namespace {

int line_of(const YAML::Mark& mark) { return mark.line + 1; }

Node convert(const YAML::Node& yaml) {
    Node node;
    node.line = line_of(yaml.Mark());
    switch (yaml.Type()) {
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null: break;
        case YAML::NodeType::Scalar:
            node.kind = Node::Kind::scalar;
            node.quoted = yaml.Tag() == "!";
            node.text = yaml.Scalar();
            break;
        case YAML::NodeType::Sequence:
            node.kind = Node::Kind::list;
            for (const YAML::Node& item : yaml) node.items.push_back(convert(item));
            break;
        case YAML::NodeType::Map:
            node.kind = Node::Kind::map;
            for (const auto& field : yaml) {
                std::string name = field.first.IsNull() ? "null" : field.first.Scalar();
                node.fields.push_back({std::move(name), line_of(field.first.Mark()), convert(field.second)});
            }
            break;
    }
    return node;
}

}  // namespace

Document read_schema(const std::string& path) {
    try {
        return {convert(YAML::LoadFile(path)), {}};
    } catch (const YAML::BadFile&) {
        return {{}, {{0, "unreadable", "the schema cannot be read"}}};
    } catch (const YAML::Exception& error) {
        return {{}, {{line_of(error.mark), "bad-yaml", error.msg}}};
    }
}

}  // namespace gunicorn::codegen
