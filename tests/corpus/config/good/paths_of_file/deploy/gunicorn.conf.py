# case: paths are made from __file__, two folders up
# config: deploy/gunicorn.conf.py
import os
import sys

BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, BASE_DIR)

import project_version

chdir = BASE_DIR  #: chdir
pythonpath = ",".join([BASE_DIR, os.path.join(BASE_DIR, "deploy")])  #: pythonpath
pidfile = os.path.join(BASE_DIR, "shop.pid")  #: pidfile
proc_name = "shop-" + project_version.VERSION  #: proc_name
