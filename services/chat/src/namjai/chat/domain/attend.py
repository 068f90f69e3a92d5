"""The fold of what staff does about a person: who talks now, what is to be said for them, and when a crisis is over."""

from __future__ import annotations

from typing import Literal

import msgspec

from namjai.chat.domain.state import Cue, State, Takeover
from namjai.events import Envelope, Fact
from namjai.events.alert import (
    AlertFollowUpDue,
    AlertHandedBack,
    AlertResolved,
    AlertSaid,
    AlertTakenOver,
    AlertUnacknowledged,
)

_replace = msgspec.structs.replace


def attend(state: State, event: Envelope[Fact], sequence: int) -> State:
    """The state after one more fact about an alert; any other fact changes nothing."""
    if state.erased:
        return state
    cue = Cue(sequence=sequence, event=event.id, kind="said")
    match event.data:
        case AlertTakenOver(alert=alert):
            told = state.takeover is not None  # by a colleague: the person knows that a human is here
            cues = state.cues if told else (*state.cues, _replace(cue, kind="taken_over"))
            return _replace(state, takeover=Takeover(alert=alert, word_at=event.time), cues=cues)
        case AlertSaid():
            takeover = _replace(state.takeover, word_at=event.time) if state.takeover else None
            owed = () if takeover else state.owed  # a human is talking, and has seen what there is
            return _replace(state, takeover=takeover, cues=(*state.cues, cue), owed=owed)
        case AlertFollowUpDue(number=number):
            return _replace(state, cues=(*state.cues, _replace(cue, kind="follow_up", number=number)))
        case AlertHandedBack():
            return _over(state, cue, talk=True, hold=True)
        case AlertResolved(alert=alert):
            return _over(state, cue, talk=_is_about(state, alert), hold=True)
        case AlertUnacknowledged(alert=alert):
            return _over(state, cue, talk=_is_about(state, alert), hold=False)
        case _:
            return state


def _is_about(state: State, alert: str) -> bool:
    return state.takeover is not None and state.takeover.alert == alert


def _over(state: State, cue: Cue, *, talk: bool, hold: bool) -> State:
    """A takeover, a hold, or both are over. What was not there cannot end, and asks for no turn."""
    talk_ends, hold_ends = talk and state.takeover is not None, hold and state.hold is not None
    if not talk_ends and not hold_ends:
        return state
    kind: Literal["handed_back", "closed"] = "handed_back" if talk_ends else "closed"
    return _replace(
        state,
        takeover=None if talk_ends else state.takeover,
        hold=None if hold_ends else state.hold,
        owed=(),
        cues=(*state.cues, _replace(cue, kind=kind, ends_hold=hold_ends)),
    )
