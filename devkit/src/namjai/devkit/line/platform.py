"""The simulated platform's memory in one place: who wrote what, which tokens are out, what was called."""

import time
from collections.abc import Callable
from typing import Any

from namjai.devkit.line import people
from namjai.devkit.line.settings import SimSettings
from namjai.devkit.line.state.bounded import Bounded
from namjai.devkit.line.state.buckets import Buckets
from namjai.devkit.line.state.calls import Calls
from namjai.devkit.line.state.chats import Chats
from namjai.devkit.line.state.content import Contents
from namjai.devkit.line.state.faults import Faults
from namjai.devkit.line.state.menus import Menus
from namjai.devkit.line.state.retrykeys import RetryKeys
from namjai.devkit.line.state.stream import Stream
from namjai.devkit.line.state.tokens import ReplyTokens
from namjai.devkit.mail import Letter, Mailbox

Clock = Callable[[], float]


class Platform:
    """One channel on one platform. Everything here runs on one event loop and needs no lock."""

    def __init__(self, settings: SimSettings, clock: Clock = time.time) -> None:
        self.settings = settings
        self.now = clock
        self.webhook_url = settings.webhook_url
        self.redelivery = settings.redelivery
        self.stream = Stream()
        friends = frozenset(person.user_id for person in people.PEOPLE if person.friend)
        self.chats = Chats(settings.chats_max, settings.chat_entries_max, friends, self.stream.tell)
        self.tokens = ReplyTokens(settings.tokens_max, settings.reply_token_s, settings.reply_token_hard_s)
        self.retry_keys = RetryKeys(settings.tokens_max, settings.retry_key_s)
        self.read_tokens: Bounded[str] = Bounded(settings.tokens_max)
        self.quote_tokens: Bounded[str] = Bounded(settings.tokens_max)
        self.access_tokens: Bounded[float] = Bounded(1_000)
        self.access_tokens.put(settings.access_token, float("inf"))
        self.contents = Contents(settings.content_bytes_max)
        self.calls = Calls(settings.calls_max, settings.calls_body_bytes_max)
        self.faults = Faults()
        self.buckets = Buckets()
        self.menus = Menus(settings.chats_max, settings.menu_batch_s, self._menu_changed)
        self.sent_this_month = 0
        self.mailbox = Mailbox(self._mail_refused, self._mail_arrived)

    def now_ms(self) -> int:
        return round(self.now() * 1000)

    def may_call(self, bearer: str) -> bool:
        until = self.access_tokens.get(bearer)
        return until is not None and self.now() < until

    def quota_allows(self, recipients: int) -> bool:
        quota = self.settings.monthly_quota
        return not quota or self.sent_this_month + recipients <= quota

    def _menu_changed(self, user: str) -> None:
        self.stream.tell("menu", {"chat": user})

    def _mail_refused(self) -> str | None:
        fault = self.faults.hit("SMTP", "smtp")
        return f"{fault.status or 451} {fault.message or 'Try again later'}" if fault else None

    def _mail_arrived(self, letter: Letter) -> None:
        summary: dict[str, Any] = {"n": letter.n, "to": letter.to, "subject": letter.subject}
        self.stream.tell("mail", summary)
