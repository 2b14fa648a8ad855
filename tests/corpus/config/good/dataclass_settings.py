# case: a dataclass holds the settings, its fields are written to the module
import dataclasses
import enum


class Size(enum.IntEnum):
    SMALL = 2
    LARGE = 8


@dataclasses.dataclass(frozen=True)
class Service:
    bind: str = "127.0.0.1:8037"
    workers: int = Size.SMALL.value
    timeout: int = 52
    _comment: str = ""


service = Service(workers=int(Size.LARGE))
for field in dataclasses.fields(service):
    if not field.name.startswith("_"):
        globals()[field.name] = getattr(service, field.name)  #: bind, workers, timeout
