"""Ports are given out once: tests, stacks and benchmarks start servers at the same time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from namjai.devkit.embedded import ports

ANOTHER = """
import json, sys
from namjai.devkit.embedded import ports
ports.PORTS = range(*json.loads(sys.argv[1]))
try:
    print(ports.free_port())
except OSError:
    print("none")
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> range:
    """Three ports in a row that nobody has yet, other tests that run beside us included."""
    chosen = iter(lambda: ports.free_port() + 1, None)
    start = next(first for first in chosen if all(_untouched(port) for port in range(first, first + 3)))
    monkeypatch.setattr(ports, "PORTS", range(start, start + 3))
    return range(start, start + 3)


def test_no_port_is_given_out_twice_whoever_asks(few: range) -> None:
    ours = {ports.free_port(), ports.free_port()}
    theirs = _another_process_gets(few)
    assert {*ours, theirs} == set(few)


def test_what_a_process_held_is_free_when_it_has_ended(few: range) -> None:
    gone = _another_process_gets(few)
    assert {ports.free_port() for _ in few} == set(few) >= {gone}


def test_when_all_are_taken_it_says_so(few: range) -> None:
    assert {ports.free_port() for _ in few} == set(few)
    with pytest.raises(OSError, match="no free port"):
        ports.free_port()


def test_only_so_many_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "HELD_MAX", 2)
    for _ in range(4):
        ports.free_port()
    assert len(ports._held) == 2


def _untouched(port: int) -> bool:
    if port in ports._taken or not ports.is_free(port) or not ports._hold(port):
        return False
    ports._held.pop().close()
    return True


def _another_process_gets(few: range) -> int:
    argument = json.dumps([few.start, few.stop])
    done = subprocess.run([sys.executable, "-c", ANOTHER, argument], capture_output=True, text=True, timeout=60)
    return int(done.stdout)
