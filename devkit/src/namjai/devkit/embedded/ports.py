"""Free loopback ports that stay ours while the process behind them restarts."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below 32768, where Linux begins to hand out source ports. A port from that range could be taken by any outgoing
# connection while its server restarts, even by a client that tries to reconnect to it and ends up talking to itself.
PORTS = range(20_000, 32_000)
TRIES_MAX = 200

_taken: set[int] = set()


def free_port() -> int:
    """A loopback port nobody listens on and this process has not given out before."""
    for _ in range(TRIES_MAX):
        port = random.choice(PORTS)
        if port not in _taken and is_free(port):
            _taken.add(port)
            return port
    raise OSError(f"no free port found on {LOOPBACK} in {TRIES_MAX} tries between {PORTS.start} and {PORTS.stop}")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now; connections that are still closing do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
