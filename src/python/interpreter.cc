#include "python/interpreter.h"

#include "python/python.h"

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/sys.h"
#include "base/text.h"
#include "python/convert.h"
#include "python/core_module.h"
#include "python/error.h"

namespace gunicorn::python {
namespace {

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string(".") : path.substr(0, slash);
}

/// "3.11" from the `version` or `version_info` line of a pyvenv.cfg; empty when there is none.
std::string version_of_environment(const std::string& folder) {
    const auto file = sys::read_file(folder + "/pyvenv.cfg", 65536);
    if (!file) return {};
    for (const std::string_view line : text::split(*file, '\n')) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = text::trim(line.substr(0, equals));
        if (key != "version" && key != "version_info") continue;
        const auto parts = text::split(text::trim(line.substr(equals + 1)), '.');
        if (parts.size() >= 2) return std::string(parts[0]) + "." + std::string(parts[1]);
    }
    return {};
}

std::string our_version() { return std::to_string(PY_MAJOR_VERSION) + "." + std::to_string(PY_MINOR_VERSION); }

Result<void> check_status(const PyStatus& status, const char* what) {
    if (PyStatus_Exception(status) == 0) return {};
    std::string text = std::string(what) + " failed";
    if (status.err_msg != nullptr) text += std::string(": ") + status.err_msg;
    return failure(ErrorKind::python, std::move(text));
}

}  // namespace

Result<std::string> choose_python(const InterpreterOptions& options) {
    const std::string beside = folder_of(folder_of(options.launcher));
    for (const std::string& folder : {beside, options.virtual_environment}) {
        if (folder.empty() || !sys::is_file(folder + "/pyvenv.cfg")) continue;
        const std::string found = version_of_environment(folder);
        if (!found.empty() && found != our_version()) {
            return failure(ErrorKind::unsupported, "the virtual environment " + folder + " is for Python " + found +
                                                       ", but this gunicorn was built for Python " + our_version() +
                                                       "; install a gunicorn built for " + found +
                                                       " or deactivate the environment");
        }
        for (const char* name : {"/bin/python3", "/bin/python"}) {
            if (sys::is_file(folder + name)) return folder + name;
        }
    }
    return options.default_python;
}

Result<void> start_interpreter(const InterpreterOptions& options, const std::string& chosen_python) {
    if (PyImport_AppendInittab("_gunicorn_core", &init_core_module) != 0) {
        return failure(ErrorKind::python, "the built-in module could not be registered");
    }
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 0;
    config.install_signal_handlers = 1;
    std::vector<char*> words;
    words.reserve(options.arguments.size());
    for (const std::string& word : options.arguments) words.push_back(const_cast<char*>(word.c_str()));
    if (!words.empty()) words[0] = const_cast<char*>(options.launcher.c_str());

    auto set_up = [&]() -> Result<void> {
        GN_CHECK(
            check_status(PyConfig_SetBytesString(&config, &config.program_name, chosen_python.c_str()), "program_name"));
        GN_CHECK(check_status(PyConfig_SetBytesString(&config, &config.executable, chosen_python.c_str()), "executable"));
        GN_CHECK(check_status(PyConfig_SetBytesArgv(&config, static_cast<Py_ssize_t>(words.size()), words.data()), "argv"));
        return check_status(Py_InitializeFromConfig(&config), "Python's start");
    };
    const Result<void> started = set_up();
    PyConfig_Clear(&config);
    GN_CHECK(started);

    // Ours first: a config file or project named gunicorn.py must not shadow the package.
    GN_TRY(const Ref folder, exported(to_str(options.package_folder)));
    PyObject* path = PySys_GetObject("path");
    if (path == nullptr || PyList_Insert(path, 0, folder.get()) != 0) {
        PyErr_Clear();
        return failure(ErrorKind::python, "sys.path cannot be extended");
    }
    return import_package();
}

Result<void> import_package() {
    // A dotted name in the inittab fails on CPython 3.10, hence the alias.
    if (const Ref built_in = Ref::steal(PyImport_ImportModule("_gunicorn_core"))) {
        PyObject* modules = PyImport_GetModuleDict();
        if (PyDict_SetItemString(modules, "gunicorn._core", built_in.get()) != 0) {
            return Unexpected{Exception::take().to_error()};
        }
    } else {
        PyErr_Clear();
    }
    GN_TRY(const Ref package, exported(import_module("gunicorn")));
    GN_TRY(const Ref core, exported(import_module("gunicorn._core")));
    return exported(checked(PyObject_SetAttrString(package.get(), "_core", core.get())));
}

void interrupt() { PyErr_SetInterrupt(); }

void expect_interrupts() {
    const Ref signal = Ref::steal(PyImport_ImportModule("signal"));
    const Ref handler = signal ? Ref::steal(PyObject_GetAttrString(signal.get(), "default_int_handler")) : Ref();
    const Ref before =
        handler ? Ref::steal(PyObject_CallMethod(signal.get(), "signal", "iO", SIGINT, handler.get())) : Ref();
    if (!before) PyErr_Clear();  // not the main thread: nothing can be interrupted
}

void forget_interrupts() {
    if (PyErr_CheckSignals() < 0) PyErr_Clear();
}

std::string version() {
    const std::string_view text = Py_GetVersion();  // "3.11.2 (main, ...) [GCC ...]"
    return std::string(text.substr(0, text.find(' ')));
}

bool is_running() noexcept { return Py_IsInitialized() != 0; }

int finalize_interpreter(int status) {
    if (Py_FinalizeEx() < 0 && status == 0) return 120;
    return status;
}

void leave_interpreter(int status) {
    // PyRun_SimpleString would end Python itself for a SystemExit, with the threads still running.
    constexpr const char* kLeave =
        "import atexit, sys\n"
        "try:\n"
        "    atexit._run_exitfuncs()\n"
        "    sys.stdout.flush()\n"
        "    sys.stderr.flush()\n"
        "except BaseException:\n"
        "    pass\n";
    if (PyRun_SimpleString(kLeave) != 0) PyErr_Clear();
    std::fflush(nullptr);
    std::_Exit(status);
}

}  // namespace gunicorn::python
