"""How much of the machine others took while a drill ran: a limit in seconds is meant for a machine that is ours."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from namjai.devkit.home import Home
from namjai.devkit.running import Running

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
OURS_MIN = 0.75
"""A drill at 50 messages/s needs three quarters of two processors while processes start. With less its queues only
grow, and how long they were says how long it lasted; what must hold whatever happens is asserted all the same."""


@dataclass
class Machine:
    """What was seen; known at the end of `watched`."""

    ours: float = 1.0
    """The share of all processors that was idle or worked for us."""

    @property
    def is_ours(self) -> bool:
        """Whether enough of it was ours for time to prove anything."""
        return self.ours >= OURS_MIN

    def allows(self, limit_s: float) -> float:
        """The limit, longer by as much as others took."""
        return limit_s / self.ours


@contextmanager
def watched(namjai: Running) -> Iterator[Machine]:
    """Watch the machine during the block."""
    machine, up = Machine(), Home(namjai.home).owner()
    began, busy, own = time.monotonic(), _busy_s(), _own_s(up)
    yield machine
    whole_s = (time.monotonic() - began) * (os.cpu_count() or 1)
    machine.ours = 1 - max(0.0, _busy_s() - busy - (_own_s(up) - own)) / whole_s
    print(f"\nof the machine {machine.ours:.0%} was ours")


def _busy_s() -> float:
    """What all processors have worked since the machine started."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S


def _own_s(up: int) -> float:
    """What this process, the run and all that it ever started have worked, the dead included."""
    ticks = sum(_ticks(pid) for pid in (os.getpid(), *_family(up)))
    return ticks / TICKS_PER_S


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended, and its parent has its time
    return sum(map(int, fields[11:15]))


def _family(pid: int) -> list[int]:
    children = [int(each) for task in Path(f"/proc/{pid}/task").iterdir() for each in _children(task)]
    return [pid, *(each for child in children for each in _family(child))]


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
