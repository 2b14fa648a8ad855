#include "python/core_module.h"

#include <csignal>

#include "config/registry.h"
#include "python/convert.h"
#include "python/gil.h"
#include "python/guard.h"
#include "python/runtime.h"
#include "python/wsgi/input.h"
#include "python/wsgi/start_response.h"

namespace gunicorn::python {
namespace {

// The module object is shared by both products, and its functions are plain C: this is how they find the one Runtime of the
// process. Written only by set_entry_point and bind_core_module, before and after everything else runs.
Runtime* g_runtime = nullptr;
EntryPoint g_entry_point = nullptr;

PyResult<Runtime*> runtime() {
    if (g_runtime == nullptr) return raised(PyExc_RuntimeError, "no gunicorn server runs in this process");
    return g_runtime;
}

PyResult<gateway::MasterControl*> master() {
    GN_TRY(Runtime* const running, runtime());
    if (running->master() == nullptr) return raised(PyExc_RuntimeError, "the master has not started yet");
    return running->master();
}

PyResult<gateway::WorkerControl*> worker() {
    GN_TRY(Runtime* const running, runtime());
    if (running->worker_control() == nullptr) return raised(PyExc_RuntimeError, "this process is not a worker");
    return running->worker_control();
}

PyResult<Ref> none_or(const Result<void>& result) {
    if (!result) return raised(result.error());
    return Ref::none();
}

PyObject* core_main(PyObject*, PyObject* argument) noexcept {
    return guard([&]() -> PyResult<Ref> {
        if (g_entry_point == nullptr) return raised(PyExc_RuntimeError, "this gunicorn._core has no entry point");
        GN_TRY(const Ref items, owned(PySequence_Fast(argument, "main() takes a list of arguments")));
        std::vector<std::string> words;
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
            words.push_back(to_text(PySequence_Fast_GET_ITEM(items.get(), i)));
        }
        return owned(PyLong_FromLong(g_entry_point(std::move(words))));
    });
}

PyObject* core_master_workers(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::MasterControl* const control, master());
        GN_TRY(Ref table, owned(PyDict_New()));
        for (const gateway::WorkerFacts& facts : control->workers()) {
            GN_TRY(const Ref pid, owned(PyLong_FromLong(facts.pid)));
            GN_TRY(const Ref object, g_runtime->worker_object(facts.age));
            GN_CHECK(checked(PyDict_SetItem(table.get(), pid.get(), object.get())));
        }
        return table;
    });
}

PyObject* core_master_listeners(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::MasterControl* const control, master());
        GN_TRY(Ref list, owned(PyList_New(0)));
        for (const gateway::ListenerFacts& facts : control->listeners()) {
            GN_TRY(const Ref pair, owned(Py_BuildValue("(is)", facts.fd, facts.text.c_str())));
            GN_CHECK(checked(PyList_Append(list.get(), pair.get())));
        }
        return list;
    });
}

PyObject* core_other_masters(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::MasterControl* const control, master());
        const gateway::MasterPids pids = control->other_masters();
        return owned(Py_BuildValue("(ii)", static_cast<int>(pids.successor), static_cast<int>(pids.predecessor)));
    });
}

PyObject* core_worker_count(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::MasterControl* const control, master());
        return owned(PyLong_FromLong(control->worker_count()));
    });
}

PyObject* core_set_worker_count(PyObject*, PyObject* argument) noexcept {
    return guard([&]() -> PyResult<Ref> {
        const long count = PyLong_AsLong(argument);
        if (count == -1 && PyErr_Occurred() != nullptr) return Unexpected{Exception::take()};
        GN_TRY(gateway::MasterControl* const control, master());
        return none_or(control->set_worker_count(static_cast<int>(count)));
    });
}

PyObject* core_signal_worker(PyObject*, PyObject* arguments) noexcept {
    return guard([&]() -> PyResult<Ref> {
        int pid = 0;
        int signo = 0;
        if (PyArg_ParseTuple(arguments, "ii", &pid, &signo) == 0) return Unexpected{Exception::take()};
        GN_TRY(gateway::MasterControl* const control, master());
        return none_or(control->signal_worker(pid, signo));
    });
}

PyObject* core_post_signal(PyObject*, PyObject* argument) noexcept {
    return guard([&]() -> PyResult<Ref> {
        const long signo = PyLong_AsLong(argument);
        if (signo == -1 && PyErr_Occurred() != nullptr) return Unexpected{Exception::take()};
        GN_TRY(gateway::MasterControl* const control, master());
        control->post_signal(static_cast<int>(signo));
        return Ref::none();
    });
}

PyObject* core_worker_is_alive(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::WorkerControl* const control, worker());
        return Ref::borrow(control->is_alive() ? Py_True : Py_False);
    });
}

PyObject* core_worker_stop(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::WorkerControl* const control, worker());
        control->stop();
        return Ref::none();
    });
}

PyObject* core_worker_notify(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::WorkerControl* const control, worker());
        control->notify();
        return Ref::none();
    });
}

PyObject* core_worker_requests(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::WorkerControl* const control, worker());
        return owned(PyLong_FromUnsignedLongLong(control->requests()));
    });
}

PyObject* core_reopen_logs(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(gateway::WorkerControl* const control, worker());
        control->reopen_logs();
        return Ref::none();
    });
}

PyObject* core_on_application_fork(PyObject*, PyObject*) noexcept {
    if (g_runtime != nullptr) g_runtime->on_application_fork();
    return Py_NewRef(Py_None);
}

