"""A policy from document to verdict: published, replayed, activated, followed, and kept over a restart."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from namjai.events import subjects
from namjai.events.risk import PolicyActivated, PolicyPublished
from namjai.risk import rules
from namjai.risk.adapters.policies import InForce, PolicyLog, shipped
from namjai.runtime.metrics import Metrics

FERRY = """
name: ferry
note: what people here say
rules:
  add:
    - id: en.clinic.ferry
      language: en
      category: suicide
      kind: plan
      level: high
      status: draft
      author: the clinic
      patterns: ['take the last ferry']
      hits: [I will take the last ferry]
      near_misses: [the last ferry leaves at ten]
"""
WORDS = "tonight I take the last ferry"


async def until_in_force(clinic: Any, version: str) -> None:
    async with asyncio.timeout(10):
        while (await clinic.ask("policy.list"))["in_force"] != version:
            await asyncio.sleep(0.05)


async def versions(clinic: Any) -> set[str]:
    """By what messages are judged now that come to any of the replicas."""
    messages = [await clinic.writes(f"m{n}", WORDS) for n in range(20)]
    return {(await clinic.verdict(message)).event.data.policy for message in messages}


async def test_from_publishing_to_the_next_verdict(clinic: Any) -> None:
    async with clinic.replica():
        before = await clinic.verdict(await clinic.writes("m1", WORDS))
        assert before.event.data.policy == rules.load().version
        assert before.event.data.level == "none"

        published = await clinic.ask("policy.publish", document=FERRY, by="somying")
        assert published["reference"].startswith("ferry@")
        assert (await clinic.verdict(await clinic.writes("m1", WORDS))).event.data.level == "none"

        code, output, _ = await clinic.command("replay", "--policy", "ferry", "--since", "1d", "--json")
        report = json.loads(output)
        assert (code, report["newly"], report["no_longer"], report["messages"]) == (0, 2, 0, 2)
        assert report["policy"]["alerts"] == 1  # the second is a repeat of the first
        assert WORDS not in output

        active = await clinic.ask("policy.activate", name="ferry", by="somying")
        assert active["name"] == "ferry"
        after = await clinic.verdict(await clinic.writes("m1", WORDS))

    assert after.event.data.policy == f"{published['reference']}/{rules.load().version}"
    assert after.event.data.level == "high"
    assert [finding.rule for finding in after.event.data.findings] == ["en.clinic.ferry"]


async def test_every_replica_follows_and_a_restart_keeps_it(clinic: Any) -> None:
    async with clinic.replica(), clinic.replica():
        await clinic.ask("policy.publish", document=FERRY, by="somying")
        active = await clinic.ask("policy.activate", name="ferry", by="somying")
        listed = await clinic.ask("policy.list")
        version = f"{listed['policies'][0]['reference']}/{listed['shipped']}"
        async with asyncio.timeout(20):  # whoever did not answer looks every two seconds
            while await versions(clinic) != {version}:
                await asyncio.sleep(0.1)
    async with clinic.replica():
        assert (await clinic.verdict(await clinic.writes("m1", WORDS))).event.data.policy == version
        assert (await clinic.ask("policy.list"))["active"]["id"] == active["id"]


async def test_the_way_back_is_to_activate_what_is_shipped_or_an_earlier_text(clinic: Any) -> None:
    async with clinic.replica():
        first = await clinic.ask("policy.publish", document=FERRY, by="a")
        second = await clinic.ask("policy.publish", document=FERRY + "# again\n", by="b")
        assert first["reference"] != second["reference"]

        await clinic.ask("policy.activate", name="ferry", by="a")
        await until_in_force(clinic, f"{second['reference']}/{rules.load().version}")
        await clinic.ask("policy.activate", name=first["reference"], by="a")
        await until_in_force(clinic, f"{first['reference']}/{rules.load().version}")
        await clinic.ask("policy.activate", name="shipped", by="a")
        await until_in_force(clinic, rules.load().version)
        listed = await clinic.ask("policy.list")

    assert [(each["reference"], each["note"], each["active"]) for each in listed["policies"]] == [
        (second["reference"], "what people here say", False),
        (first["reference"], "what people here say", False),
    ]


async def test_saying_the_same_again_changes_nothing(clinic: Any) -> None:
    async with clinic.replica():
        first = await clinic.ask("policy.publish", document=FERRY, by="a")
        again = await clinic.ask("policy.publish", document=FERRY, by="b")
        active = await clinic.ask("policy.activate", name="ferry", by="a")
        same = await clinic.ask("policy.activate", name=first["reference"], by="b")

    assert first["id"] == again["id"]
    assert (active["id"], active["by"]) == (same["id"], "a")
    assert len(await clinic.journal.log.since(subjects.event(PolicyActivated.TYPE, subjects.NOBODY), 0)) == 1


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("name: x", "missing required field"),
        (FERRY.replace("I will take the last ferry", "I will take the next ferry"), "misses its hit 1"),
        (FERRY.replace("'take the last ferry'", "'(take'"), "en.clinic.ferry: a pattern does not compile"),
        ("name: x\nnote: y\nmodel: off", "accept_risk"),
    ],
)
async def test_a_bad_document_is_refused_with_the_reason(clinic: Any, document: str, why: str) -> None:
    async with clinic.replica():
        code, reason = await clinic.ask("policy.publish", document=document, by="a")

        assert code == 400
        assert why in reason
        assert (await clinic.ask("policy.list"))["policies"] == []


async def test_what_nobody_published_is_neither_shown_nor_activated(clinic: Any) -> None:
    async with clinic.replica():
        assert (await clinic.ask("policy.activate", name="nothing", by="a"))[0] == 404
        assert (await clinic.ask("policy.show", name="nothing"))[0] == 404
        assert (await clinic.ask("policy.activate", name="ferry"))[0] == 400  # nobody says who
        assert (await clinic.ask("policy.list"))["active"] is None


async def test_a_document_of_another_release_leaves_the_shipped_rules_judging(clinic: Any) -> None:
    other = "name: old\nnote: its rule is gone\nrules: {disable: [en.rule.of.an.older.release]}"
    published = await clinic.happens(subjects.NOBODY, PolicyPublished(name="old", document=other, by="a"))
    await clinic.happens(subjects.NOBODY, PolicyActivated(name="old", published=published.id, by="a"))
    metrics = Metrics("risk")
    following = InForce(PolicyLog(clinic.journal.log, shipped()), metrics)
    await following.begin()

    assert following().version == rules.load().version
    assert metrics.registry.get_sample_value("namjai_policy_shipped_instead") == 1
    assert metrics.registry.get_sample_value("namjai_policy_refused_total") == 1
    async with clinic.replica():
        assert (await clinic.verdict(await clinic.writes("m1", "I want to die"))).event.data.level != "none"
        assert (await clinic.ask("policy.activate", name="old", by="a"))[0] == 409


async def test_while_the_log_is_away_the_last_policy_stays(clinic: Any) -> None:
    following = InForce(PolicyLog(clinic.journal.log, shipped()), Metrics("risk"))
    async with clinic.replica():
        await clinic.ask("policy.publish", document=FERRY, by="a")
        await clinic.ask("policy.activate", name="ferry", by="a")
    await following.begin()
    version = following().version
    await clinic.server.stop()
    try:
        assert not await following.look()
        assert following().version == version
        late = InForce(PolicyLog(clinic.journal.log, shipped()), Metrics("risk"))
        await late.begin(deadline_s=0.5)
        assert late().version == rules.load().version
    finally:
        await clinic.server.start()
    async with asyncio.timeout(10):
        while not await late.look():
            await asyncio.sleep(0.05)
    assert late().version == version
