"""Reply tokens: good once, for about a minute after the webhook, and never after twenty."""

from dataclasses import dataclass
from enum import Enum

from namjai.devkit.line.state.bounded import Bounded


@dataclass
class ReplyToken:
    """A token that went out in a webhook."""

    chat: str
    event_at: float
    webhook_at: float
    message: str | None = None  # id of the message it answers
    used_for: bytes | None = None  # digest of the messages that it was used for
    answer_seen: bool = True  # False where a fault hid the 200 from the caller


class TokenState(Enum):
    GOOD = "good"
    UNKNOWN = "unknown"
    USED = "used"
    LATE = "late"
    DEAD = "dead"


class ReplyTokens:
    """The tokens of the last webhooks."""

    def __init__(self, tokens_max: int, life_s: float, hard_life_s: float) -> None:
        self._tokens: Bounded[ReplyToken] = Bounded(tokens_max)
        self._life_s = life_s
        self._hard_life_s = hard_life_s

    def issue(self, token: str, *, chat: str, event_at: float, now: float, message: str | None) -> None:
        """Note a token that is about to leave in a webhook; a redelivery starts its minute again, not its use."""
        known = self._tokens.get(token)
        if known:
            known.webhook_at = now
        else:
            self._tokens.put(token, ReplyToken(chat, event_at, now, message))

    def get(self, token: str) -> ReplyToken | None:
        return self._tokens.get(token)

    def state(self, token: str, now: float) -> TokenState:
        known = self._tokens.get(token)
        if known is None:
            return TokenState.UNKNOWN
        if known.used_for is not None:
            return TokenState.USED
        if now - known.event_at > self._hard_life_s:
            return TokenState.DEAD
        return TokenState.LATE if now - known.webhook_at > self._life_s else TokenState.GOOD
