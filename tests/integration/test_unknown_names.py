"""Names of a configuration that were meant to be settings or hooks: found, explained, and never a false alarm."""

import pytest

from config_check import Check

# Files in which every name has its reason.
FINE = {
    "plain": """
        bind = "127.0.0.1:8000"
        workers = 2
        accesslog = "-"
    """,
    "environment": """
        import os
        port = os.environ.get("PORT", "8000")
        host = os.getenv("HOST", "127.0.0.1")
        bind = f"{host}:{port}"
        workers = int(os.environ.get("GUNICORN_WORKERS", 2))
        loglevel = os.getenv("LOG_LEVEL", "info").lower()
    """,
    "tiangolo": """
        import json, multiprocessing, os
        workers_per_core_str = os.getenv("WORKERS_PER_CORE", "1")
        max_workers_str = os.getenv("MAX_WORKERS")
        use_max_workers = None
        if max_workers_str:
            use_max_workers = int(max_workers_str)
        cores = multiprocessing.cpu_count()
        web_concurrency = max(int(float(workers_per_core_str) * cores), 2)
        if use_max_workers:
            web_concurrency = min(web_concurrency, use_max_workers)
        use_loglevel = os.getenv("LOG_LEVEL", "info")
        loglevel = use_loglevel
        workers = web_concurrency
        log_data = {"loglevel": loglevel, "workers": workers, "workers_per_core": workers_per_core_str}
        # print(json.dumps(log_data))
    """,
    "helper_functions": """
        import multiprocessing
        def max_workers():
            return multiprocessing.cpu_count()
        def limited(number, most=4):
            return min(number, most)
        workers = limited(max_workers())
    """,
    "helper_of_hooks": """
        def log_it(server, text):
            server.log.info(text)
        def when_ready(server):
            log_it(server, "ready")
    """,
    "class_of_the_file": """
        from gunicorn.glogging import Logger
        class QuietLogger(Logger):
            level_name = "quiet"
            def access(self, resp, req, environ, request_time):
                pass
        logger_class = QuietLogger
    """,
    "conditional_settings": """
        import os
        env = os.environ.get("ENV", "dev")
        if env == "prod":
            workers = 4
            loglevel = "warning"
        elif env == "stage":
            workers = 2
        else:
            workers = 1
            loglevel = "debug"
    """,
    "conditional_expressions": """
        import os
        is_prod = os.getenv("ENV") == "prod"
        workers = 4 if is_prod else 1
        accesslog = None if is_prod else "-"
    """,
    "project_modules": """
        import project.conf as conf
        from project.conf import port, log_level
        bind = "127.0.0.1:%d" % conf.port
    """,
    "star_import": """
        from project.conf import *
        treads = 4
    """,
    "imported_hooks": """
        from project.hooks import post_fork, when_read
    """,
    "dotted_hooks": """
        post_fork = "project.hooks.post_fork"
    """,
    "hooks_by_assignment": """
        def announce(server, worker):
            pass
        post_fork = pre_fork = announce
    """,
    "lambdas": """
        when_ready = lambda server: server.log.info("ready")
        post_fork = lambda server, worker: None
    """,
    "partials": """
        import functools
        def tell(text, server):
            server.log.info(text)
        when_ready = functools.partial(tell, "ready")
    """,
    "decorated_functions": """
        import atexit
        hooks = {}
        def hook(function):
            hooks[function.__name__] = function
            return function
        @hook
        def on_something(server):
            pass
        post_fork = lambda server, worker: [each(server) for each in hooks.values()]
    """,
    "comprehensions": """
        ports = [8000 + number for number in range(2)]
        bind = ["127.0.0.1:%d" % port for port in ports]
        raw_env = [f"{key}={value}" for key, value in {"A": "1"}.items()]
    """,
    "loops": """
        raw_env = []
        for name in ("A", "B"):
            raw_env.append(name + "=1")
        number = 0
        while number < 2:
            number += 1
    """,
    "try_and_except": """
        try:
            import no_such_module
            has_it = True
        except ImportError as error:
            no_such_module = None
            has_it = False
        workers = 2 if has_it else 1
    """,
    "with_open": """
        import pathlib
        with open(__file__) as own_source:
            first = own_source.readline()
        workers = 2 if first else 1
    """,
    "f_strings": """
        name = "shop"
        proc_name = f"{name}-web"
        width = 3
        default_proc_name = f"{name:>{width}}"
    """,
    "globals_update": """
        options = {"workers": 2, "timeout": 60}
        globals().update(options)
    """,
    "globals_by_key": """
        log_level = "info"
        loglevel = globals()["log_level"]
        globals()["workers"] = 3
    """,
    "globals_in_a_format": """
        host = "127.0.0.1"
        port = 8000
        bind = "%(host)s:%(port)s" % globals()
    """,
    "locals_in_a_format": """
        host = "127.0.0.1"
        bind = "{host}:8000".format(**locals())
    """,
    "exec_of_text": """
        log_level = "info"
        exec("loglevel = log_level")
    """,
    "module_of_its_own": """
        import sys
        this = sys.modules[__name__]
        log_level = "info"
        loglevel = getattr(this, "log_" + "level")
    """,
    "exported": """
        __all__ = ["log_level"]
        log_level = "info"
    """,
    "logging_dictionary": """
        log_level = "INFO"
        logconfig_dict = {
            "version": 1,
            "formatters": {"plain": {"format": "%(message)s"}},
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "level": log_level}},
            "root": {"level": log_level, "handlers": ["console"]},
        }
        del logconfig_dict
    """,
    "script": """
        workers = 2
        if __name__ == "__main__":
            log_level = "debug"
            treads = 4
    """,
    "global_statement": """
        counter = 0
        def post_fork(server, worker):
            global counter
            counter = counter + 1
        started = None
        def when_ready(server):
            global started
            started = 1
    """,
    "nested_functions": """
        def make():
            log_level = "debug"
            def when_read(server):
                pass
            return when_read
        when_ready = make()
    """,
    "capitals_that_are_read": """
        WORKERS = 2
        TIMEOUT = 60
        workers = WORKERS
        timeout = TIMEOUT
        SOME_CONSTANT = 1
    """,
    "unpacked_values": """
        address = "127.0.0.1:8000"
        host, port = address.split(":")
        bind = host + ":8000"
    """,
    "kept_objects": """
        import threading
        env = dict
        provider = threading.Event()
        thread = threading.Thread(target=print, daemon=True)
        name = threading.current_thread()
    """,
    "an_application_as_well": """
        urlpatterns = []
        def app(environ, start_response):
            start_response("200 OK", [])
            return [b""]
    """,
    "redefined_with_itself": """
        workers = 2
        workers = workers * 2
        bind = "127.0.0.1:8000"
        print(bind)
        bind = "127.0.0.1:8001"
    """,
    "redefined_by_wrapping": """
        def post_fork(server, worker):
            pass
        post_fork = (
            lambda inner: lambda server, worker: inner(server, worker)
        )(post_fork)
    """,
    "overridden_under_a_condition": """
        import os
        workers = 2
        if "CI" in os.environ:
            workers = 1
        timeout = 30
        try:
            timeout = int(os.environ["TIMEOUT"])
        except KeyError:
            pass
    """,
    "async_helpers": """
        import asyncio
        async def warm_up():
            pass
        def post_fork(server, worker):
            asyncio.run(warm_up())
    """,
    "defaults_and_decorators_of_functions": """
        import functools
        log_level = "info"
        cache_size = 3
        def tell(worker, log_level=log_level):
            worker.log.info(log_level)
        @functools.lru_cache(maxsize=cache_size)
        def cached(cache_size):
            return cache_size
        post_fork = lambda server, worker: tell(worker)
        when_ready = lambda server: server.log.info("%s", cached(1))
    """,
    "closures": """
        retry_delay = 3
        def make(server_name):
            def post_fork(server, worker):
                worker.log.info("%s %s", server_name, retry_delay)
            return post_fork
        post_fork = make("a")
    """,
    "read_by_an_included_file": """
        retry_delay = 3
        def tell(retry_delay):
            return retry_delay
        include("reader.py")
    """,
    "private_names": """
        _log_level = "debug"
        __author__ = "me"
        def _post_fork(server, worker):
            pass
    """,
    "annotated": """
        workers: int = 2
        accesslog: "str | None" = "-"
    """,
    "monkey_patched": """
        import sys
        def patch():
            return []
        patched = patch()
        sys.path.insert(0, ".")
    """,
}

