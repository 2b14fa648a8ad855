#include "python/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "config/cross_checks.h"
#include "config/registry.h"
#include "config/report/config_dump.h"
#include "python/convert.h"
#include "python/core_module.h"
#include "python/gil.h"
#include "python/guard.h"
#include "python/interpreter.h"
#include "python/logger_access.h"
#include "python/logger_sink.h"
#include "python/process_setup.h"
#include "python/tls/python_tls_channel.h"
#include "python/wsgi/wsgi_application.h"

namespace gunicorn::python {
namespace {

void call_gc(const char* function) {
    const Ref gc = Ref::steal(PyImport_ImportModule("gc"));
    const Ref done = gc ? Ref::steal(PyObject_CallMethod(gc.get(), function, nullptr)) : Ref();
    if (!done) PyErr_Clear();  // the processes are as good, and only larger
}

/// The garbage collector writes into every object that it looks at, and so takes a copy of its page: what was made before a
/// fork is taken from it for good (gc.freeze), garbage first. From the second fork on only what is new is looked at.
void keep_objects_shared() {
    PyGC_Collect();
    call_gc("freeze");
}

PyResult<Ref> make_config(const GenerationView& generation) {
    GN_TRY(const Ref module, import_module("gunicorn.config"));
    GN_TRY(const Ref values, owned(PyDict_New()));
    for (const config::Declaration& declaration : config::declarations()) {
        GN_TRY(const Ref value, from_raw(declaration.get(*generation.settings), *generation.objects));
        GN_TRY(const Ref name, to_str(declaration.name));
        GN_CHECK(checked(PyDict_SetItem(values.get(), name.get(), value.get())));
    }
    return owned(PyObject_CallMethod(module.get(), "from_native", "O", values.get()));
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::create(const GenerationView& generation, std::string application_uri,
                                                 PyObject* embedder) {
    std::unique_ptr<Runtime> runtime(new Runtime(generation.number));
    bind_core_module(runtime.get());
    GN_CHECK(runtime->add_generation(generation, std::move(application_uri)));
    GN_CHECK(exported(runtime->make_application(embedder)));
    GN_CHECK(runtime->log_failure(runtime->make_server()));
    return runtime;
}

Result<std::unique_ptr<Runtime>> Runtime::create_for_check(const GenerationView& generation, std::string application_uri) {
    std::unique_ptr<Runtime> runtime(new Runtime(generation.number));
    bind_core_module(runtime.get());
    GN_CHECK(runtime->add_generation(generation, std::move(application_uri)));
    GN_CHECK(exported(runtime->make_application(nullptr)));
    return runtime;
}

Diagnostics Runtime::check_log_config() const {
    const config::Settings& settings = *generation().settings;
    auto refused = [&]() -> PyResult<Ref> {
        GN_TRY(const Ref module, import_module("gunicorn.glogging"));
        return owned(PyObject_CallMethod(module.get(), "_check", "O", config_object()));
    }();
    if (refused && refused->get() == Py_None) return {};
    const char* name = "logconfig";
    const char* reason = nullptr;
    if (!refused) return {{DiagId::bad_log_config, name, settings.origin(config::SettingId::logconfig), refused.error().summary()}};
    if (PyArg_ParseTuple(refused->get(), "ss", &name, &reason) == 0) PyErr_Clear();
    const config::Declaration* about = config::find_setting(name);
    return {{DiagId::bad_log_config, name, settings.origin(about->id),
             "Python's logging.config refuses it: " + std::string(reason == nullptr ? "" : reason)}};
}

Runtime::~Runtime() { bind_core_module(nullptr); }

Result<void> Runtime::add_generation(const GenerationView& generation, std::string application_uri) {
    GN_TRY(Ref config, exported(make_config(generation)));
    generations_[generation.number] = {generation, std::move(config), std::move(application_uri), {}, {}};
    return {};
}

Result<void> Runtime::enter_generation(std::uint32_t number) {
    current_ = number;
    PythonGeneration& entered = generations_.at(number);
    auto enter = [&]() -> PyResult<void> {
        PyObject* config = entered.config.get();
        GN_CHECK(checked(PyObject_SetAttrString(application_.get(), "cfg", config)));
        GN_TRY(const Ref uri, to_str(entered.application_uri));
        GN_CHECK(checked(PyObject_SetAttrString(application_.get(), "app_uri", uri.get())));
        GN_CHECK(checked(PyObject_SetAttrString(server_.get(), "cfg", config)));
        GN_TRY(const Ref module, import_module("gunicorn.glogging"));
        PyObject* before = entered.log ? entered.log.get() : log_.get();
        GN_TRY(log_, owned(PyObject_CallMethod(module.get(), "_set_up_again", "OO", before, config)));
        entered.log = log_;
        choose_log();
        GN_CHECK(checked(PyObject_SetAttrString(application_.get(), "log", log_.get())));
        GN_TRY(const Ref done, owned(PyObject_CallMethod(server_.get(), "_enter", "OO", config, log_.get())));
        return {};
    };
    return log_failure(enter());
}

/// What logging.config refuses is a mistake in the configuration, which one line tells.
Result<void> Runtime::log_failure(const PyResult<void>& outcome) const {
    if (outcome) return {};
    const Ref setting = Ref::steal(PyObject_GetAttrString(outcome.error().value(), "setting"));
    const Ref reason = Ref::steal(PyObject_GetAttrString(outcome.error().value(), "reason"));
    PyErr_Clear();
    const config::Declaration* about = setting && reason ? config::find_setting(to_text(setting.get())) : nullptr;
    if (about == nullptr) return exported(outcome);
    return failure(ErrorKind::invalid_argument,
                   fmt::format("{} ({}): the logging configuration cannot be applied: {}", about->name,
                               config::shown_origin(generation().settings->origin(about->id)), to_text(reason.get())));
}

/// See gunicorn.glogging._choice. A logger that cannot be asked gets every line.
void Runtime::choose_log() {
    const Ref module = Ref::steal(PyImport_ImportModule("gunicorn.glogging"));
    const Ref answer = module ? Ref::steal(PyObject_CallMethod(module.get(), "_choice", "O", log_.get())) : Ref();
    int is_native = 0;
    int logs_access = 1;
    int least_level = 0;
    if (!answer || PyArg_ParseTuple(answer.get(), "ppi", &is_native, &logs_access, &least_level) == 0) {
        PyErr_WriteUnraisable(log_.get());
    }
    log_choice_.is_native = is_native != 0;
    log_choice_.logs_access = logs_access != 0;
    log_choice_.least_level = least_level;
}

void Runtime::drop_generation(std::uint32_t number) {
    if (number != current_ && generations_.erase(number) != 0) has_garbage_ = true;
}

void Runtime::collect_garbage() {
    const auto is_dropped = [this](const auto& worker) {
        return std::ranges::none_of(generations_,
                                    [&](const auto& one) { return one.second.config.get() == worker.second.get(); });
    };
    if (!is_master_ || !has_garbage_ || std::ranges::any_of(planned_, is_dropped)) return;
    has_garbage_ = false;
    if (config::is_preloaded(*generation().settings)) call_gc("unfreeze");  // the next fork freezes what is left
    PyGC_Collect();
}

PyResult<void> Runtime::make_application(PyObject* embedder) {
    const PythonGeneration& first = generations_.at(current_);
    if (embedder != nullptr) {
        application_ = Ref::borrow(embedder);
        GN_CHECK(checked(PyObject_SetAttrString(embedder, "cfg", first.config.get())));
    } else {
        GN_TRY(const Ref module, import_module("gunicorn.app.wsgiapp"));
        GN_TRY(application_, owned(PyObject_CallMethod(module.get(), "from_native", "Os", first.config.get(),
                                                       first.application_uri.c_str())));
    }
    return {};
}

PyResult<void> Runtime::make_server() {
    GN_TRY(const Ref logger_class, owned(PyObject_GetAttrString(config_object(), "logger_class")));
    GN_TRY(log_, owned(PyObject_CallOneArg(logger_class.get(), config_object())));
    generations_.at(current_).log = log_;
    choose_log();
    GN_CHECK(checked(PyObject_SetAttrString(application_.get(), "log", log_.get())));
    GN_TRY(const Ref module, import_module("gunicorn.arbiter"));
    GN_TRY(server_,
           owned(PyObject_CallMethod(module.get(), "from_native", "OOO", application_.get(), config_object(), log_.get())));
    return {};
}

// PyOS_BeforeFork runs the at-fork hooks of the application and takes the import lock; a raw fork would skip both.
void Runtime::before_fork() {
    if (config::is_preloaded(*generation().settings)) keep_objects_shared();
    PyOS_BeforeFork();
}
void Runtime::after_fork_in_parent() { PyOS_AfterFork_Parent(); }
void Runtime::after_fork_in_child() {
    is_master_ = false;
    PyOS_AfterFork_Child();
}

void Runtime::worker_planned(std::uint64_t age, std::uint32_t generation) {
    planned_[age] = generations_.at(generation).config;
}

PyResult<Ref> Runtime::worker_object(std::uint64_t age) {
    if (const auto known = workers_.find(age); known != workers_.end()) return known->second;
    const auto planned = planned_.find(age);
    const Ref config = planned != planned_.end() ? planned->second : generations_.at(current_).config;
    GN_TRY(const Ref type, owned(PyObject_GetAttrString(config.get(), "worker_class")));
    GN_TRY(const Ref parent, owned(PyObject_GetAttrString(server_.get(), "pid")));
    GN_TRY(const Ref sockets, owned(PyObject_GetAttrString(server_.get(), "LISTENERS")));
    GN_TRY(const Ref timeout, owned(PyObject_GetAttrString(config.get(), "timeout")));
    GN_TRY(Ref worker, owned(PyObject_CallFunction(type.get(), "KOOOdOO", static_cast<unsigned long long>(age), parent.get(),
                                                   sockets.get(), application_.get(), PyFloat_AsDouble(timeout.get()) / 2.0,
                                                   config.get(), log_.get())));
    workers_[age] = worker;
    if (const auto pid = pids_.find(age); pid != pids_.end()) worker_spawned(age, pid->second);
    if (aborted_.contains(age)) worker_aborted(age);
    return worker;
}

void Runtime::worker_gone(std::uint64_t age) {
    workers_.erase(age);
    planned_.erase(age);
    pids_.erase(age);
    aborted_.erase(age);
    collect_garbage();
}

void Runtime::worker_aborted(std::uint64_t age) {
    aborted_.insert(age);
    const auto known = workers_.find(age);
    if (known == workers_.end()) return;
    if (PyObject_SetAttrString(known->second.get(), "aborted", Py_True) != 0) PyErr_Clear();
}

void Runtime::worker_spawned(std::uint64_t age, int pid) {
    pids_[age] = pid;
    const auto known = workers_.find(age);
    if (known == workers_.end()) return;
    const Ref number = Ref::steal(PyLong_FromLong(pid));
    if (!number || PyObject_SetAttrString(known->second.get(), "pid", number.get()) != 0) PyErr_Clear();
}

void Runtime::reopen_python_logs() {
    const Ref done = Ref::steal(PyObject_CallMethod(log_.get(), "reopen_files", nullptr));
    if (!done) PyErr_WriteUnraisable(log_.get());
}

void Runtime::retitle_master() {
    const Ref done = Ref::steal(PyObject_CallMethod(server_.get(), "_retitle", nullptr));
    if (!done) PyErr_WriteUnraisable(server_.get());
}

void Runtime::exit_now(int status) { leave_interpreter(status); }

PyResult<Ref> Runtime::argument_object(const gateway::HookArgument& argument) {
    if (std::holds_alternative<gateway::ServerView>(argument)) return server_;
    if (const auto* worker = std::get_if<gateway::WorkerView>(&argument)) return worker_object(worker->age);
    if (const auto* object = std::get_if<gateway::ObjectView>(&argument)) {
        return object->object == nullptr ? Ref::none() : Ref::borrow(static_cast<PyObject*>(object->object));
    }
    const auto& count = std::get<gateway::CountView>(argument);
    if (!count) return Ref::none();
    return owned(PyLong_FromLongLong(*count));
}

Result<void> Runtime::call(const config::HookValue& hook, std::span<const gateway::HookArgument> arguments) {
    auto called = [&]() -> PyResult<void> {
        const Ref callable = generations_.at(hook.callable.generation).view.objects->get(hook.callable);
        GN_ASSERT(hook.arity >= 0 && static_cast<std::size_t>(hook.arity) <= arguments.size(), "arity was checked");
        GN_TRY(const Ref packed, owned(PyTuple_New(hook.arity)));
        for (int i = 0; i < hook.arity; ++i) {
            GN_TRY(Ref object, argument_object(arguments[static_cast<std::size_t>(i)]));
            PyTuple_SET_ITEM(packed.get(), i, object.release());
        }
        GN_TRY(const Ref result, owned(PyObject_CallObject(callable.get(), packed.get())));
        return {};
    };
    const PyResult<void> outcome = called();
    end_application_fork(outcome);
    return exported(outcome);
}

Result<void> Runtime::begin_worker(std::uint64_t age, gateway::WorkerControl& control) {
    worker_control_ = &control;
    current_age_ = age;
    auto begin = [&]() -> PyResult<void> {
        GN_TRY(const Ref worker, worker_object(age));
        GN_TRY(const Ref pid, owned(PyLong_FromLong(::getpid())));
        if (generation().settings->reload) GN_CHECK(make_reloader(worker.get()));
        return checked(PyObject_SetAttrString(worker.get(), "pid", pid.get()));
    };
    return exported(begin());
}

Result<void> Runtime::write_stacks_on(int stack_signal, int fd) {
    GN_CHECK(dump_stack_on(stack_signal, fd, StackOf::all_threads));
    return dump_stacks_of_faults(fd);
}

Result<void> Runtime::install_signal_handlers(int wakeup_fd) {
    auto install = [&]() -> PyResult<void> {
        GN_TRY(const Ref worker, worker_object(current_age_));
        GN_TRY(const Ref done, owned(PyObject_CallMethod(worker.get(), "_enter", "i", wakeup_fd)));
        return {};
    };
    return exported(install());
}

std::string Runtime::stack_of_thread(std::uint64_t ident) {
    auto read = [&]() -> PyResult<Ref> {
        GN_TRY(const Ref util, import_module("gunicorn.util"));
        return owned(PyObject_CallMethod(util.get(), "_stack_of_thread", "K", static_cast<unsigned long long>(ident)));
    };
    const PyResult<Ref> stack = read();
    return stack ? to_text(stack->get()) : stack.error().to_error().message;
}

void Runtime::announce_boot() {
    const auto known = workers_.find(current_age_);
    if (known == workers_.end()) return;
    if (PyObject_SetAttrString(known->second.get(), "booted", Py_True) != 0) PyErr_Clear();
}

void Runtime::end_worker() {
    const Ref signal = Ref::steal(PyImport_ImportModule("signal"));
    const Ref done = signal ? Ref::steal(PyObject_CallMethod(signal.get(), "set_wakeup_fd", "i", -1)) : Ref();
    if (!done) PyErr_Clear();
    worker_control_ = nullptr;
}

Result<std::unique_ptr<gateway::Application>> Runtime::load_application(const gateway::ApplicationOptions& options) {
    auto load = [&]() -> PyResult<std::unique_ptr<gateway::Application>> {
        GN_TRY(const Ref worker, worker_object(current_age_));
        GN_TRY(const Ref loaded, owned(PyObject_CallMethod(worker.get(), "load_wsgi", nullptr)));
        GN_TRY(const Ref callable, owned(PyObject_GetAttrString(worker.get(), "wsgi")));
        return WsgiApplication::create(*this, callable, worker, options);
    };
    auto loaded = load();
    if (!loaded && generation().settings->reload) return Unexpected{broken_application(loaded.error())};
    return exported(std::move(loaded));
}

Result<void> Runtime::preload_application() {
    GN_TRY(const Ref callable, exported(owned(PyObject_CallMethod(application_.get(), "wsgi", nullptr))));
    return {};
}

Result<void> Runtime::start_thread(gateway::RequestQueue& queue) {
    auto start = [&]() -> PyResult<void> {
        GN_TRY(const Ref worker, worker_object(current_age_));
        GN_TRY(const Ref capsule, owned(PyCapsule_New(&queue, "gunicorn.request_queue", nullptr)));
        GN_TRY(const Ref thread, owned(PyObject_CallMethod(worker.get(), "_start_thread", "O", capsule.get())));
        return {};
    };
    return exported(start());
}

std::unique_ptr<gateway::InterpreterLock> Runtime::make_lock() { return std::make_unique<ThreadLock>(interruption_); }

Result<std::unique_ptr<gateway::TlsChannelFactory>> Runtime::make_tls_channels() {
    auto make = [&]() -> PyResult<Ref> {
        GN_TRY(const Ref module, import_module("gunicorn._tls"));
        return owned(PyObject_CallMethod(module.get(), "make_context", "O", config_object()));
    };
    PyResult<Ref> context = make();
    end_application_fork(context ? PyResult<void>() : PyResult<void>(Unexpected{context.error()}));
    if (!context) {
        Error error = context.error().to_error();
        if (error.kind == ErrorKind::python) error.message = "The hook ssl_context made no TLS context:\n" + error.message;
        return Unexpected{std::move(error)};
    }
    return exported(make_python_tls_channels(*std::move(context), interruption_));
}

Result<LoggerKind> Runtime::logger_kind() {
    GN_TRY(const Ref module, exported(import_module("gunicorn.instrument.statsd")));
    GN_TRY(const Ref kind, exported(owned(PyObject_CallMethod(module.get(), "_kind_of", "O", log_.get()))));
    const std::string name = to_text(kind.get());
    if (name == "stock") return LoggerKind::stock;
    return name == "statsd" ? LoggerKind::statsd : LoggerKind::other;
}

std::unique_ptr<gateway::LogSink> Runtime::python_log_sink() { return std::make_unique<LoggerSink>(log_, log_choice_); }

std::unique_ptr<gateway::AccessSink> Runtime::python_access_log() {
    if (!log_choice_.logs_access) return nullptr;
    return std::make_unique<LoggerAccess>(log_, config::AccessExclusions::of(generation().settings->access_log_exclude));
}

namespace {

/// Who called cfg.set(): the innermost frame outside of our package.
Origin calling_place() {
    Origin origin{SourceKind::runtime, "cfg.set"};
    const Ref sys = Ref::steal(PyImport_ImportModule("sys"));
    for (int depth = 0; sys && depth < 8; ++depth) {
        const Ref frame = Ref::steal(PyObject_CallMethod(sys.get(), "_getframe", "i", depth));
        const Ref globals = frame ? Ref::steal(PyObject_GetAttrString(frame.get(), "f_globals")) : Ref();
        if (!globals) break;
        PyObject* name = PyDict_GetItemString(globals.get(), "__name__");
        if (name != nullptr && to_text(name).starts_with("gunicorn.")) continue;
        const Ref code = Ref::steal(PyObject_GetAttrString(frame.get(), "f_code"));
        const Ref file = code ? Ref::steal(PyObject_GetAttrString(code.get(), "co_filename")) : Ref();
        const Ref line = Ref::steal(PyObject_GetAttrString(frame.get(), "f_lineno"));
        if (file && line) origin = {SourceKind::runtime, to_text(file.get()), static_cast<int>(PyLong_AsLong(line.get()))};
        break;
    }
    PyErr_Clear();
    return origin;
}

}  // namespace

PyResult<Ref> Runtime::set_at_run_time(const std::string& name, PyObject* value) {
    const config::Declaration* declaration = config::find_setting(name);
    if (declaration == nullptr) {
        PyErr_Format(PyExc_AttributeError, "No configuration setting for: %s", name.c_str());
        return Unexpected{Exception::take()};
    }
    const GenerationView& current = generation();
    config::Settings copy = *current.settings;
    const config::RawValue raw = to_raw(value, *current.objects);
    const auto judged = declaration->set(copy, raw, *current.validation);
    if (!judged) return raised(PyExc_ValueError, (name + ": " + judged.error().message).c_str());
    generations_.at(current_).runtime_settings.push_back({name, raw, calling_place()});
    return from_raw(declaration->get(copy), *current.objects);
}

bool Runtime::take_runtime_settings(config::Settings& settings) {
    choose_log();  // a hook or the application may have given the loggers other handlers
    // What another generation has got waits for its return, or goes with it: objects are in its table.
    const std::vector<config::Assignment> taken = std::exchange(generations_.at(current_).runtime_settings, {});
    for (const config::Assignment& assignment : taken) {
        const config::Declaration* declaration = config::find_setting(assignment.setting);
        const auto stored = declaration->set(settings, assignment.value, *generation().validation);
        GN_ASSERT(stored.has_value(), "it was accepted when it was set");
        settings.origins[static_cast<std::size_t>(declaration->id)] = assignment.origin;
    }
    return !taken.empty();
}

void Runtime::exit_application_fork(const PyResult<void>& outcome) const {
    int status = 0;
    if (!outcome) {
        const Error error = outcome.error().to_error();
        status = error.kind == ErrorKind::system_exit ? error.code : 1;
        if (error.kind != ErrorKind::system_exit) std::fprintf(stderr, "%s\n", error.message.c_str());
    }
    flush_streams();
    std::_Exit(status);
}

}  // namespace gunicorn::python
