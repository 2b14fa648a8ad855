#pragma once

#include "python/python.h"

#include <utility>

#include "base/assert.h"

namespace gunicorn::python {

/// Owns one strong reference. Copying and destroying need the GIL; moving does not.
class Ref {
public:
    Ref() = default;
    /// Takes over a new reference.
    [[nodiscard]] static Ref steal(PyObject* object) noexcept {
        Ref r;
        r.object_ = object;
        return r;
    }
    /// Makes a reference of its own to a lent one.
    [[nodiscard]] static Ref borrow(PyObject* object) noexcept { return steal(Py_XNewRef(object)); }
    [[nodiscard]] static Ref none() noexcept { return borrow(Py_None); }

    Ref(const Ref& other) noexcept : object_(Py_XNewRef(other.object_)) {}
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;  // the old one dies last
    }
    ~Ref() {
        GN_DEBUG_ASSERT(object_ == nullptr || PyGILState_Check(), "references die with the GIL held");
        Py_XDECREF(object_);
    }

    [[nodiscard]] PyObject* get() const noexcept { return object_; }                        ///< lent
    [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }  ///< to an API that steals
    void reset() noexcept { *this = Ref(); }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    PyObject* object_ = nullptr;
};

}  // namespace gunicorn::python
