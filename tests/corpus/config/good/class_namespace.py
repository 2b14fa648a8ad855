# case: a class per stage, the attributes of one become settings
# env: STAGE=Live
import os


class Base:
    workers = 1
    timeout = 30
    loglevel = "info"


class Test(Base):
    loglevel = "debug"


class Live(Base):
    workers = 4
    timeout = 53


chosen = {cls.__name__: cls for cls in Base.__subclasses__()}[os.environ["STAGE"]]
locals().update({name: getattr(chosen, name) for name in dir(chosen) if not name.startswith("_")})  #: workers, timeout, loglevel
