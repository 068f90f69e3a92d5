"""Retry keys: an accepted request is remembered for a day, so that sending it again cannot send it twice."""

from dataclasses import dataclass

from namjai.devkit.line.state.bounded import Bounded


@dataclass
class Attempt:
    """The first request seen under a key, and what came of it."""

    digest: bytes
    at: float
    accepted_request_id: str = ""
    sent: bytes = b"{}"


class RetryKeys:
    """All keys of the last day."""

    def __init__(self, keys_max: int, life_s: float) -> None:
        self._attempts: Bounded[Attempt] = Bounded(keys_max)
        self._life_s = life_s

    def get(self, key: str, now: float) -> Attempt | None:
        attempt = self._attempts.get(key)
        if attempt is None or now - attempt.at > self._life_s:
            return None
        return attempt

    def tried(self, key: str, digest: bytes, now: float) -> Attempt:
        attempt = self.get(key, now)
        if attempt is None:
            attempt = Attempt(digest, now)
            self._attempts.put(key, attempt)
        return attempt
