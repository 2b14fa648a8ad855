#include "python/names.h"

#include "http/header_rules.h"

namespace gunicorn::python {

Ref interned(const char* text) { return Ref::steal(PyUnicode_InternFromString(text)); }

Ref HeaderKeys::key_of(std::string_view name) {
    if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
    std::string cgi;
    http::append_cgi_name(name, cgi);
    PyObject* key = latin1(cgi).release();
    if (key == nullptr) return {};
    PyUnicode_InternInPlace(&key);
    Ref made = Ref::steal(key);
    if (keys_.size() < kMost) keys_.emplace(std::string(name), made);
    return made;
}

}  // namespace gunicorn::python
