"""What the handlers about alerts work with."""

from __future__ import annotations

from dataclasses import dataclass

from namjai.notify.board import Board
from namjai.notify.casework import Casework
from namjai.notify.ports import Clock, Letters, Line, Roster
from namjai.runtime.journal import Journal


@dataclass(frozen=True)
class Room:
    """The alerts, who works on them, and the ways out."""

    board: Board
    casework: Casework
    roster: Roster
    line: Line
    letters: Letters | None
    journal: Journal
    clock: Clock