PyObject* core_is_worker(PyObject*, PyObject*) noexcept {
    return Py_NewRef(g_runtime != nullptr && g_runtime->worker_control() != nullptr ? Py_True : Py_False);
}

PyObject* core_serve_requests(PyObject*, PyObject* capsule) noexcept {
    return guard([&]() -> PyResult<Ref> {
        auto* queue = static_cast<gateway::RequestQueue*>(PyCapsule_GetPointer(capsule, "gunicorn.request_queue"));
        if (queue == nullptr) return Unexpected{Exception::take()};
        ThreadLock lock;
        queue->serve(lock);
        return Ref::none();
    });
}

PyObject* core_set_setting(PyObject*, PyObject* arguments) noexcept {
    return guard([&]() -> PyResult<Ref> {
        const char* name = nullptr;
        PyObject* value = nullptr;
        if (PyArg_ParseTuple(arguments, "sO", &name, &value) == 0) return Unexpected{Exception::take()};
        GN_TRY(Runtime* const running, runtime());
        return running->set_at_run_time(name, value);
    });
}

PyResult<Ref> describe(const config::Declaration& declaration) {
    GN_TRY(Ref flags, owned(PyList_New(0)));
    for (const std::string_view flag : declaration.flags) {
        GN_TRY(const Ref text, to_str(flag));
        GN_CHECK(checked(PyList_Append(flags.get(), text.get())));
    }
    const std::string name(declaration.name);
    const std::string section(declaration.section);
    const std::string summary(declaration.summary);
    const std::string description(declaration.description);
    return owned(Py_BuildValue("{s:s, s:s, s:O, s:s, s:s}", "name", name.c_str(), "section", section.c_str(), "cli",
                               flags.get(), "short", summary.c_str(), "desc", description.c_str()));
}

PyObject* core_settings_table(PyObject*, PyObject*) noexcept {
    return guard([]() -> PyResult<Ref> {
        GN_TRY(Ref table, owned(PyList_New(0)));
        for (const config::Declaration& declaration : config::declarations()) {
            GN_TRY(const Ref row, describe(declaration));
            GN_CHECK(checked(PyList_Append(table.get(), row.get())));
        }
        return table;
    });
}

PyMethodDef kFunctions[] = {
    {"main", &core_main, METH_O, "main(argv) -> exit status. Runs the server in this interpreter; argv[0] is the program."},
    {"settings_table", &core_settings_table, METH_NOARGS, "Every setting: a list of {name, section, cli, short, desc}."},
    {"set_setting", &core_set_setting, METH_VARARGS, "set_setting(name, value) -> the value as stored; ValueError."},
    {"on_application_fork", &core_on_application_fork, METH_NOARGS,
     "os.fork() of a worker's application: the child's half."},
    {"master_workers", &core_master_workers, METH_NOARGS, "The workers of this master: {pid: worker}."},
    {"master_listeners", &core_master_listeners, METH_NOARGS, "The listening sockets: [(fd, text)]."},
    {"other_masters", &core_other_masters, METH_NOARGS, "While an upgrade is under way: (new pid, old pid); 0 for none."},
    {"worker_count", &core_worker_count, METH_NOARGS, "How many workers the master wants."},
    {"set_worker_count", &core_set_worker_count, METH_O, "set_worker_count(n)"},
    {"signal_worker", &core_signal_worker, METH_VARARGS, "signal_worker(pid, signal): LookupError for any other process."},
    {"post_signal", &core_post_signal, METH_O, "post_signal(signal): as if the master had received it."},
    {"is_worker", &core_is_worker, METH_NOARGS, "Whether this process is a worker of ours."},
    {"worker_is_alive", &core_worker_is_alive, METH_NOARGS, "False once this worker is stopping."},
    {"worker_stop", &core_worker_stop, METH_NOARGS, "Stops this worker gracefully."},
    {"worker_notify", &core_worker_notify, METH_NOARGS, "The heartbeat of this worker."},
    {"worker_requests", &core_worker_requests, METH_NOARGS, "Requests this worker has served."},
    {"reopen_logs", &core_reopen_logs, METH_NOARGS, "Reopens the native log files of this worker."},
    {"serve_requests", &core_serve_requests, METH_O, "serve_requests(queue): the body of a pool thread."},
    {nullptr, nullptr, 0, nullptr}};

int fill_module(PyObject* module) {
    const auto filled = [&]() -> PyResult<void> {
        GN_CHECK(add_input_type(module));
        GN_CHECK(add_start_response_type(module));
        return checked(PyModule_AddStringConstant(module, "version", GN_VERSION));
    }();
    if (filled) return 0;
    Exception(filled.error()).restore();
    return -1;
}

PyModuleDef_Slot kModuleSlots[] = {{Py_mod_exec, reinterpret_cast<void*>(&fill_module)},
#if PY_VERSION_HEX >= 0x030C0000
                                   {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
                                   {0, nullptr}};

PyModuleDef kModule = {PyModuleDef_HEAD_INIT,
                       "_gunicorn_core",
                       "The native half of gunicorn.",
                       0,
                       kFunctions,
                       kModuleSlots,
                       nullptr,
                       nullptr,
                       nullptr};

}  // namespace

PyObject* init_core_module() { return PyModuleDef_Init(&kModule); }

void set_entry_point(EntryPoint entry_point) noexcept { g_entry_point = entry_point; }

void bind_core_module(Runtime* runtime_of_process) noexcept { g_runtime = runtime_of_process; }

}  // namespace gunicorn::python
