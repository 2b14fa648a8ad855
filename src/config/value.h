#pragma once
// RawValue: what a source said, unjudged. Every source hands these over; one validator a setting judges them all.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gunicorn::config {

/// Names a Python object in the table that the `python` folder owns. A plain value: needs no GIL to copy or compare.
/// Valid as long as its generation lives.
struct ObjectHandle {
    std::uint32_t generation = 0;
    std::uint32_t index = 0;
    bool operator==(const ObjectHandle&) const = default;
};

class RawValue;
using List = std::vector<RawValue>;
/// Ordered as written. Keys are strings; a Python dictionary with other keys arrives as an ObjectHandle.
using Dict = std::vector<std::pair<std::string, RawValue>>;

/// Python's None, bool, int, float, str, list/tuple, dict, or anything else as a handle. Integers beyond 64 bits are handles
/// too.
class RawValue {
public:
    using Variant = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict, ObjectHandle>;

    RawValue() = default;
    RawValue(bool value) : value_(value) {}
    RawValue(int value) : value_(std::int64_t{value}) {}
    RawValue(std::int64_t value) : value_(value) {}
    RawValue(double value) : value_(value) {}
    RawValue(const char* value) : value_(std::string(value)) {}
    RawValue(std::string_view value) : value_(std::string(value)) {}
    RawValue(std::string value) : value_(std::move(value)) {}
    RawValue(List value) : value_(std::move(value)) {}
    RawValue(Dict value) : value_(std::move(value)) {}
    RawValue(ObjectHandle value) : value_(value) {}

    template <class T>
    [[nodiscard]] const T* get_if() const noexcept {
        return std::get_if<T>(&value_);
    }
    [[nodiscard]] bool is_none() const noexcept { return value_.index() == 0; }
    [[nodiscard]] const Variant& variant() const noexcept { return value_; }
    bool operator==(const RawValue& other) const;

private:
    Variant value_;
};

/// What the configuration needs to know of Python objects. Implemented by `python`; a test uses a table of fakes.
/// GIL: every method may need it; callers hold it whenever Python is running.
class ObjectInspector {
public:
    virtual ~ObjectInspector() = default;
    virtual bool is_callable(ObjectHandle object) const = 0;
    /// True for a class (`type` instance): it is kept, where a function would be called for its result.
    virtual bool is_class(ObjectHandle object) const = 0;
    /// Positional parameters as inspect.signature sees them (defaults count; *args, **kwargs, keyword-only and bound self do
    /// not); -1 when there is no signature. Gunicorn: util.get_arity.
    virtual int arity(ObjectHandle object) const = 0;
    virtual std::string type_name(ObjectHandle object) const = 0;
    /// repr(), cut to a readable length; never raises.
    virtual std::string repr(ObjectHandle object) const = 0;
    /// "module.qualname" where the object has one, else its repr.
    virtual std::string qualified_name(ObjectHandle object) const = 0;
    /// Imports "module.path.object"; on failure the text says what is missing.
    virtual std::variant<ObjectHandle, std::string> import_object(const std::string& dotted) = 0;
    /// Calls a function without arguments and keeps its result (Gunicorn: validate_callable of classes); on failure the
    /// text.
    virtual std::variant<RawValue, std::string> call(ObjectHandle function) = 0;
};

/// Python's repr() of the value: None, True, 12, 'text', ['a'], {'k': 1}. Handles are asked about through `inspector` when
/// there is one, else shown as <object>.
[[nodiscard]] std::string repr(const RawValue& value, const ObjectInspector* inspector = nullptr);

/// repr() for a message: at most 80 bytes and "...", bytes that are no UTF-8 as \xff.
[[nodiscard]] std::string excerpt(const RawValue& value, const ObjectInspector* inspector = nullptr);

/// Name of the Python type: "str", "int", "NoneType" ...
[[nodiscard]] std::string type_name(const RawValue& value, const ObjectInspector* inspector = nullptr);

/// A worker_class or logger_class: a name to resolve later (dotted path, alias, "egg:..."), or the class object itself.
using ClassValue = std::variant<std::string, ObjectHandle>;

/// A hook: nothing when it is at its default, so that calling it costs nothing.
struct HookValue {
    bool is_set = false;
    ObjectHandle callable;
    /// Parameters the callable takes (post_request may take 4, 3 or 2).
    int arity = 0;
    bool operator==(const HookValue&) const = default;
};

}  // namespace gunicorn::config
