"""Policies in the log: publishing and activating them, and following what is active. No verdict waits for any of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from namjai.events import Fact, Stored, begin, subjects
from namjai.events.risk import PolicyActivated, PolicyPublished
from namjai.risk import rules
from namjai.risk.adapters.model import load_model
from namjai.risk.api_words import Active, Published
from namjai.risk.domain.document import SHIPPED, Refusal, read, reference
from namjai.risk.domain.overlay import Shipped, apply, check
from namjai.risk.domain.policy import Policy
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.log import Expect, Log
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

POLL_S: Final = 2.0
LOOK_DEADLINE_S: Final = 5.0
START_DEADLINE_S: Final = 10.0
START_AGAIN_S: Final = 0.25
_PUBLISHED: Final = subjects.event(PolicyPublished.TYPE, subjects.NOBODY)
_ACTIVATED: Final = subjects.event(PolicyActivated.TYPE, subjects.NOBODY)

_log = get_logger(__name__)


class NoSuchPolicy(Exception):
    """Nothing of that name was published."""


def shipped() -> Shipped:
    """What comes with this release."""
    model = load_model()
    return Shipped(rules.texts(), rules.load().version, model.thresholds if model else {})


class PolicyLog:
    """The policies that are on record. Each method raises `LogUnavailable`."""

    def __init__(self, log: Log, release: Shipped) -> None:
        self._log = log
        self.release = release

    async def published(self) -> list[Published]:
        """All of them, oldest first; a document that was published twice is one."""
        found: dict[str, Published] = {}
        for stored in await self._log.since(_PUBLISHED, 0):
            if (each := _published(stored)) is not None:
                found.setdefault(each.reference, each)
        return list(found.values())

    async def find(self, name: str) -> Published:
        """The policy called `name@hash`, or the newest one called `name`. Raises `NoSuchPolicy`."""
        for each in reversed(await self.published()):
            if name in (each.name, each.reference):
                return each
        raise NoSuchPolicy(f"no policy called {name!r} was published")

    async def active(self) -> Active | None:
        """What was activated last; None when nothing ever was."""
        for stored in await self._log.last([_ACTIVATED]):
            fact = stored.event.data
            if isinstance(fact, PolicyActivated):
                return Active(
                    id=stored.event.id,
                    sequence=stored.sequence,
                    name=fact.name,
                    published=fact.published,
                    by=fact.by,
                    at=stored.event.time,
                )
        return None

    async def publish(self, document: str, by: str) -> Published:
        """Put a document on record, once; it must hold with this release. Raises `Refusal`."""
        await asyncio.to_thread(check, self.release, document)
        name = read(document).name
        known = reference(name, document)
        with suppress(NoSuchPolicy):
            return await self.find(known)
        fact = PolicyPublished(name=name, document=document, by=by)
        now = datetime.now(UTC)
        event = begin(fact, source="risk", cause=f"policy:{known}", member=subjects.NOBODY, time=now)
        await self._log.append([event])
        return Published(id=event.id, reference=known, name=name, document=document, by=by, at=now)

    async def activate(self, name: str, by: str) -> Active:
        """From here on this policy judges. Raises `NoSuchPolicy`, `Refusal`, or `Conflict` when somebody was faster."""
        before = await self.active()
        chosen = None if name == SHIPPED else await self.find(name)
        if chosen is not None:
            await asyncio.to_thread(check, self.release, chosen.document)
        published = chosen.id if chosen else None
        if before is not None and before.published == published:
            return before
        fact = PolicyActivated(name=chosen.name if chosen else SHIPPED, published=published, by=by)
        at = before.sequence if before else 0
        now = datetime.now(UTC)
        event = begin(fact, source="risk", cause=f"activation:{at}:{published}", member=subjects.NOBODY, time=now)
        sequence = await self._log.append([event], expect=Expect(_ACTIVATED, at))
        return Active(id=event.id, sequence=sequence, name=fact.name, published=published, by=by, at=now)

    async def document_of(self, active: Active) -> str | None:
        """The document that was activated; None for what is shipped. Raises `NoSuchPolicy`."""
        if active.published is None:
            return None
        for each in await self.published():
            if each.id == active.published:
                return each.document
        raise NoSuchPolicy("the document that was activated is not in the log")

    async def policy(self, name: str) -> Policy:
        """The policy of a name, compiled. Raises `NoSuchPolicy` or `Refusal`."""
        if name == SHIPPED:
            return rules.load()
        return await asyncio.to_thread(apply, self.release, (await self.find(name)).document)


class InForce:
    """The policy that this replica judges by: what was activated last, or what is shipped where that does not hold.

    Call it for the policy; it never waits. While the log is away the last one stays.
    """

    def __init__(self, policies: PolicyLog, metrics: Metrics) -> None:
        self._policies = policies
        self._policy = rules.load()
        self._sequence = 0
        self._looking = asyncio.Lock()
        self._in_force = metrics.gauge("policy_activation", "Sequence of the activation in force; 0 for none.")
        self._refused = metrics.counter("policy_refused", "Active policies that do not hold with this release.")
        self._shipped_instead = metrics.gauge(
            "policy_shipped_instead", "1 while the shipped rules judge because the active policy does not hold."
        )

    def __call__(self) -> Policy:
        return self._policy

    async def begin(self, deadline_s: float = START_DEADLINE_S) -> None:
        """Read what is active before the first verdict; after so long the shipped rules judge until it can be read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                while not await self.look():  # noqa: ASYNC110 (the log is asked, it does not call)
                    await asyncio.sleep(START_AGAIN_S)
                return
        _log.error("policy_not_known", reason="the log cannot be read; the shipped rules judge")

    async def run(self, stop: asyncio.Event) -> None:
        """Look every two seconds until `stop`."""
        while not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await stop.wait()
                    return
            await self.look()

    async def look(self) -> bool:
        """Look once. False when what is active could not be read: the last policy stays, and we look again."""
        async with self._looking:
            try:
                async with asyncio.timeout(LOOK_DEADLINE_S):
                    active = await self._policies.active()
                    if active is None or active.sequence <= self._sequence:
                        return True
                    document = await self._policies.document_of(active)
            except (LogUnavailable, TimeoutError, NoSuchPolicy) as away:  # a replica of the log may lag behind another
                _log.warning("policy_not_read", reason=type(away).__name__)
                return False
            except Exception:  # following policies is no reason to stop judging
                _log.exception("policy_not_read")
                return False
            await self._take(active, document)
            return True

    async def _take(self, active: Active, document: str | None) -> None:
        """Judge by it; a document that does not hold with this release leaves every replica with what is shipped."""
        policy, refused = rules.load(), False
        try:
            if document is not None:
                policy = await asyncio.to_thread(_ready, self._policies.release, document)
        except Exception as wrong:
            reason = str(wrong) if isinstance(wrong, Refusal) else type(wrong).__name__
            _log.error("policy_refused", name=active.name, published=active.published, reason=reason)
            self._refused.inc()
            refused = True
        self._policy, self._sequence = policy, active.sequence
        self._shipped_instead.set(refused)
        self._in_force.set(active.sequence)
        _log.info("policy_in_force", name=active.name, policy=policy.version, by=active.by)


def _ready(release: Shipped, document: str) -> Policy:
    """A policy that is laid over the release, and warm."""
    policy = apply(release, document)
    policy.warm_up()
    return policy


def _published(stored: Stored[Fact]) -> Published | None:
    fact = stored.event.data
    if not isinstance(fact, PolicyPublished):
        return None
    return Published(
        id=stored.event.id,
        reference=reference(fact.name, fact.document),
        name=fact.name,
        document=fact.document,
        by=fact.by,
        at=stored.event.time,
    )
