"""LINE's rate limits: a token bucket per endpoint."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """Holds as many calls as the endpoint allows per period, and refills evenly."""

    capacity: float
    period_s: float
    level: float
    refilled_at: float

    def take(self, now: float) -> bool:
        self.level = min(self.capacity, self.level + (now - self.refilled_at) * self.capacity / self.period_s)
        self.refilled_at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Buckets:
    """The buckets of one channel, made when first asked for."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, endpoint: str, capacity: int, period_s: float, now: float) -> bool:
        bucket = self._buckets.get(endpoint)
        if bucket is None:
            bucket = self._buckets[endpoint] = Bucket(capacity, period_s, capacity, now)
        return bucket.take(now)
