"""Faults that can be switched on: which calls go wrong, how, and how many times."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec


class Fault(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A rule. A delay comes first. `after`: the call takes effect, and only its answer goes wrong."""

    path: str = "*"  # glob over the path; "smtp" means the mail server
    method: str = "*"
    user: str = ""  # only calls whose body or path names this chat
    status: int = 0
    message: str = ""  # of the error body
    delay_ms: int = 0
    reset: bool = False  # cut the connection
    stop_after: int | None = None  # bytes of the body after which nothing comes; with `reset` it is cut there
    invalid_token: bool = False  # 401, as after a token was revoked
    quota: bool = False  # 429, monthly limit
    after: bool = False
    times: int | None = None  # None: until switched off
    hits: int = 0


class Faults:
    """The rules in force; the first that fits is used."""

    RULES_MAX = 100

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def replace(self, rules: Sequence[Fault]) -> None:
        self.rules = list(rules)[: self.RULES_MAX]

    def clear(self) -> None:
        self.rules = []

    def hit(self, method: str, path: str, body: bytes = b"") -> Fault | None:
        """The fault for this call, counted as used."""
        for rule in self.rules:
            spent = rule.times is not None and rule.hits >= rule.times
            if spent or not fnmatchcase(method, rule.method) or not fnmatchcase(path, rule.path):
                continue
            if rule.user and rule.user not in path and rule.user.encode() not in body:
                continue
            rule.hits += 1
            return rule
        return None
