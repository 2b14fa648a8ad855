# case: a server behind a proxy, with the networks that it trusts
import ipaddress

_trusted = ["127.0.0.1", "10.0.0.9"]
assert all(ipaddress.ip_address(one) for one in _trusted)
forwarded_allow_ips = ",".join(_trusted)  #: forwarded_allow_ips
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}  #: secure_scheme_headers
bind = ["127.0.0.1:8038", "[::1]:8038"]  #: bind
access_log_format = '%({x-forwarded-for}i)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s %(D)s'  #: access_log_format
