#include "python/config_run.h"

#include <glob.h>

#include <memory>

#include "base/scope_exit.h"
#include "base/sys.h"
#include "config/registry.h"
#include "python/convert.h"
#include "python/guard.h"

namespace gunicorn::python {
namespace {

constexpr const char* kCapsuleName = "gunicorn.config_run";
constexpr std::size_t kMaxDepth = 20;  // of includes

std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (const config::Declaration& declaration : config::declarations()) names.push_back(declaration.name);
    return names;
}

/// A module named __config__ in sys.modules, as Gunicorn's loader makes it.
PyResult<Ref> new_config_module(const std::string& path) {
    GN_TRY(Ref module, owned(PyModule_New("__config__")));
    GN_TRY(const Ref file, to_str(path));
    GN_CHECK(checked(PyObject_SetAttrString(module.get(), "__file__", file.get())));
    PyObject* globals = PyModule_GetDict(module.get());
    GN_CHECK(checked(PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins())));
    GN_CHECK(checked(PyDict_SetItemString(PyImport_GetModuleDict(), "__config__", module.get())));
    return module;
}

/// Compiles like importlib does: the source decides its encoding (PEP 263).
PyResult<Ref> compile(const std::string& source, const std::string& path) {
    GN_TRY(const Ref builtins, import_module("builtins"));
    GN_TRY(const Ref bytes, owned(PyBytes_FromStringAndSize(source.data(), static_cast<Py_ssize_t>(source.size()))));
    GN_TRY(const Ref name, to_str(path));
    return owned(PyObject_CallMethod(builtins.get(), "compile", "OOsiO", bytes.get(), name.get(), "exec", 0, Py_True));
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// The existing files that a pattern names, in lexical order.
std::vector<std::string> matches_of(const std::string& pattern) {
    glob_t found{};
    const ScopeExit free_it([&] { ::globfree(&found); });
    if (::glob(pattern.c_str(), 0, nullptr, &found) != 0) return {};
    return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
}

}  // namespace

ConfigRun::ConfigRun() : trace_(setting_names()) {}

ConfigRun::~ConfigRun() {
    // Somebody may have kept include().
    if (self_ && PyCapsule_SetName(self_.get(), "gunicorn.ended_config_run") != 0) PyErr_Clear();
}

PyResult<void> ConfigRun::run(const std::string& path, std::string name, std::string text) {
    const ScopeExit stop([&] { trace_.stop(); });
    GN_TRY(module_, new_config_module(path));
    globals_ = PyModule_GetDict(module_.get());
    trace_.watch(globals_);
    GN_TRY(self_, owned(PyCapsule_New(this, kCapsuleName, nullptr)));
    static PyMethodDef method{
        "include", &ConfigRun::include, METH_VARARGS,
        "include(*patterns): runs other configuration files here, as if their text stood in this one."};
    GN_TRY(const Ref function, owned(PyCFunction_New(&method, self_.get())));
    GN_CHECK(checked(PyDict_SetItemString(globals_, method.ml_name, function.get())));
    GN_CHECK(execute(std::move(name), std::move(text)));
    if (value_of(method.ml_name) == function.get()) PyDict_DelItemString(globals_, method.ml_name);
    return {};
}

PyResult<void> ConfigRun::run_module(const std::string& name) {
    const ScopeExit stop([&] { trace_.stop(); });
    GN_TRY(const Ref util, import_module("importlib.util"));
    GN_TRY(const Ref spec, owned(PyObject_CallMethod(util.get(), "find_spec", "s", name.c_str())));
    const Ref origin = spec.get() == Py_None ? Ref() : Ref::steal(PyObject_GetAttrString(spec.get(), "origin"));
    PyErr_Clear();
    if (origin && PyUnicode_Check(origin.get())) {
        const std::string path = to_text(origin.get());
        if (auto text = sys::read_file(path)) {
            trace_.follow(path);
            files_.push_back({path, *std::move(text)});
        }
    }
    GN_TRY(module_, owned(PyImport_ImportModule(name.c_str())));
    globals_ = PyModule_GetDict(module_.get());
    if (files_.empty()) files_.push_back({"python:" + name, {}});
    return {};
}

PyResult<void> ConfigRun::execute(std::string name, std::string text) {
    files_.push_back({name, text});
    trace_.follow(name);
    folders_.push_back(folder_of(name));
    const ScopeExit leave([&] { folders_.pop_back(); });
    GN_TRY(const Ref code, compile(text, name));
    GN_TRY(const Ref done, owned(PyEval_EvalCode(code.get(), globals_, globals_)));
    return {};
}

PyObject* ConfigRun::include(PyObject* self, PyObject* arguments) noexcept {
    return guard([&]() -> PyResult<Ref> {
        auto* run = static_cast<ConfigRun*>(PyCapsule_GetPointer(self, kCapsuleName));
        PyErr_Clear();
        if (run == nullptr || run->folders_.empty())
            return raised(PyExc_RuntimeError, "include() works while the configuration file runs");
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments); ++i) {
            GN_TRY(const Ref path, owned(PyOS_FSPath(PyTuple_GET_ITEM(arguments, i))));
            if (!PyUnicode_Check(path.get())) return raised(PyExc_TypeError, "include() takes paths as str");
            GN_CHECK(run->include_pattern(to_text(path.get())));
        }
        return Ref::none();
    });
}

PyResult<void> ConfigRun::include_pattern(const std::string& pattern) {
    if (folders_.size() > kMaxDepth) {
        return raised(PyExc_RecursionError, ("include('" + pattern + "'): files include each other").c_str());
    }
    const std::string path = pattern.starts_with('/') ? pattern : folders_.back() + pattern;
    const std::vector<std::string> found = matches_of(path);
    const bool is_pattern = pattern.find_first_of("*?[") != std::string::npos;
    if (found.empty() && !is_pattern)
        return raised(PyExc_FileNotFoundError, ("include('" + pattern + "'): there is no file " + path).c_str());
    for (const std::string& file : found) {
        auto text = sys::read_file(file);
        if (!text) return raised(PyExc_OSError, ("include('" + pattern + "'): " + text.error().message).c_str());
        GN_CHECK(execute(file, *std::move(text)));
    }
    return {};
}

PyObject* ConfigRun::value_of(const char* name) const {
    return globals_ == nullptr ? nullptr : PyDict_GetItemString(globals_, name);
}

}  // namespace gunicorn::python
