"""Pictures and voices that people sent, until LINE deletes them or they are unsent."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from namjai.devkit.line.state.bounded import Bounded


@dataclass(frozen=True)
class Content:
    """The bytes of one message; `ready_at` is in the future while LINE prepares them."""

    kind: str  # image, video, audio or file
    mime: str
    data: bytes
    ready_at: float = 0.0
    failed: bool = False
    zeros: int = 0  # so many further bytes that nobody holds


class Contents:
    """Blobs by message id, bounded in bytes; the oldest go first, as LINE's do after an unspecified time."""

    def __init__(self, bytes_max: int, unsent_max: int = 100_000) -> None:
        self._contents: OrderedDict[str, Content] = OrderedDict()
        self._unsent: Bounded[float] = Bounded(unsent_max)
        self._bytes_max = bytes_max
        self._bytes = 0

    def put(self, message: str, content: Content) -> None:
        self._forget(message)
        self._contents[message] = content
        self._bytes += len(content.data)
        while self._bytes > self._bytes_max:
            self._forget(next(iter(self._contents)))

    def get(self, message: str) -> Content | None:
        return self._contents.get(message)

    def becomes(self, message: str, kind: str) -> None:
        """How the person sent it decides its type: the same upload may go as a file or as a video."""
        if message in self._contents:
            self._contents[message] = replace(self._contents[message], kind=kind)

    def unsend(self, message: str, now: float) -> None:
        self._forget(message)
        self._unsent.put(message, now)

    def unsent_at(self, message: str) -> float | None:
        return self._unsent.get(message)

    def _forget(self, message: str) -> None:
        content = self._contents.pop(message, None)
        if content:
            self._bytes -= len(content.data)
