"""What staff and other services may ask of risk: its policies, and why a verdict is what it is.

`by` names who does it. It is not verified here: only those whom NATS lets say `api.risk.>` come this far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from nats.aio.client import Client

from namjai.events import Fact, Stored
from namjai.events.risk import RiskAssessed
from namjai.risk import rules
from namjai.risk.adapters.policies import InForce, NoSuchPolicy, PolicyLog
from namjai.risk.api_words import (
    Activate,
    Active,
    Everything,
    Explain,
    Listed,
    Policies,
    Publish,
    Published,
    Screen,
    Screened,
    Show,
)
from namjai.risk.domain.assess import Classifier, assess
from namjai.risk.domain.context import BEARING, Watch
from namjai.risk.domain.corrections import words_in
from namjai.risk.domain.document import Refusal, read
from namjai.risk.domain.explain import Explanation, Judging, Reader, Verdict, explain
from namjai.risk.domain.overlay import Overlaid, apply, known_rules
from namjai.risk.domain.policy import Policy
from namjai.runtime.journal import Journal
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Endpoint, Endpoints, Refused
from namjai.runtime.tracing import Tracing
from namjai.runtime.version import VERSION

AT_ONCE_CHARS_MAX: Final = 1_000
"""Longer texts take milliseconds, which nobody's verdict should wait for."""
MADE_AGAIN_MAX: Final = 4
"""Earlier policies that are held ready for explanations."""


def endpoints(
    nc: Client,
    metrics: Metrics,
    journal: Journal,
    policies: PolicyLog,
    in_force: InForce,
    classifier: Reader | None,
    watch: Watch,
    tracing: Tracing,
) -> Endpoints:
    """What risk answers."""
    staff = Staff(policies, in_force)
    why = Why(journal, policies, in_force, classifier, watch)
    return Endpoints(
        nc,
        "risk",
        (
            Endpoint("policy.publish", Publish, Published, staff.publish),
            Endpoint("policy.activate", Activate, Active, staff.activate),
            Endpoint("policy.list", Everything, Policies, staff.list),
            Endpoint("policy.show", Show, Published, staff.show),
            Endpoint("explain", Explain, Explanation, why.explain),
            Endpoint("screen", Screen, Screened, Words(in_force, classifier).screen),
        ),
        metrics,
        version=VERSION,
        description="Screening policies, why a verdict is what it is, and what words say; no words are kept or told.",
        tracing=tracing,
    )


class Staff:
    """Publishing, activating and looking at policies."""

    def __init__(self, policies: PolicyLog, in_force: InForce) -> None:
        self._policies = policies
        self._in_force = in_force

    async def publish(self, asked: Publish) -> Published:
        """400 with the reason when the document does not hold; the same document again is no second one."""
        try:
            return await self._policies.publish(asked.document, asked.by)
        except Refusal as wrong:
            raise Refused(400, _one_line(wrong)) from wrong

    async def activate(self, asked: Activate) -> Active:
        """404 for a name that nobody published, 409 for a document that does not hold with this release."""
        try:
            active = await self._policies.activate(asked.name, asked.by)
        except NoSuchPolicy as missing:
            raise Refused(404, str(missing)) from missing
        except Refusal as wrong:
            raise Refused(409, _one_line(wrong)) from wrong
        await self._in_force.look()
        return active

    async def list(self, _: Everything) -> Policies:
        """The newest first."""
        active = await self._policies.active()
        chosen = active.published if active else None
        return Policies(
            in_force=self._in_force().version,
            shipped=self._policies.release.version,
            active=active,
            policies=tuple(
                Listed(
                    reference=each.reference,
                    name=each.name,
                    note=_note(each.document),
                    by=each.by,
                    at=each.at,
                    active=each.id == chosen,
                )
                for each in reversed(await self._policies.published())
            ),
        )

    async def show(self, asked: Show) -> Published:
        """404 for a name that nobody published."""
        try:
            return await self._policies.find(asked.name)
        except NoSuchPolicy as missing:
            raise Refused(404, str(missing)) from missing


