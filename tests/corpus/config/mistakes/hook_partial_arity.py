# expect: GCF402 9 error
import functools


def told(text, server):
    server.log.info(text)


on_starting = functools.partial(told, "a", None)
