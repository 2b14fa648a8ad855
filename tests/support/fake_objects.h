#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/value.h"

namespace gunicorn::test {

/// What a test wants a Python object to look like.
struct FakeObject {
    std::string name = "thing";
    std::string type = "function";
    bool is_callable = true;
    bool is_class = false;
    int arity = 0;
    std::optional<config::RawValue> result;  ///< of a call; nothing: the call raises
};

/// Python objects without Python.
class FakeObjects final : public config::ObjectInspector {
public:
    config::ObjectHandle add(FakeObject object) {
        objects_.push_back(std::move(object));
        return handle(objects_.size() - 1);
    }
    config::ObjectHandle function(std::string name, int arity) { return add({.name = std::move(name), .arity = arity}); }
    config::ObjectHandle a_class(std::string name) {
        return add({.name = std::move(name), .type = "type", .is_class = true});
    }
    /// Makes an object importable.
    void publish(const std::string& dotted, config::ObjectHandle object) { importable_[dotted] = object; }

    int imports = 0;
    int calls = 0;

    bool is_callable(config::ObjectHandle object) const override { return at(object).is_callable; }
    bool is_class(config::ObjectHandle object) const override { return at(object).is_class; }
    int arity(config::ObjectHandle object) const override { return at(object).arity; }
    std::string type_name(config::ObjectHandle object) const override { return at(object).type; }
    std::string repr(config::ObjectHandle object) const override {
        return "<" + at(object).type + " " + at(object).name + ">";
    }
    std::string qualified_name(config::ObjectHandle object) const override { return "__config__." + at(object).name; }
    std::variant<config::ObjectHandle, std::string> import_object(const std::string& dotted) override {
        ++imports;
        const auto found = importable_.find(dotted);
        if (found == importable_.end()) return "No module named '" + dotted + "'";
        return found->second;
    }
    std::variant<config::RawValue, std::string> call(config::ObjectHandle function) override {
        ++calls;
        if (at(function).result) return *at(function).result;
        return std::string("RuntimeError: no result");
    }

private:
    static config::ObjectHandle handle(std::size_t index) { return {1, static_cast<std::uint32_t>(index)}; }
    const FakeObject& at(config::ObjectHandle object) const { return objects_.at(object.index); }

    std::vector<FakeObject> objects_;
    std::map<std::string, config::ObjectHandle> importable_;
};

}  // namespace gunicorn::test
