#pragma once

#include "python/python.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/settings.gen.h"
#include "config/source.h"
#include "config/validation.h"
#include "gateway/fork_observer.h"
#include "gateway/log_sink.h"
#include "gateway/master_control.h"
#include "gateway/worker_runtime.h"
#include "hooks/invoker.h"
#include "python/error.h"
#include "python/gil.h"
#include "python/log_choice.h"
#include "python/object_table.h"
#include "python/ref.h"

namespace gunicorn::python {

/// What a generation looks like from Python: the settings and the objects in them.
struct GenerationView {
    std::uint32_t number = 1;  ///< of the handles in the settings
    const config::Settings* settings = nullptr;
    ObjectTable* objects = nullptr;
    const config::ValidationContext* validation = nullptr;
};

/// Who counts requests and lines of the log for statsd.
enum class LoggerKind {
    stock,   ///< gunicorn.glogging.Logger, or Statsd itself: this server does
    statsd,  ///< a class of the user that derives from Statsd: the logger does
    other,   ///< nobody, as in Gunicorn
};

/// The Python side of the server: finds or makes the objects that user code receives (server, worker, cfg, app, log), calls
/// hooks, brackets forks, and starts the life of a worker. One a process; wiring makes it after the interpreter runs and
/// destroys it, GIL held, before Python ends.
class Runtime final : public gateway::ForkObserver, public hooks::Invoker, public gateway::WorkerRuntime {
public:
    /// `application_uri` is "module:name", empty for an embedder's own application. `embedder` is the BaseApplication object
    /// that asked for the run, or null. GIL held.
    static Result<std::unique_ptr<Runtime>> create(const GenerationView& generation, std::string application_uri,
                                                   PyObject* embedder);
    /// For a check: cfg and app only. No logger is made, since that opens files and may run the user's code, and the process
    /// does not call itself a server. Good for preload_application() and nothing else. GIL held.
    static Result<std::unique_ptr<Runtime>> create_for_check(const GenerationView& generation, std::string application_uri);
    /// Tries logconfig and its kin, without leaving a trace but what the classes of handlers do when they are made; files are
    /// neither made nor written (gunicorn._log_config.check). Only in a process that checks. GIL held.
    [[nodiscard]] Diagnostics check_log_config() const;
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    ~Runtime() override;

    // Fork (GIL held).
    void before_fork() override;
    void after_fork_in_parent() override;
    void after_fork_in_child() override;

    // Hooks (GIL held).
    Result<void> call(const config::HookValue& hook, std::span<const gateway::HookArgument> arguments) override;

    // The worker (GIL held).
    Result<void> begin_worker(std::uint64_t age, gateway::WorkerControl& control) override;
    Result<void> write_stacks_on(int stack_signal, int fd) override;
    Result<void> install_signal_handlers(int wakeup_fd) override;
    std::string stack_of_thread(std::uint64_t ident) override;
    void announce_boot() override;
    void end_worker() override;
    Result<std::unique_ptr<gateway::Application>> load_application(const gateway::ApplicationOptions& options) override;
    Result<void> start_thread(gateway::RequestQueue& queue) override;
    std::unique_ptr<gateway::InterpreterLock> make_lock() override;
    Result<std::unique_ptr<gateway::TlsChannelFactory>> make_tls_channels() override;
    [[noreturn]] void exit_now(int status) override;
    bool take_runtime_settings(config::Settings& settings) override;
    std::vector<gateway::LoadedFile> take_loaded_files() override;
    [[nodiscard]] bool logs_natively() const override { return log_choice_.is_native; }
    std::unique_ptr<gateway::AccessSink> python_access_log() override;
    void reopen_python_logs() override;
    void retitle_master() override;
    void worker_planned(std::uint64_t age, std::uint32_t generation) override;
    void worker_spawned(std::uint64_t age, int pid) override;
    void worker_aborted(std::uint64_t age) override;
    void worker_gone(std::uint64_t age) override;

