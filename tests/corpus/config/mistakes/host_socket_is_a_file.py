# expect: GCF524 6:8 error
# pending: preflight of the host
import pathlib

pathlib.Path("shop.sock").touch()
bind = "unix:shop.sock"
