#include "python/process_setup.h"

#include <cstdlib>
#include <initializer_list>

#include "base/sanitizer.h"
#include "python/convert.h"
#include "python/error.h"
#include "python/python.h"

namespace gunicorn::python {
namespace {

Result<void> import_all(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (const auto module = import_module(name); !module) return Unexpected{module.error().to_error()};
    }
    return {};
}

}  // namespace

Result<bool> prepend_to_path(const std::string& folder) {
    auto prepend = [&]() -> PyResult<bool> {
        GN_TRY(const Ref text, to_str(folder));
        PyObject* path = PySys_GetObject("path");
        if (path == nullptr) return false;
        const int known = PySequence_Contains(path, text.get());
        GN_CHECK(checked(known));
        if (known == 0) GN_CHECK(checked(PyList_Insert(path, 0, text.get())));
        return known == 0;
    };
    return exported(prepend());
}

Result<void> remove_from_path(const std::string& folder) {
    auto remove = [&]() -> PyResult<void> {
        GN_TRY(const Ref text, to_str(folder));
        PyObject* path = PySys_GetObject("path");
        const Py_ssize_t place = path != nullptr ? PySequence_Index(path, text.get()) : -1;
        if (place < 0) {
            PyErr_Clear();  // somebody has removed it already
            return {};
        }
        return checked(PySequence_DelItem(path, place));
    };
    return exported(remove());
}

Result<void> set_environment(const std::string& name, const std::string& value) {
    auto set = [&]() -> PyResult<void> {
        GN_TRY(const Ref os, import_module("os"));
        GN_TRY(const Ref variables, attribute(os.get(), "environ"));
        GN_TRY(const Ref key, to_str(name));
        GN_TRY(const Ref text, to_str(value));
        return checked(PyObject_SetItem(variables.get(), key.get(), text.get()));
    };
    return exported(set());
}

Result<void> unset_environment(const std::string& name) {
    auto unset = [&]() -> PyResult<void> {
        GN_TRY(const Ref os, import_module("os"));
        GN_TRY(const Ref variables, attribute(os.get(), "environ"));
        GN_TRY(const Ref done, owned(PyObject_CallMethod(variables.get(), "pop", "sO", name.c_str(), Py_None)));
        return {};
    };
    ::unsetenv(name.c_str());  // code that is not Python's may have set it
    return exported(unset());
}

Result<std::vector<std::string>> original_command() {
    auto read = [&]() -> PyResult<std::vector<std::string>> {
        GN_TRY(const Ref util, import_module("gunicorn.util"));
        GN_TRY(const Ref words, owned(PyObject_CallMethod(util.get(), "_original_command", nullptr)));
        std::vector<std::string> command;
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(words.get()); ++i) {
            command.push_back(to_text(PyList_GET_ITEM(words.get(), i)));
        }
        return command;
    };
    return exported(read());
}

Result<void> find_class(const std::string& name, const char* section) {
    auto find = [&]() -> PyResult<void> {
        GN_TRY(const Ref util, import_module("gunicorn.util"));
        GN_TRY(const Ref found, owned(PyObject_CallMethod(util.get(), "load_class", "sss", name.c_str(), "", section)));
        return {};
    };
    if (auto found = find(); !found) return failure(ErrorKind::not_found, found.error().summary());
    return {};
}

Result<void> pretend_host(std::optional<std::int64_t> cpus, std::optional<std::int64_t> user, const std::string& hostname) {
    const auto number = [](const std::optional<std::int64_t>& given) -> PyResult<Ref> {
        if (!given) return Ref::none();
        return owned(PyLong_FromLongLong(*given));
    };
    auto pretend = [&]() -> PyResult<void> {
        GN_TRY(const Ref module, import_module("gunicorn._checks.simulation"));
        GN_TRY(const Ref count, number(cpus));
        GN_TRY(const Ref id, number(user));
        const char* name = hostname.empty() ? nullptr : hostname.c_str();
        GN_TRY(const Ref done, owned(PyObject_CallMethod(module.get(), "pretend", "OOz", count.get(), id.get(), name)));
        return {};
    };
    return exported(pretend());
}

Result<void> replace_environment(const std::map<std::string, std::string, std::less<>>& variables) {
    auto clear = [&]() -> PyResult<void> {
        GN_TRY(const Ref os, import_module("os"));
        GN_TRY(const Ref environ, attribute(os.get(), "environ"));
        GN_TRY(const Ref done, owned(PyObject_CallMethod(environ.get(), "clear", nullptr)));
        return {};
    };
    GN_CHECK(exported(clear()));
    for (const auto& [name, value] : variables) GN_CHECK(set_environment(name, value));
    return {};
}

Result<void> import_for_server() {
    return import_all({"gunicorn.app.wsgiapp", "gunicorn.arbiter", "gunicorn.config", "gunicorn.glogging",
                       "gunicorn.http.wsgi", "gunicorn.workers.base", "signal", "socket"});
}

Result<void> import_for_checks() {
    return import_all({"gunicorn._checks.examine", "gunicorn._checks.environment", "gunicorn._checks.failures", "ast",
                       "inspect", "re", "string", "operator", "types", "token", "tokenize"});
}

void flush_streams() {
    if (PyRun_SimpleString("import sys; sys.stdout.flush(); sys.stderr.flush()") != 0) PyErr_Clear();
}

void before_fork() { PyOS_BeforeFork(); }
void after_fork_in_parent() { PyOS_AfterFork_Parent(); }
void after_fork_in_child() { PyOS_AfterFork_Child(); }

Result<void> dump_stack_on(int signal, int fd, StackOf which) {
    auto install = [&]() -> PyResult<void> {
        GN_TRY(const Ref module, import_module("faulthandler"));
        const int all_threads = which == StackOf::all_threads ? 1 : 0;
        GN_TRY(const Ref done, owned(PyObject_CallMethod(module.get(), "register", "iii", signal, fd, all_threads)));
        return {};
    };
    return exported(install());
}

Result<void> dump_stacks_of_faults(int fd) {
    if (kHasSanitizer) return {};
    auto enable = [&]() -> PyResult<void> {
        GN_TRY(const Ref module, import_module("faulthandler"));
        GN_TRY(const Ref enabled, owned(PyObject_CallMethod(module.get(), "is_enabled", nullptr)));
        if (enabled.get() == Py_True) return {};
        GN_TRY(const Ref done, owned(PyObject_CallMethod(module.get(), "enable", "i", fd)));
        return {};
    };
    return exported(enable());
}

Result<void> announce_server() {
    GN_TRY(const Ref package, exported(import_module("gunicorn")));
    GN_TRY(const Ref software, exported(attribute(package.get(), "SERVER_SOFTWARE")));
    return set_environment("SERVER_SOFTWARE", to_text(software.get()));
}

}  // namespace gunicorn::python