    // The master. What create() got is the first generation, and entered.
    /// Another loading of the configuration, with a cfg of its own; nothing refers to it before it is entered. The view's
    /// pointers live until drop_generation(). GIL held.
    Result<void> add_generation(const GenerationView& generation, std::string application_uri);
    /// From now on hooks see this one: server.cfg, app.cfg, and the logger set up anew, by the same object where its class
    /// is the same (Gunicorn: Arbiter.setup). An Error is what the logger raised; the rest is done. GIL held.
    Result<void> enter_generation(std::uint32_t number);
    /// No hook of it is called any more. The entered one stays, for whoever asks while everything ends. GIL held.
    void drop_generation(std::uint32_t number);
    /// In the master: what dropped generations leave behind are functions and their modules, cycles that Python would find
    /// late or, with preload_app, never. Does nothing while a worker has the cfg of one. GIL held.
    void collect_garbage();
    /// The settings that are served from, once they have their final place.
    void set_settings(std::uint32_t number, const config::Settings* settings) {
        generations_.at(number).view.settings = settings;
    }
    void set_master(gateway::MasterControl* master) noexcept { master_ = master; }
    /// preload_app: imports the application now, in the master; workers then find it loaded.
    Result<void> preload_application();
    /// Of the logger object that the generation has. GIL held.
    Result<LoggerKind> logger_kind();
    /// The error log by way of the entered generation's logger object. GIL held.
    std::unique_ptr<gateway::LogSink> python_log_sink();
    /// Who writes the logs now; asked anew by take_runtime_settings() and enter_generation().
    [[nodiscard]] const LogChoice& log_choice() const noexcept { return log_choice_; }

    // For the module's functions and the WSGI bridge. All lent or new references, GIL held.
    [[nodiscard]] const GenerationView& generation() const { return generations_.at(current_).view; }
    [[nodiscard]] gateway::MasterControl* master() const noexcept { return master_; }
    [[nodiscard]] gateway::WorkerControl* worker_control() const noexcept { return worker_control_; }
    [[nodiscard]] PyResult<Ref> worker_object(std::uint64_t age);
    [[nodiscard]] PyObject* config_object() const { return generations_.at(current_).config.get(); }
    [[nodiscard]] PyObject* application_object() const noexcept { return application_.get(); }
    [[nodiscard]] PyObject* log_object() const noexcept { return log_.get(); }
    [[nodiscard]] std::uint64_t current_worker_age() const noexcept { return current_age_; }
    /// cfg.set(name, value) at run time: judged by the setting's validator, and kept for take_runtime_settings(). Answers
    /// the value as stored.
    PyResult<Ref> set_at_run_time(const std::string& name, PyObject* value);
    /// os.fork() in application code made this process: it is no worker, and shares a worker's sockets.
    void on_application_fork() noexcept { is_application_fork_ = true; }
    /// Called where application code returns to us: a process that it forked ends here instead of serving on.
    void end_application_fork(const PyResult<void>& outcome) const {
        if (is_application_fork_) [[unlikely]]
            exit_application_fork(outcome);
    }

private:
    struct PythonGeneration {
        GenerationView view;
        Ref config;
        std::string application_uri;
        std::vector<config::Assignment> runtime_settings;  // set(), and not taken yet
        Ref log;                                           // once it was entered
    };

    explicit Runtime(std::uint32_t first) : current_(first) {}
    PyResult<void> make_application(PyObject* embedder);
    PyResult<void> make_server();
    void choose_log();
    Result<void> log_failure(const PyResult<void>& outcome) const;
    PyResult<Ref> loaded_files();
    PyResult<void> make_reloader(PyObject* worker);
    Error broken_application(const Exception& exception);
    [[noreturn]] void exit_application_fork(const PyResult<void>& outcome) const;
    PyResult<Ref> argument_object(const gateway::HookArgument& argument);

    std::map<std::uint32_t, PythonGeneration> generations_;
    std::uint32_t current_;
    gateway::MasterControl* master_ = nullptr;
    gateway::WorkerControl* worker_control_ = nullptr;
    std::uint64_t current_age_ = 0;
    Ref application_;
    Ref log_;
    Ref server_;
    LogChoice log_choice_;
    Ref loaded_files_;  // gunicorn._loaded_files.LoadedFiles, from the first use on
    std::map<std::uint64_t, Ref> workers_;
    std::map<std::uint64_t, Ref> planned_;  // the cfg of each worker, which its generation may leave behind
    std::map<std::uint64_t, int> pids_;     // of workers that run, whether or not they have an object
    std::set<std::uint64_t> aborted_;       // of these
    bool is_master_ = true;
    bool has_garbage_ = false;
    bool is_application_fork_ = false;
    Interruption interruption_;
};

}  // namespace gunicorn::python
