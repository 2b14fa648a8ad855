# case: a file of configparser beside the configuration, one section a stage
# env: STAGE=live
# config: none
import configparser
import os

_parser = configparser.ConfigParser()
_parser.read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "stages.cfg"))
_stage = _parser[os.environ.get("STAGE", "test")]

workers = _stage.getint("workers", fallback=1)  #: workers
preload_app = _stage.getboolean("preload")  #: preload_app
loglevel = _stage["loglevel"]  #: loglevel
