"""The two ways a handler may fail on purpose. Everything else is a bug, and loud."""

from __future__ import annotations


class Retry(Exception):
    """Not now: the same event is handed over again after `after_s` seconds."""

    def __init__(self, reason: str, after_s: float = 1.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_s = after_s


class Reject(Exception):
    """Never: the event is set aside as a dead letter, with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LogUnavailable(Exception):
    """The log did not confirm in time: what was said may or may not be in it. Say it again with the same ids."""


class Conflict(Exception):
    """Somebody appended to the same story first: read it again and decide again."""


class Duplicate(Exception):
    """An atomic batch holds an id that the log has already: all of it was appended before."""


class KeysUnavailable(Exception):
    """The key store cannot be asked now; whether a key exists is unknown."""
