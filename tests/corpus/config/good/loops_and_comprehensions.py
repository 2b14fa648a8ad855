# case: lists made by comprehensions, a loop over ports, a generator in any()
base_port = 8020
names = ("web", "admin")
bind = ["127.0.0.1:%d" % (base_port + number) for number, _ in enumerate(names)]  #: bind
raw_env = ["%s=%s" % pair for pair in {"REGION": "north", "ZONE": "b"}.items()]  #: raw_env

total = 0
for weight in (1, 2, 3):
    total += weight
workers = total  #: workers
preload_app = any(name == "admin" for name in names)  #: preload_app
