#include "python/configuration_modules.h"

#include <utility>

#include "python/convert.h"
#include "python/error.h"

namespace gunicorn::python {

ConfigurationModules::ConfigurationModules() {
    const Ref module = Ref::steal(PyImport_ImportModule("gunicorn._modules"));
    if (module) modules_ = Ref::steal(PyObject_CallMethod(module.get(), "ConfigurationModules", nullptr));
    if (!modules_) PyErr_WriteUnraisable(module.get());
}

void ConfigurationModules::forget(const std::optional<std::vector<std::string>>& only) {
    auto forget = [&]() -> PyResult<Ref> {
        Ref names = Ref::none();
        if (only) {
            GN_TRY(names, owned(PyList_New(0)));
            for (const std::string& name : *only) {
                GN_TRY(const Ref text, to_str(name));
                GN_CHECK(checked(PyList_Append(names.get(), text.get())));
            }
        }
        return owned(PyObject_CallMethod(modules_.get(), "forget", "O", names.get()));
    };
    if (!modules_) return;
    if (auto done = forget(); !done) {
        std::move(done).error().restore();
        PyErr_WriteUnraisable(modules_.get());
    }
}

void ConfigurationModules::call(const char* method) {
    if (!modules_) return;
    const Ref done = Ref::steal(PyObject_CallMethod(modules_.get(), method, nullptr));
    if (!done) PyErr_WriteUnraisable(modules_.get());
}

}  // namespace gunicorn::python
