# case: with statements, of files and of an own context manager
import contextlib
import os


@contextlib.contextmanager
def working_in(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield os.getcwd()
    finally:
        os.chdir(before)


with working_in("/") as tmp_upload_dir:  #: tmp_upload_dir
    workers = len(os.listdir(".")) > 0 and 2  #: workers

with contextlib.suppress(FileNotFoundError), open("/nonexistent/limits") as stream:
    workers = int(stream.read())
