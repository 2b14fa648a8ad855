// The extension module gunicorn._core: the same core inside somebody else's Python.
#include "python/core_module.h"

#include "app/launch.h"

namespace {

int run_in_python(std::vector<std::string> arguments) {
    return gunicorn::app::run({gunicorn::app::Host::python, std::move(arguments)});
}

}  // namespace

extern "C" __attribute__((visibility("default"))) PyObject* PyInit__core() {
    gunicorn::python::set_entry_point(&run_in_python);
    return gunicorn::python::init_core_module();
}
