"""What became of a reply."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact


class DeliverySent(Fact, frozen=True, kw_only=True):
    """LINE took it. `presumed`: a first try broke off, and LINE then said that its token was used.

    `perhaps_twice`: a try broke off and it was sent again another way, so the person may have seen it twice.
    """

    TYPE: ClassVar[str] = "delivery.sent.v1"
    reply: str
    via: Literal["reply", "push"]
    messages: int
    calls: int
    presumed: bool = False
    perhaps_twice: bool = False
    request_id: str | None = None
    latency_ms: int
    """From the webhook to LINE's answer."""


class DeliveryFailed(Fact, frozen=True, kw_only=True):
    """LINE will not take it, or nobody is there: given up, with the reason."""

    TYPE: ClassVar[str] = "delivery.failed.v1"
    reply: str
    reason: str
    status: int | None = None
    request_id: str | None = None


class QuotaObserved(Fact, frozen=True, kw_only=True):
    """This month's push messages: the limit (None: unlimited) and how many are used."""

    TYPE: ClassVar[str] = "delivery.quota_observed.v1"
    limit: int | None
    used: int


FACTS = (DeliverySent, DeliveryFailed, QuotaObserved)
