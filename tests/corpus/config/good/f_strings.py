# case: f-strings of every kind
import datetime

service = "billing"
port = 8029
version = (1, 4)
workers = 2  #: workers
bind = f"{'127.0.0.1'}:{port:d}"  #: bind
proc_name = f"{service!s}-{version[0]}.{version[1]:02d}-{workers=}"  #: proc_name
access_log_format = f'{service} %(t)s "%(r)s" %(s)s %({{x-request-id}}i)s'  #: access_log_format
tmp_upload_dir = f"/tmp" if datetime.date.today().year > 2000 else None  #: tmp_upload_dir