MODULES = {
    "reader.py": "graceful_timeout = tell(retry_delay)\n",
    "project/__init__.py": "",
    "project/conf.py": 'port = 8000\nlog_level = "info"\n',
    "project/hooks.py": "def post_fork(server, worker):\n    pass\ndef when_read(server):\n    pass\n",
}


@pytest.mark.parametrize("name", FINE)
def test_a_file_without_mistakes_gives_no_warning(tmp_path, name):
    check = Check(tmp_path, FINE[name].lstrip("\n"), modules=MODULES)
    assert check.status == 0, check.stderr
    assert check.findings == []
    assert "warning" not in check.stderr


def test_a_function_that_a_dotted_path_names_is_bound(tmp_path):
    text = "def started(server, worker):\n    pass\npost_fork = 'gunicorn_conf.started'\n"
    check = Check(tmp_path, text, file="gunicorn_conf.py")
    assert (check.status, check.findings) == (0, [])


def option_name(name, flag, setting):
    return ("%s = '1'" % name, "1:1", name, "unknown-name", flag, setting)


# text, place, name, id, and words of the message
WRONG = [
    option_name("log_level", "--log-level", "'loglevel'"),
    option_name("access_logfile", "--access-logfile", "'accesslog'"),
    option_name("error_logfile", "--error-logfile", "'errorlog'"),
    option_name("log_file", "--log-file", "'errorlog'"),
    option_name("keep_alive", "--keep-alive", "'keepalive'"),
    option_name("pid", "--pid", "'pidfile'"),
    option_name("name", "--name", "'proc_name'"),
    option_name("env", "--env", "'raw_env'"),
    option_name("preload", "--preload", "'preload_app'"),
    option_name("no_sendfile", "--no-sendfile", "'sendfile = False'"),
    ("errorlogfile = '-'", "1:1", "errorlogfile", "unknown-name", "did you mean 'errorlog'?"),
    ("acces_logfile = '-'", "1:1", "acces_logfile", "unknown-name", "did you mean 'accesslog'?"),
    ("max_worker_connections = 9", "1:1", "max_worker_connections", "unknown-name", "did you mean 'worker_connections'?"),
    ("uid = 33", "1:1", "uid", "unknown-name", "did you mean 'user'?"),
    ("port = 8000", "1:1", "port", "unknown-name", "did you mean 'bind'?"),
    ("num_proc = 3", "1:1", "num_proc", "unknown-name", "did you mean 'workers'?"),
    ("workers = 1\n\ntreads = 4", "3:1", "treads", "unknown-name", "did you mean 'threads'?"),
    ("thread = 4", "1:1", "thread", "unknown-name", "did you mean 'threads'?"),
    ("deamon = False", "1:1", "deamon", "unknown-name", "did you mean 'daemon'?"),
    ("max_request_jitter = 4", "1:1", "max_request_jitter", "unknown-name", "did you mean 'max_requests_jitter'?"),
    ("limit_request_field = 4", "1:1", "limit_request_field", "unknown-name", "did you mean 'limit_request_fields'?"),
    ("bnd = 'x'", "1:1", "bnd", "unknown-name", "did you mean 'bind'?"),
    (
        "worker = 4\ndef post_fork(server, worker):\n    worker.log.info('x')",
        "1:1",
        "worker",
        "unknown-name",
        "did you mean 'workers'?",
    ),
    ("treads = 4\nwhen_ready = lambda treads: treads.log.info('x')", "1:1", "treads", "unknown-name", "'threads'"),
    ("raw_env = [env for env in ('A=1',)]\nenv = ['B=1']", "2:1", "env", "unknown-name", "'raw_env'"),
    ("def size():\n    import os as name\n    return name.cpu_count()\nname = 'x'\nworkers = size()", "4:1", "name",
     "unknown-name", "'proc_name'"),
    (
        "def when_read(server):\n    pass\ndef tell(when_read):\n    return when_read",
        "1:5",
        "when_read",
        "unbound-hook",
        "did you mean 'when_ready'?",
    ),
    ("workers = 2\ndef f(workers):\n    return workers\nworkers = f(3)", "4:1", "workers", "defined-twice", "line 1"),
    ("memory_watermark = 200", "1:1", "memory_watermark", "unknown-name", "nothing reads it"),
    ("ssl_options = {'ciphers': 'HIGH'}", "1:1", "ssl_options", "unknown-name", "nothing reads it"),
    ("command = '/usr/bin/gunicorn'", "1:1", "command", "unknown-name", "nothing reads it"),
    ("import os\nlog_level = os.environ.get('X', 'info')", "2:1", "log_level", "unknown-name", "'loglevel'"),
    ("from os import getenv\nlog_level = getenv('X')", "2:1", "log_level", "unknown-name", "'loglevel'"),
    ("def ask(x):\n    return x\nlog_level = ask('info')", "3:1", "log_level", "unknown-name", "'loglevel'"),
    ("workers, treads = 2, 4", "1:10", "treads", "unknown-name", "'threads'"),
    ("proc_name = 'é'; treads = 4", "1:18", "treads", "unknown-name", "'threads'"),
    ("if True:\n    log_level = 'a'\nelse:\n    log_level = 'b'", "2:5", "log_level", "unknown-name", "'loglevel'"),
    ("try:\n    import json\n    treads = 4\nexcept ImportError:\n    pass", "3:5", "treads", "unknown-name", "'threads'"),
    ("for number in range(2):\n    treads = number + 0", "2:5", "treads", "unknown-name", "'threads'"),
    ("with open(__file__):\n    treads = 4", "2:5", "treads", "unknown-name", "'threads'"),
    ("treads: int = 4", "1:1", "treads", "unknown-name", "'threads'"),
    ("globals().update(workers=2)\ntreads = 4", "2:1", "treads", "unknown-name", "'threads'"),
    ("BIND = '127.0.0.1:1'", "1:1", "BIND", "unknown-name", "'bind'"),
    ("Workers = 4", "1:1", "Workers", "unknown-name", "'workers'"),
    ("logfile = '/tmp/x'", "1:1", "logfile", "removed-setting", "since Gunicorn 0.13.0; use 'errorlog'"),
    ("spawn_worker_sleep_time = 3", "1:1", "spawn_worker_sleep_time", "removed-setting", "without a pause"),
    ("tolerate_dangerous_framing = True", "1:1", "tolerate_dangerous_framing", "removed-setting", "since Gunicorn 23.0.0"),
    ("h2c = True", "1:1", "h2c", "removed-setting", "development versions of Gunicorn only; use 'http2_cleartext'"),
    ("def when_read(server):\n    pass", "1:5", "when_read", "unbound-hook", "did you mean 'when_ready'?"),
    ("def on_worker_boot(worker):\n    pass", "1:5", "on_worker_boot", "unbound-hook", "did you mean 'post_fork'?"),
    ("def on_metrics(server):\n    pass", "1:5", "on_metrics", "unbound-hook", "looks like a hook"),
    ("if True:\n    def pre_requst(worker, req):\n        pass", "2:9", "pre_requst", "unbound-hook", "'pre_request'"),
    ("async def post_forks(server, worker):\n    pass", "1:11", "post_forks", "unbound-hook", "did you mean 'post_fork'?"),
    ("def before_fork(server, worker):\n    pass", "1:5", "before_fork", "removed-setting", "use 'pre_fork'"),
    ("workers = 2\nbind = '127.0.0.1:1'\nworkers = 3", "3:1", "workers", "defined-twice", "line 1"),
    (
        "def when_ready(server):\n    pass\n\ndef when_ready(server):\n    server.log.info('x')",
        "4:5",
        "when_ready",
        "defined-twice",
        "line 1",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[2] + ":" + case[0].split("=")[0][:12].strip())
def test_a_file_with_one_mistake_gives_that_warning_and_is_valid(tmp_path, case):
    text, place, name, identifier, *words = case
    check = Check(tmp_path, text + "\n")
    assert check.status == 0, check.stderr
    assert len(check.findings) == 1, check.stderr
    found = check.findings[0]
    assert (found.place, found.setting, found.name) == ("gunicorn.conf.py:" + place, name, identifier)
    assert found.severity == "warning"
    for word in words:
        assert word in "%s; %s" % (found.message, found.help)


def test_a_hook_that_is_a_coroutine_function_is_a_warning(tmp_path):
    check = Check(tmp_path, "workers = 2\nasync def post_fork(server, worker):\n    pass\n")
    assert check.status == 0
    assert [(found.place, found.setting, found.name, found.severity) for found in check.findings] == [
        ("gunicorn.conf.py:2:11", "post_fork", "async-hook", "warning")
    ]


def test_a_coroutine_function_that_a_decorator_makes_callable_is_a_hook(tmp_path):
    text = """\
        def awaited(function):
            return lambda server, worker: None
        @awaited
        async def post_fork(server, worker):
            pass
        async def worker_int(worker):
            pass
        worker_int = awaited(worker_int)
        worker_int = lambda worker: None
    """
    check = Check(tmp_path, text)
    assert (check.status, check.findings) == (0, [])


def test_several_mistakes_are_told_in_the_order_of_the_file(tmp_path):
    text = "def when_read(server):\n    pass\ntreads = 4\nlog_level = 'info'\n"
    assert [found.place for found in Check(tmp_path, text).findings] == [
        "gunicorn.conf.py:1:5",
        "gunicorn.conf.py:3:1",
        "gunicorn.conf.py:4:1",
    ]


def test_a_module_is_not_checked_since_anybody_may_import_it(tmp_path):
    check = Check(tmp_path, "treads = 4\n", "-c", "python:deploy", file="deploy.py")
    assert (check.status, check.findings) == (0, [])


def test_unknown_and_removed_keys_of_a_paste_file_are_explained(tmp_path):
    text = "[server:main]\nlog-level = info\nlogfile = x\nnum_workers = 3\n"
    check = Check(tmp_path, text, "--paste", "dev.ini", file="dev.ini")
    assert [(found.place, found.setting, found.name) for found in check.findings] == [
        ("dev.ini:2:1", "log-level", "unknown-setting"),
        ("dev.ini:3:1", "logfile", "removed-setting"),
        ("dev.ini:4:1", "num_workers", "unknown-setting"),
    ]


@pytest.mark.parametrize(
    "option, meant", [("--accesslog", "--access-logfile"), ("--num-workers", "--workers"), ("--pidfile", "--pid")]
)
def test_an_unknown_option_is_explained(tmp_path, option, meant):
    check = Check(tmp_path, "", option, "x")
    assert check.status == 2
    assert "did you mean '%s'?" % meant in check.stderr
