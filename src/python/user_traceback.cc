#include "python/user_traceback.h"

#include "python/convert.h"

namespace gunicorn::python {
namespace {

/// What a function of gunicorn._checks.failures says of an exception.
PyResult<std::string> ask(const char* function, const Exception& exception) {
    GN_TRY(const Ref module, import_module("gunicorn._checks.failures"));
    GN_TRY(const Ref text, owned(PyObject_CallMethod(module.get(), function, "O", exception.value())));
    return to_text(text.get());
}

}  // namespace

std::string user_traceback(const Exception& exception) {
    auto text = ask("user_traceback", exception);
    return text ? *std::move(text) : exception.traceback();
}

std::string hint_about(const Exception& exception) {
    auto text = ask("hint", exception);
    return text ? *std::move(text) : std::string();
}

}  // namespace gunicorn::python
