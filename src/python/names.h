#pragma once

#include "python/python.h"

#include <string>
#include <string_view>
#include <unordered_map>

#include "python/ref.h"

namespace gunicorn::python {

/// Strings of a request, as PEP 3333 wants them: one code point a byte (latin-1).
[[nodiscard]] inline Ref latin1(std::string_view bytes) {
    return Ref::steal(PyUnicode_DecodeLatin1(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), nullptr));
}

/// A str that is made once and then shared. GIL held to make and destroy.
[[nodiscard]] Ref interned(const char* text);

/// Remembers the Python key of each header name as clients spell it: "Accept-Encoding" -> 'HTTP_ACCEPT_ENCODING'. Bounded,
/// since names come from clients: when it is full, further names are converted every time.
class HeaderKeys {
public:
    /// Null with MemoryError set when there is no memory.
    [[nodiscard]] Ref key_of(std::string_view name);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    static constexpr std::size_t kMost = 512;
    std::unordered_map<std::string, Ref, Hash, std::equal_to<>> keys_;
};

}  // namespace gunicorn::python
