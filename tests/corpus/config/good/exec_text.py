# case: exec of a template that a tool rendered
TEMPLATE = """
workers = {workers}
timeout = {timeout}

def on_starting(server):
    server.log.info("rendered")
"""

exec(TEMPLATE.format(workers=4, timeout=55))  #: workers, timeout, on_starting
exec("backlog = 100; keepalive = 4")  #: backlog, keepalive
