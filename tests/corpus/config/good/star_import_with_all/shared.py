__all__ = ["workers", "threads"]

workers = 3
threads = 2
timeout = 999  # not exported
