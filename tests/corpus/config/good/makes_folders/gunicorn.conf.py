# case: folders for logs and sockets are made by the configuration
# config: none
import os
from pathlib import Path

root = Path(__file__).resolve().parent
for folder in ("logs", "run"):
    os.makedirs(root / folder, exist_ok=True)

(root / "run" / "build.txt").write_text("built\n")
accesslog = str(root / "logs" / "access.log")  #: accesslog
errorlog = str(root / "logs" / "error.log")  #: errorlog
pidfile = str(root / "run" / "shop.pid")  #: pidfile
bind = f"unix:{root}/run/shop.sock"  #: bind
umask = 0o007  #: umask
