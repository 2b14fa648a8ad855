"""What the objects that hooks get have. The one place; tests compare it with the objects of a running server."""


def words(text):
    return frozenset(text.split())


# What each parameter of a hook is, by its name in the schema. Others (numbers, factories) are not looked into.
KINDS = {"server": "server", "worker": "worker", "req": "req", "environ": "environ", "resp": "resp", "config": "cfg"}

# Public names of each kind. `cfg` has every setting beside.
ATTRIBUTES = {
    "server": words(
        """APP_LOAD_ERROR LISTENERS SIGNALS SIG_NAMES WORKERS WORKER_BOOT_ERROR address app cfg kill_worker kill_workers log
        master_name master_pid num_workers pid pidfile proc_name reexec_pid signal systemd timeout worker_age worker_class"""
    ),
    "worker": words(
        """SIGNALS aborted age alive app booted cfg handle_abort handle_exit handle_nothing handle_quit handle_usr1 handle_winch
        init_signals load_wsgi log max_requests notify nr pid ppid reloader sockets timeout tmp wsgi"""
    ),
    "req": words(
        """body fragment headers method must_close path peer_addr proxy_protocol_info query remote_addr scheme should_close
        trailers uri version"""
    ),
    "resp": words("chunked headers headers_sent must_close req response_length sent status status_code version"),
    "cfg": words("env gid is_ssl set settings ssl_options uid worker_class_str"),
    "log": words(
        """LOG_LEVELS access access_fmt access_handlers access_log access_log_enabled atoms atoms_wrapper_class cfg close_on_exec
        critical datefmt debug error error_fmt error_handlers error_log exception info lock log logfile loglevel now reopen_files
        setup syslog_fmt warning"""
    ),
    "environ": frozenset(dir(dict)),
    "list": frozenset(dir(list)),
    "str": frozenset(dir(str)),
}

# What a log has beside with statsd_host (gunicorn.instrument.statsd.Statsd), which the command line may set.
OF_STATSD = words("decrement dogstatsd_tags gauge histogram increment prefix sock timer")

# What Gunicorn has beside, in some worker class at least, and this server not yet.
NOT_YET = {
    "server": words(
        """SIG_QUEUE START_CTX halt handle_chld handle_hup handle_int handle_quit handle_term handle_ttin
        handle_ttou handle_usr1 handle_usr2 handle_winch init_signals manage_workers maybe_promote_master
        murder_workers reap_workers reexec reload run setup spawn_worker spawn_workers start stop wait_for_signals wakeup"""
    ),
    "worker": words(
        """PIPE accept enqueue_req finish_request get_thread_pool handle handle_error handle_request init_process is_parent_alive
        max_keepalived murder_keepalived nr_conns run run_for_multiple run_for_one tpool wait wait_fds worker_connections"""
    ),
    "req": words(
        """cfg force_close get_data limit_request_field_size limit_request_fields limit_request_line max_buffer_headers parse
        parse_headers parse_proxy_protocol parse_request_line proxy_protocol proxy_protocol_access_check read_line req_number
        set_body_reader timed_out unreader"""
    ),
    "resp": words(
        """can_sendfile cfg close default_headers force_close is_chunked process_headers send_headers sendfile should_close sock
        start_response upgrade write write_file"""
    ),
    "cfg": words("address env_orig get_cmd_args_from_env parser paste_global_conf prog usage"),
}

# The kind of an attribute, where it is certain.
MEMBERS = {
    ("server", "cfg"): "cfg",
    ("server", "log"): "log",
    ("worker", "cfg"): "cfg",
    ("worker", "log"): "log",
    ("log", "cfg"): "cfg",
    ("req", "headers"): "list",
    ("req", "trailers"): "list",
    ("req", "method"): "str",
    ("req", "path"): "str",
    ("req", "query"): "str",
    ("req", "scheme"): "str",
    ("req", "uri"): "str",
    ("resp", "req"): "req",
    ("resp", "headers"): "list",
}

# What people look for under another name.
NO_STATUS = "the exit status of a worker is not told to hooks; the error log has it"
ADVICE = {
    ("worker", "exitcode"): NO_STATUS,
    ("worker", "exit_code"): NO_STATUS,
    ("worker", "exit_status"): NO_STATUS,
    ("worker", "returncode"): NO_STATUS,
    ("worker", "status"): NO_STATUS,
    ("worker", "logger"): "use worker.log",
    ("worker", "id"): "use worker.pid or worker.age",
    ("worker", "name"): "use worker.pid or worker.age",
    ("worker", "worker_id"): "use worker.pid or worker.age",
    ("worker", "server"): "the hooks with a parameter server get it",
    ("server", "logger"): "use server.log",
    ("server", "config"): "use server.cfg",
    ("worker", "config"): "use worker.cfg",
    ("server", "workers"): "use server.num_workers for their number, server.WORKERS for {pid: worker}",
    ("req", "environ"): "it is not made yet when pre_request runs: use req.headers, req.method and so on, or post_request",
    ("req", "url"): "use req.uri",
    ("req", "remote_ip"): "use req.peer_addr",
    ("req", "client"): "use req.peer_addr",
    ("req", "query_string"): "use req.query",
    ("resp", "code"): "use resp.status_code",
    ("environ", "path"): "it is a dictionary: environ['PATH_INFO']",
    ("environ", "method"): "it is a dictionary: environ['REQUEST_METHOD']",
    ("environ", "headers"): "it is a dictionary: environ['HTTP_...'] are the headers",
    ("list", "get"): "it is a list of (NAME, value): dict(...) makes a dictionary of it",
    ("list", "items"): "it is a list of (NAME, value) already",
    ("list", "keys"): "it is a list of (NAME, value): dict(...) makes a dictionary of it",
    ("log", "warn"): "use warning",
    ("server", "reload"): "use server.signal(signal.SIGHUP)",
    ("server", "reexec"): "use server.signal(signal.SIGUSR2)",
    ("server", "stop"): "use server.signal(signal.SIGTERM)",
    ("server", "halt"): "use server.signal(signal.SIGTERM)",
    ("server", "spawn_worker"): "set server.num_workers",
    ("server", "spawn_workers"): "set server.num_workers",
    ("server", "manage_workers"): "set server.num_workers",
    ("cfg", "address"): "use cfg.bind",
}

# What an exception in a hook does here; src/hooks/call_order.md. Hooks that are not listed are not looked into.
CONSEQUENCES = {
    "on_starting": "the server would not start",
    "when_ready": "the server would not start",
    "nworkers_changed": "the master would stop",
    "pre_fork": "the master would stop",
    "post_fork": "no worker would start",
    "post_worker_init": "no worker would start",
    "pre_request": "every request would fail with status 500",
    "post_request": "the hook would fail after every request",
    "worker_int": "the worker would end at once",
    "worker_abort": "the worker would end at once",
    "worker_exit": "the hook would fail whenever a worker ends",
    "child_exit": "the hook would fail whenever a worker ends",
    "on_exit": "the hook would fail at every stop",
    "on_reload": "no reload would succeed",
    "pre_exec": "no upgrade would succeed",
    "ssl_context": "no TLS connection would succeed",
}


def public_names(kind):
    """Called by the native core, which suggests the nearest."""
    return sorted(name for name in ATTRIBUTES[kind] if not name.startswith("_"))
