# case: a developer's file: reload, with extra files beside it
import glob
import os

reload = os.environ.get("NO_RELOAD") is None  #: reload
reload_engine = "poll"  #: reload_engine
reload_extra_files = sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "*.py")))  #: reload_extra_files
workers = 1  #: workers
