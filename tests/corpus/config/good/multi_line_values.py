# case: values over many lines, with comments between and continued by a backslash
bind = [
    # the public address
    "127.0.0.1:8027",

    # the address for the probe
    "127.0.0.1:8028",
]  #: bind

access_log_format = (
    '%(h)s %(l)s %(u)s %(t)s '
    '"%(r)s" %(s)s %(b)s '
    '"%(f)s" "%(a)s" %(L)s'  #: access_log_format
)

workers = 1 + \
    2  #: workers

secure_scheme_headers = dict(
    [
        ("X-FORWARDED-PROTO", "https"),
        ("X-FORWARDED-SSL", "on"),
    ]
)  #: secure_scheme_headers
proc_name = """\
long
name""".replace("\n", "-")  #: proc_name
