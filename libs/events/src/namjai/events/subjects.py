"""Where a fact is said: NATS subjects of the log, timers and dead letters."""

from __future__ import annotations

from typing import Final

EVENTS: Final = "evt.>"
NOBODY: Final = "nobody"
"""The member of an event that names no person (a module was attached, a source was withheld)."""

_FORBIDDEN: Final = frozenset(" .*>\t\r\n")


class BadToken(ValueError):
    """A member id or type that cannot be one token of a subject."""


def _token(value: str) -> str:
    if not value or not _FORBIDDEN.isdisjoint(value):
        raise BadToken
    return value


def area_and_fact(event_type: str) -> tuple[str, str]:
    """`message.received.v1` → (`message`, `received`)."""
    area, fact, _version = event_type.split(".")
    return area, fact


def event(event_type: str, member: str) -> str:
    """`evt.<area>.<fact>.<member>`; the version is in the envelope, so that consumers need not know it."""
    area, fact = area_and_fact(event_type)
    return f"evt.{area}.{fact}.{_token(member)}"


def every(event_type: str) -> str:
    """All members' facts of one type."""
    area, fact = area_and_fact(event_type)
    return f"evt.{area}.{fact}.*"


def area(name: str, member: str = "*") -> str:
    """All facts of an area, of one member or of all."""
    return f"evt.{_token(name)}.*.{member if member == '*' else _token(member)}"


def history(member: str) -> str:
    """Everything about one member."""
    return f"evt.*.*.{_token(member)}"


def dead(service: str, event_subject: str) -> str:
    """Where a service sets aside what it cannot handle."""
    return f"dead.{_token(service)}.{event_subject.removeprefix('evt.')}"


def member_of(subject: str) -> str:
    """The last token of an event's subject."""
    return subject.rsplit(".", 1)[-1]
