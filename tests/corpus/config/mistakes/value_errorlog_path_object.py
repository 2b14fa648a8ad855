# expect: GCF205 4:12 error
import pathlib

errorlog = pathlib.Path("/tmp") / "error.log"
