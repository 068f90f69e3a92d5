"""The gateway's public port: opened once by the supervisor and shared by every gateway process there is.

Each process inherits the same listening socket, so there is one queue of connections: whoever has time takes the next,
and what waits in the queue when a process leaves is taken by another. (With SO_REUSEPORT each process has a queue of
its own, and what waits there is refused when it closes.) In a cluster the Service stands here.
"""

import socket

from namjai.devkit.embedded.ports import LOOPBACK

BACKLOG = 1_024


class Door:
    """A port of ours; nobody listens before the first `open`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def open(self) -> int:
        """The number of the listening socket, as a child inherits it. Raises OSError when the port is taken."""
        if self._socket is None:
            self._socket = socket.create_server((LOOPBACK, self.port), backlog=BACKLOG)
        return self._socket.fileno()

    def close(self) -> None:
        """Listen no more, if no child does."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
