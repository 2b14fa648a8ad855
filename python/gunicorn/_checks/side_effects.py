"""What a configuration file does besides setting values. The native core calls begin() before the file runs and end() after it.

The interpreter reports such acts to audit hooks, which stay for its life; ours looks at nothing outside of begin() and end().
"""

import os
import shlex
import sys

from gunicorn._checks.exits import LocatedExits
from gunicorn._checks.failures import cut, library_of

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
MODULE = "<module>"
REMOVALS = frozenset(["os.remove", "os.rmdir", "shutil.rmtree"])

watches = []  # the innermost file last
is_installed = False


class Watch:
    """The run of one file."""

    def __init__(self, path):
        self.path = path
        self.process = os.getpid()
        self.folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
        self.threads = alive_threads()
        self.lines_of_threads = {}  # id of a Thread object -> line that started it
        self.seen = {}  # (subject, line) -> text, in the order in which things happened
        self.forgotten = set()  # paths that it made and removed
        self.is_paused = False
        self.exits = LocatedExits()
        self.exits.__enter__()

    def see(self, event, arguments):
        act = ACTS.get(event)
        if act is None or self.is_paused:
            return
        self.is_paused = True  # what we do here is no act of the file
        try:
            line = self.running_line()
            if line is None:
                return
            if event.startswith("_thread."):
                self.lines_of_threads[id(getattr(arguments[0], "__self__", None))] = line
                return
            subject, text = act(*arguments)
            if text and not (event in REMOVALS and self.forget_made(arguments[0])):
                self.seen.setdefault((subject, line), cut(text))
        except Exception:  # arguments of events differ between versions
            return
        finally:
            self.is_paused = False

    def forget_made(self, path):
        """Whether the file made itself what it removes now, as for a temporary file: then it leaves nothing behind."""
        path = os.path.abspath(os.fsdecode(path))
        is_made = any(key[0] == path and text.startswith("makes ") for key, text in self.seen.items())
        if is_made:
            self.forgotten.add(path)
            self.seen = {key: text for key, text in self.seen.items() if not (key[0] + os.sep).startswith(path + os.sep)}
        return path in self.forgotten

    def running_line(self):
        """The line of the file that runs now; 0 in another thread; None for what a library does while it is imported."""
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if code.co_filename == self.path:
                return frame.f_lineno
            if code.co_name == MODULE and library_of(code.co_filename) is not None:
                return None
            frame = frame.f_back
        return 0

    def line_of_work(self, thread):
        """Where the function that a thread runs is defined, if that is in the file: before CPython 3.12 nobody tells who
        started it.
        """
        code = getattr(getattr(thread, "_target", None) or type(thread).run, "__code__", None)
        return code.co_firstlineno if code is not None and code.co_filename == self.path else 0

    def finish(self):
        """[(line, text)]."""
        self.exits.__exit__()
        if os.getpid() != self.process:
            os._exit(0)  # the file forked, and this is the copy
        for thread in alive_threads() - self.threads:
            line = self.lines_of_threads.get(id(thread)) or self.line_of_work(thread)
            self.seen[thread.name, line] = "starts the thread '%s', which still runs" % thread.name
        return [(line, text) for (_, line), text in self.seen.items()]


def alive_threads():
    # Importing it here would come before the gevent.monkey.patch_all() of a file.
    threading = sys.modules.get("threading")
    return set(threading.enumerate()) - {threading.main_thread()} if threading else set()


# Each answers (what several events of one act share, text); no text is nothing worth telling.


def opened(path, mode, flags):
    if isinstance(path, int) or not flags & WRITING:
        return None, ""
    path = os.path.abspath(os.fsdecode(path))
    if "__pycache__" in path or path == os.devnull or os.path.isdir(path):  # a file without a name is made in a directory
        return None, ""
    return path, "%s the file %s" % ("writes to" if os.path.lexists(path) else "makes", path)


