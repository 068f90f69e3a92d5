"""What an endpoint is, what it is asked, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from namjai.devkit.line.check import Check
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.calls import Call

API = "api.line.me"
DATA = "api-data.line.me"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b"{}"
    mime: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    zeros: int = 0  # so many further bytes follow: a film that nobody wants to hold in memory


def answer(status: int, content: Any = None, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, b"{}" if content is None else msgspec.json.encode(content), headers=headers or {})


def error(status: int, message: str, **rest: Any) -> Answer:
    return answer(status, {"message": message, **rest})


@dataclass(frozen=True)
class Asked:
    """A call that passed the door: allowed, well-formed, within the rate."""

    call: Call
    params: dict[str, str]  # of the path
    body: Any  # decoded JSON, or the form's fields
    now: float
    answer_lost: bool  # a fault will hide our answer from the bot
    query: dict[str, str] = field(default_factory=dict)

    def finding(self, text: str) -> None:
        self.call.findings.append(text)


@dataclass(frozen=True)
class Endpoint:
    """One documented call with its rate limit (`most` calls per `per_s` seconds)."""

    method: str
    path: str
    handle: Callable[[Platform, Asked], Answer]
    shape: Check | None = None
    most: int = 2_000
    per_s: float = 1.0
    host: str = API
    retry_key: bool = False
    bearer: bool = True
    form: bool = False
