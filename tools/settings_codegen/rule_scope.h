#pragma once
// What the names in a rule mean, and which of them the rule uses. schema/README.md lists them for authors.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model.h"

namespace gunicorn::codegen {

/// Types of the language of rules. `maybe_...` may be None: it can be compared, not used as it is.
enum class ValueKind { boolean, maybe_boolean, integer, text, maybe_text, texts, other };

/// A part of an expression that has been understood.
struct Value {
    ValueKind kind;
    std::string code;  ///< C++
};

struct RuleError {
    std::string_view id;  ///< a Problem's
    std::string message;
};

template <class T>
using RuleResult = Result<T, RuleError>;

inline Unexpected<RuleError> rule_error(std::string_view id, std::string message) {
    return Unexpected{RuleError{id, std::move(message)}};
}

class RuleScope {
public:
    /// Both outlive the scope. `about` is what the name `about` stands for.
    RuleScope(const Settings& settings, const Setting& about) : settings_(settings), about_(about) {}

    /// A setting, a fact, or `worker`. Error: unknown-name.
    RuleResult<Value> value_of(std::string_view name);

    /// `set(NAME)`, `given(NAME)`, `changed(NAME)` and the predicates of config/rule_functions.h.
    RuleResult<Value> call(std::string_view function, std::string_view name);

    /// What `{NAME}` in a message becomes: C++ for a std::string. Errors: unknown-name, secret-in-text, expression-type.
    RuleResult<std::string> shown(std::string_view name);

    // What was used so far, each once, in the order of first use.
    [[nodiscard]] const TextList& reads() const { return reads_; }
    [[nodiscard]] const TextList& facts() const { return facts_; }

private:
    const Setting* find(std::string_view name);

    const Settings& settings_;
    const Setting& about_;
    TextList reads_;
    TextList facts_;
};

}  // namespace gunicorn::codegen