def made_folder(path, *_):
    path = os.path.abspath(os.fsdecode(path))
    is_new = not os.path.lexists(path) and os.path.basename(path) != "__pycache__"
    return path, "makes the directory %s" % path if is_new else ""


def removed(path, *_):
    if isinstance(path, int):
        return None, ""
    path = os.path.abspath(os.fsdecode(path))
    return path, "removes %s" % path if os.path.lexists(path) else ""


def renamed(old, new, *_):
    new, old = os.path.abspath(os.fsdecode(new)), os.path.abspath(os.fsdecode(old))
    return new, "" if "__pycache__" in new else "makes %s of %s" % (new, old)


def changed_file(path, *_):
    return path, "changes %s" % (os.fsdecode(path) if not isinstance(path, int) else "a file")


def changed_folder(path):
    where = os.fsdecode(path) if not isinstance(path, int) else os.readlink("/proc/self/fd/%d" % path)
    return "chdir", "changes the working directory to %s" % where


def address_text(address):
    return "%s:%s" % address[:2] if isinstance(address, tuple) else os.fsdecode(address)


def bound(socket, address):
    return "socket", "binds a socket to %s" % address_text(address)


def connected(socket, address):
    return "socket", "connects to %s" % address_text(address)


def with_count(program, count):
    """Arguments may be secrets: `mysql -pTIGER`."""
    return "%s with %d argument%s" % (program, count, "s" * (count != 1)) if count else program


def started_program(program, arguments, *_):
    program = os.fsdecode(program)
    if isinstance(arguments, (str, bytes, os.PathLike)) or not arguments:
        arguments = [program]
    if len(arguments) == 1 and " " in program:  # a whole command, which is no program
        program, *rest = program.split()
        return "process", "runs the program %s" % with_count(program, len(rest))
    return "process", "runs the program %s" % with_count(program, len(arguments) - 1)


def ran_command(command):
    try:
        words = shlex.split(os.fsdecode(command))
    except ValueError:  # a quotation that does not end
        words = []
    while words and "=" in words[0]:  # a variable of the command
        words.pop(0)
    return "process", "runs the command %s" % with_count(words[0], len(words) - 1) if words else "runs a command"


def forked():
    return "process", "forks the process"


def signalled(pid, number):
    return "signal", "sends signal %d to process %d" % (number, pid)


def started_thread(*_):
    return None, ""


def opened_database(database):
    text = os.fsdecode(database) if not isinstance(database, int) else ""
    return text, "" if text in ("", ":memory:") else "opens the database %s" % text


ACTS = {
    "open": opened,
    "os.mkdir": made_folder,
    "os.remove": removed,
    "os.rmdir": removed,
    "shutil.rmtree": removed,
    "os.rename": renamed,
    "os.link": renamed,
    "os.symlink": renamed,
    "os.truncate": changed_file,
    "os.chmod": changed_file,
    "os.chown": changed_file,
    "os.chdir": changed_folder,
    "socket.bind": bound,
    "socket.connect": connected,
    "subprocess.Popen": started_program,
    "os.posix_spawn": started_program,
    "os.exec": started_program,
    "os.system": ran_command,
    "os.fork": forked,
    "os.forkpty": forked,
    "os.kill": signalled,
    "os.killpg": signalled,
    "sqlite3.connect": opened_database,
    "_thread.start_new_thread": started_thread,
    "_thread.start_joinable_thread": started_thread,
}


def on_event(event, arguments):
    if watches:
        watches[-1].see(event, arguments)


def begin(path):
    """The code compiled from `path` is about to run."""
    global is_installed
    watch = Watch(path)
    if not is_installed:
        is_installed = True
        sys.addaudithook(on_event)
    watches.append(watch)


def end():
    """What the code did: [(line, text)]; line 0 where it cannot be told. The working directory is what it was at begin()."""
    watch = watches.pop()
    try:
        return watch.finish()
    finally:
        try:
            os.fchdir(watch.folder)
            os.close(watch.folder)
        except OSError:  # the file closed whatever it found
            pass