class Words:
    """Screening of words that nobody has said yet: no event, no log line, no number that tells of them."""

    def __init__(self, in_force: Callable[[], Policy], classifier: Classifier | None) -> None:
        self._in_force = in_force
        self._classifier = classifier

    async def screen(self, asked: Screen) -> Screened:
        """The verdict by the policy in force, without anybody's past. Long words are read in a thread."""
        policy = self._in_force()
        if len(asked.text) <= AT_ONCE_CHARS_MAX:
            found = assess(asked.text, (), policy, self._classifier)
        else:
            found = await asyncio.to_thread(assess, asked.text, (), policy, self._classifier)
        return Screened(level=found.level.value, category=found.category, version=found.policy)


class Why:
    """Explanations, by the policy that judged where it can be made again."""

    def __init__(
        self,
        journal: Journal,
        policies: PolicyLog,
        in_force: Callable[[], Policy],
        classifier: Reader | None,
        watch: Watch,
    ) -> None:
        self._journal = journal
        self._policies = policies
        self._in_force = in_force
        self._classifier = classifier
        self._watch = watch
        self._made_again: dict[str, Policy] = {}

    async def explain(self, asked: Explain) -> Explanation:
        """404 where there is no such verdict of this person."""
        story = await self._journal.log.history(asked.member)
        stored = _verdict_in(story, asked.id)
        if stored is None:
            raise Refused(404, "there is no such verdict")
        fact, at = stored.event.data, stored.event.time
        message = next((each.event for each in story if each.event.id == fact.message), None)
        verdict = Verdict(
            assessment=stored.event.id,
            member=asked.member,
            at=at,
            fact=fact,
            words=words_in(await self._journal.open(message)) if message else None,
            past=[each for each in story if _bears(each, stored, self._watch)],
        )
        policy = await self._policy(fact.policy)
        files = policy.files if isinstance(policy, Overlaid) else self._policies.release.files
        judging = Judging(
            in_force=self._in_force().version,
            policy=policy,
            rules=await asyncio.to_thread(known_rules, files),
            classifier=self._classifier,
            watch=self._watch,
        )
        return await asyncio.to_thread(explain, verdict, judging)  # tens of verdicts: nobody's message waits for them

    async def _policy(self, version: str) -> Policy | None:
        """The policy of a version, as long as this release and the log can make it."""
        for ready in (self._in_force(), rules.load(), self._made_again.get(version)):
            if ready is not None and ready.version == version:
                return ready
        reference, _, base = version.partition("/")
        if base != self._policies.release.version:
            return None
        try:
            document = (await self._policies.find(reference)).document
            policy = await asyncio.to_thread(apply, self._policies.release, document)
        except (NoSuchPolicy, Refusal):
            return None
        while len(self._made_again) >= MADE_AGAIN_MAX:
            del self._made_again[next(iter(self._made_again))]
        self._made_again[version] = policy
        return policy


def _verdict_in(story: list[Stored[Fact]], id_: str) -> Stored[RiskAssessed] | None:
    """The verdict of this id, or the first one on the message of this id."""
    judged: list[Stored[RiskAssessed]] = [
        Stored(each.sequence, each.event)  # type: ignore[arg-type]  # narrowed by the condition
        for each in story
        if isinstance(each.event.data, RiskAssessed)
    ]
    return next((each for each in judged if id_ in (each.event.id, each.event.data.message)), None)


def _bears(each: Stored[Fact], verdict: Stored[RiskAssessed], watch: Watch) -> bool:
    """Whether an event was there and mattered when the verdict was made."""
    recent = verdict.event.time - each.event.time <= watch.reach
    return isinstance(each.event.data, BEARING) and each.sequence < verdict.sequence and recent


def _note(document: str) -> str:
    try:
        return read(document).note
    except Refusal:  # written for a release with other words
        return ""


def _one_line(wrong: Refusal) -> str:
    """A refusal as a header can hold it."""
    return " ".join(str(wrong).split())[:1_000]
