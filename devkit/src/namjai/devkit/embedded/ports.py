"""Free loopback ports that stay ours while the process behind them restarts."""

import atexit
import random
import socket
from collections import deque

LOOPBACK = "127.0.0.1"
# Below 32768, where Linux begins to hand out source ports. A port from that range could be taken by any outgoing
# connection while its server restarts, even by a client that tries to reconnect to it and ends up talking to itself.
PORTS = range(20_000, 32_000)
TRIES_MAX = 200

HELD_MAX = 128

_taken: set[int] = set()
_held: deque[socket.socket] = deque()


def free_port() -> int:
    """A loopback port nobody listens on, and nobody else, in this process or another, has just been given."""
    for _ in range(TRIES_MAX):
        port = random.choice(PORTS)
        if port not in _taken and _hold(port):
            _taken.add(port)
            if is_free(port):
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


def _hold(port: int) -> bool:
    """Whether the port is ours to give out: until its server listens, other processes look for ports, too.

    A name in Linux's abstract namespace is a lock that ends with its holder and leaves no file behind. The oldest is
    let go when there are many: its server has long been there.
    """
    holder = socket.socket(socket.AF_UNIX)
    try:
        holder.bind(f"\0namjai-port-{port}")
    except OSError:
        holder.close()
        return False
    _held.append(holder)
    while len(_held) > HELD_MAX:
        _held.popleft().close()
    return True


@atexit.register
def _let_go() -> None:
    while _held:
        _held.pop().close()
