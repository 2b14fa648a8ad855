#pragma once

#include "python/python.h"

#include <string>
#include <string_view>

#include "config/value.h"
#include "python/error.h"

namespace gunicorn::python {

class ObjectTable;

/// A Python str as UTF-8; surrogates and anything else that has none become escapes. Never raises.
[[nodiscard]] std::string to_text(PyObject* object);

/// repr(object), cut to `limit` bytes. Never raises.
[[nodiscard]] std::string repr_of(PyObject* object, std::size_t limit = 200);

/// UTF-8 in, str out; bytes that are no UTF-8 become surrogate escapes, as in os.environ and sys.argv.
[[nodiscard]] PyResult<Ref> to_str(std::string_view text);

/// What a source said, as an unjudged value. Objects without a plain form go into `table`.
[[nodiscard]] config::RawValue to_raw(PyObject* object, ObjectTable& table);

/// The same value as Python sees it; handles give the object itself.
[[nodiscard]] PyResult<Ref> from_raw(const config::RawValue& value, const ObjectTable& table);

/// Reads an attribute; `name` is NUL-terminated.
[[nodiscard]] PyResult<Ref> attribute(PyObject* object, const char* name);

[[nodiscard]] PyResult<Ref> import_module(const char* name);

}  // namespace gunicorn::python
