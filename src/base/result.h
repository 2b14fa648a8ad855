#pragma once
// Result<T, E>: a value or the reason why there is none. The names are those of std::expected, which GCC 12 has only in C++23.

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace gunicorn {

/// What a caller may branch on. Everything else about an error is text for a person.
enum class ErrorKind {
    system,            ///< a system call failed; `code` is errno
    invalid_argument,  ///< a value that cannot be used
    not_found,         ///< a file, module, user ... that is not there
    unsupported,       ///< understood, but not built or not possible here
    closed,            ///< the peer, pipe or queue is gone
    timed_out,         ///< a deadline passed
    python,            ///< a Python exception; the message is its traceback
    app_import,        ///< the application could not be found in its module (Gunicorn: AppImportError)
    system_exit,       ///< Python raised SystemExit; `code` is the exit status
};

struct Error {
    ErrorKind kind = ErrorKind::system;
    int code = 0;         ///< errno or library code; 0 when there is none
    std::string message;  ///< names the object: "bind 127.0.0.1:8000: Address already in use"
};

/// Marks a value as the error of a Result.
template <class E>
class Unexpected {
public:
    explicit Unexpected(E error) : error_(std::move(error)) {}
    E& error() & noexcept { return error_; }
    E&& error() && noexcept { return std::move(error_); }

private:
    E error_;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E = Error>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = E;

    // Implicit on purpose: `return value;` and `return Unexpected{...};` read as they should.
    template <class U = T>
        requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Unexpected<E>>)
    Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
    Result(Unexpected<E> error) : state_(std::in_place_index<1>, std::move(error).error()) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& operator*() & noexcept { return *value_or_abort(); }
    const T& operator*() const& noexcept { return *const_cast<Result*>(this)->value_or_abort(); }
    T&& operator*() && noexcept { return std::move(*value_or_abort()); }
    T* operator->() noexcept { return value_or_abort(); }
    const T* operator->() const noexcept { return const_cast<Result*>(this)->value_or_abort(); }

    E& error() & noexcept { return *error_or_abort(); }
    const E& error() const& noexcept { return *const_cast<Result*>(this)->error_or_abort(); }
    E&& error() && noexcept { return std::move(*error_or_abort()); }

private:
    T* value_or_abort() noexcept {
        GN_ASSERT(has_value(), "a Result is read only after it was checked");
        return std::get_if<0>(&state_);
    }
    E* error_or_abort() noexcept {
        GN_ASSERT(!has_value(), "an error is read only where there is one");
        return std::get_if<1>(&state_);
    }
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
public:
    using value_type = void;
    using error_type = E;

    Result() = default;
    Result(Unexpected<E> error) : state_(std::in_place_index<1>, std::move(error).error()) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    E& error() & noexcept { return *error_or_abort(); }
    const E& error() const& noexcept { return *const_cast<Result*>(this)->error_or_abort(); }
    E&& error() && noexcept { return std::move(*error_or_abort()); }

private:
    E* error_or_abort() noexcept {
        GN_ASSERT(!has_value(), "an error is read only where there is one");
        return std::get_if<1>(&state_);
    }
    std::variant<std::monostate, E> state_;
};

/// Short forms for the two common ways to fail.
inline Unexpected<Error> failure(ErrorKind kind, std::string message, int code = 0) {
    return Unexpected{Error{kind, code, std::move(message)}};
}

}  // namespace gunicorn

#define GN_CONCAT_INNER(a, b) a##b
#define GN_CONCAT(a, b) GN_CONCAT_INNER(a, b)
#define GN_UNIQUE(name) GN_CONCAT(name, __COUNTER__)

/// GN_TRY(auto value, expression): takes the value of a Result, or returns its error from this function.
#define GN_TRY(lhs, expr) GN_TRY_AS(GN_UNIQUE(gn_result), lhs, expr)
#define GN_TRY_AS(result, lhs, expr)                                      \
    auto result = (expr);                                                 \
    if (!result) return ::gunicorn::Unexpected{std::move(result).error()}; \
    lhs = *std::move(result)

/// GN_CHECK(expression): the same where there is no value to take.
#define GN_CHECK(expr) GN_CHECK_AS(GN_UNIQUE(gn_result), expr)
#define GN_CHECK_AS(result, expr) \
    if (auto result = (expr); !result) return ::gunicorn::Unexpected{std::move(result).error()}
