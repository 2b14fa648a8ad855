"""Hello beside a thread that never waits: each time the server gives the GIL away it may wait 5 ms to get it back."""

import threading

from hello import app  # noqa: F401


def work():
    number = 0
    while True:
        number = (number * 69069 + 1) % (1 << 32)


threading.Thread(target=work, daemon=True).start()
