# expect: GCF210 2:8 error
bind = [
    "127.0.0.1:8000",
    "127.0.0.1:http-alt",
]
