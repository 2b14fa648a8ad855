// The validators that ask Python.

#include <algorithm>

#include "base/text.h"
#include "config/refusal.h"
#include "config/validators.h"

namespace gunicorn::config::validators {
namespace {

/// What Gunicorn calls for its result: inspect.isfunction or inspect.ismethod.
bool is_function(ObjectHandle object, const ObjectInspector& objects) {
    const std::string type = objects.type_name(object);
    return type == "function" || type == "method";
}

Validated<ClassValue> kept_class(const RawValue& raw, const ValidationContext& context) {
    static const std::string kRule = "must be a class or the name of one";
    if (const auto* object = raw.get_if<ObjectHandle>()) {
        if (context.objects == nullptr || context.objects->is_class(*object)) return ClassValue(*object);
        return refuse(DiagId::not_a_string, kRule, raw, context);
    }
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr || text::trim(*words).empty()) return refuse(DiagId::not_a_string, kRule, raw, context);
    return ClassValue(std::string(text::trim(*words)));
}

Validated<ObjectHandle> imported(const std::string& dotted, ObjectInspector& objects) {
    if (dotted.find('.') == std::string::npos) {
        return Unexpected{ValueError{DiagId::no_such_object,
                                     "must be a callable or 'module[.submodules...].object', not " + excerpt(dotted)}};
    }
    auto found = objects.import_object(dotted);
    if (auto* object = std::get_if<ObjectHandle>(&found)) return *object;
    return Unexpected{
        ValueError{DiagId::no_such_object, excerpt(dotted) + " cannot be imported: " + std::get<std::string>(found)}};
}

std::string numbers(std::span<const int> arities) {
    std::string out;
    for (std::size_t i = 0; i < arities.size(); ++i) {
        if (i > 0) out += i + 1 == arities.size() ? " or " : ", ";
        out += std::to_string(arities[i]);
    }
    return out;
}

}  // namespace

Validated<RawValue> dictionary(const RawValue& raw, const ValidationContext& context) {
    const bool is_dict = raw.get_if<Dict>() != nullptr ||
                         (raw.get_if<ObjectHandle>() != nullptr && type_name(raw, context.objects) == "dict");
    if (!is_dict) return refuse(DiagId::not_a_dictionary, "must be a dictionary", raw, context);
    return raw;
}

Validated<ClassValue> class_name(const RawValue& raw, const ValidationContext& context) {
    const auto* object = raw.get_if<ObjectHandle>();
    if (object == nullptr || context.objects == nullptr || !is_function(*object, *context.objects)) {
        return kept_class(raw, context);
    }
    const auto answer = context.objects->call(*object);
    if (const auto* result = std::get_if<RawValue>(&answer)) return kept_class(*result, context);
    return Unexpected{ValueError{DiagId::unknown_class, "calling " + excerpt(raw, context.objects) +
                                                            " for a class failed: " + std::get<std::string>(answer)}};
}

Validated<HookValue> hook_taking(const RawValue& raw, const ValidationContext& context, std::span<const int> arities) {
    const auto* written = raw.get_if<std::string>();
    const auto* given = raw.get_if<ObjectHandle>();
    if (written == nullptr && given == nullptr) {
        return refuse(DiagId::not_callable, "must be a callable or the name of one", raw, context);
    }
    if (context.objects == nullptr) return HookValue{};

    ObjectInspector& objects = *context.objects;
    ObjectHandle callable;
    if (given != nullptr) {
        callable = *given;
    } else {
        GN_TRY(callable, imported(std::string(text::trim(*written)), objects));
    }
    if (!objects.is_callable(callable)) {
        return refuse(DiagId::not_callable, "must be a callable", RawValue(callable), context);
    }
    const int arity = objects.arity(callable);
    if (arity < 0) return HookValue{true, callable, arities.front()};
    if (std::find(arities.begin(), arities.end(), arity) == arities.end()) {
        const bool one = arities.size() == 1 && arities.front() == 1;
        return Unexpected{ValueError{DiagId::wrong_arity, "must take " + numbers(arities) + " positional parameter" +
                                                              (one ? "" : "s") + ", not " + std::to_string(arity)}};
    }
    return HookValue{true, callable, arity};
}

}  // namespace gunicorn::config::validators
