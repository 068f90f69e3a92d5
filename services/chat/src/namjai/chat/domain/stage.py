"""The stages of change (Prochaska and DiClemente, with lapse beside them): where a person stands with their using."""

from __future__ import annotations

from typing import Final, Literal, get_args

Stage = Literal["precontemplation", "contemplation", "preparation", "action", "maintenance", "lapse"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
