#pragma once
// The native half of the package: gunicorn._core. A table of functions over Runtime; it decides nothing.

#include "python/python.h"

#include <string>
#include <vector>

#include "base/result.h"

namespace gunicorn::python {

class Runtime;

/// PyInit function of the module (multi-phase). Registered as `_gunicorn_core` in the executable, exported as PyInit__core
/// by the extension module.
PyObject* init_core_module();

/// What `_core.main(argv)` runs; set once by the product that contains us. It may not return.
using EntryPoint = int (*)(std::vector<std::string> arguments);
void set_entry_point(EntryPoint entry_point) noexcept;

/// Lets the module's functions reach `runtime` (null: they raise RuntimeError). GIL held.
void bind_core_module(Runtime* runtime) noexcept;

}  // namespace gunicorn::python
