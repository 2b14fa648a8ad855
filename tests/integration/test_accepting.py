"""How connections are taken over from the kernel: when, by which worker, and what happens when there is no room for them."""

import socket

from raw_http import get


def test_a_connection_is_handed_over_with_its_first_bytes_until_the_server_stops(server, worker_kind):
    def is_deferred():
        return listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT) > 0

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        running = server(*worker_kind, "hello:app", bind="fd://%d" % listener.fileno(), pass_fds=[listener.fileno()])
        assert get(running.address).body == b"hello\n"
        assert is_deferred()
        assert running.stop() == 0
        assert not is_deferred(), "who has connected by now is served even if it is slow to speak"
