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
    if (keys_.size() >= kMost) return Ref::steal(key);
    PyUnicode_InternInPlace(&key);  // bounded as well: CPython 3.12 may keep such strings for ever
    Ref made = Ref::steal(key);
    keys_.emplace(std::string(name), made);
    return made;
}

}  // namespace gunicorn::python
