"""How late the event loop comes round: measured, remembered for a minute, and fatal when it never does."""

import asyncio
import faulthandler
from collections import deque
from typing import Final

from namjai.runtime.metrics import Metrics

SAMPLE_EVERY_S: Final = 0.25
REMEMBERED_S: Final = 60.0
SLOW_S: Final = 0.25
"""From here on `/readyz?verbose` says so; as in the alert rule NamjaiEventLoopSlow."""
BEAT_EVERY_S: Final = 1.0
STUCK_S: Final = 20.0


class LoopLag:
    """Samples of how late the loop wakes a sleeper: the time that every other task has to wait, too."""

    def __init__(self, metrics: Metrics, *, every_s: float = SAMPLE_EVERY_S) -> None:
        self._metrics = metrics
        self._every_s = every_s
        self._samples: deque[float] = deque(maxlen=max(1, round(REMEMBERED_S / every_s)))

    @property
    def p99_s(self) -> float:
        """Over the last minute; 0 before the first sample."""
        ordered = sorted(self._samples)
        return ordered[int(len(ordered) * 0.99)] if ordered else 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._every_s
            await asyncio.sleep(self._every_s)
            lag_s = max(0.0, loop.time() - due)
            self._samples.append(lag_s)
            self._metrics.loop_lag_seconds.observe(lag_s)
            self._metrics.loop_lag_last_seconds.set(lag_s)
            self._metrics.loop_lag_p99_seconds.set(self.p99_s)


async def end_when_stuck(stuck_s: float = STUCK_S) -> None:
    """Beat until cancelled. If the loop does not come round for so long, the process writes where each thread stands
    (functions and lines, nobody's words) and exits with 1.

    A stuck loop answers `/livez` no more, and a kubelet would end it, but late: after its probes have failed it sends a
    SIGTERM that nobody hears, and waits for the whole grace period. The timer runs outside Python, so that it also
    ends a process that a single call into C holds up.
    """
    try:
        while True:
            faulthandler.dump_traceback_later(stuck_s, exit=True)
            await asyncio.sleep(min(BEAT_EVERY_S, stuck_s / 4))
    finally:
        faulthandler.cancel_dump_traceback_later()
