"""The alert inbox, as staff works with it: what may be done, what may not, and what of it is on record."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.events import Envelope, Sealed
from namjai.events.alert import (
    AlertAcknowledged,
    AlertClaimed,
    AlertCorrected,
    AlertEscalated,
    AlertHandedOver,
    AlertMerged,
    AlertNoted,
    AlertNotified,
    AlertSaid,
    AlertSilenced,
    AlertTriggered,
    AlertUnacknowledged,
    AlertViewed,
    AlertWiped,
)
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaTranscribed
from namjai.events.member import ContactNamed, MemberConsented, MemberErased
from namjai.events.risk import Finding, RiskAssessed
from tests.integration.notify.conftest import AtWork, Line, Office
from tests.integration.notify.kit import FIRST, SECOND_MIN, happened, message, policy, raised, staffroom

REQUEST = "11111111-2222-3333-4444-555555555555"
NOTE = "lives alone, her sister has a key"
WORDS = "I have the pills here and I will take them tonight"


async def test_the_most_urgent_alert_is_the_first_of_the_list(office: Office, at_work: AtWork, member: str) -> None:
    async with staffroom(office, at_work) as room:
        medium = await raised(office, f"{member}a", level="medium", ago_s=300)
        newer = await raised(office, f"{member}b", level="crisis", ago_s=30)
        older = await raised(office, f"{member}c", level="crisis", ago_s=90)
        taken = await raised(office, f"{member}d", level="crisis", ago_s=200)
        high = await raised(office, f"{member}e", level="high", ago_s=5)
        for each in "abcde":
            await office.said(f"{member}{each}", AlertEscalated)
        await room.ask("claim", taken, by="ploy")
        await room.ask("resolve", high, by="ploy", disposition="false_alarm")
        found = await room.ask("list")
        grave = await room.ask("list", level="high", limit=1)
        mine = await room.ask("list", owner="ploy")
        everything = await room.ask("list", state="all")
    assert [each["id"] for each in found["alerts"]] == [older.id, newer.id, taken.id, medium.id]
    assert ([each["id"] for each in grave["alerts"]], grave["total"]) == ([older.id], 3)
    assert [each["id"] for each in mine["alerts"]] == [taken.id]
    assert everything["total"] == 5


async def test_an_alert_goes_from_raised_to_resolved_by_what_staff_does(
    office: Office, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        [listed] = (await room.ask("list"))["alerts"]
        assert (listed["status"], listed["waiting"], listed["told"]) == ("notified", True, ["ploy"])
        seen = []
        for verb, more in (
            ("claim", {}),
            ("acknowledge", {"note": NOTE}),
            ("note", {"note": NOTE}),
            ("takeover", {}),
            ("say", {"text": "I am here."}),
            ("handback", {}),
            ("contacted", {"how": "telephone"}),
            ("resolve", {"disposition": "contacted"}),
            ("reopen", {"note": NOTE}),
            ("resolve", {"disposition": "referred"}),
        ):
            seen.append((await room.ask(verb, listed["reference"].lower(), by="ploy", via="cli", **more))["status"])
        said = await room.kinds(member, "notified", "escalated")
        left = (await room.ask("list"))["alerts"]
    assert seen == [
        *("claimed", "acknowledged", "acknowledged", "acknowledged", "in_contact", "in_contact", "in_contact"),
        *("resolved", "notified", "resolved"),
    ]
    assert said == [
        *("raised", "triggered", "claimed", "acknowledged", "noted", "taken_over", "said", "handed_back", "contacted"),
        *("resolved", "reopened", "triggered", "resolved"),
    ]
    assert left == []
    assert alert.id == listed["id"]


async def test_what_is_asked_twice_is_done_once(office: Office, at_work: AtWork, member: str) -> None:
    """By the name of the wish while the state would allow it again, and by the state where there is no name."""
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        wishes: list[tuple[str, dict[str, Any]]] = [
            ("claim", {}),
            ("acknowledge", {}),
            ("takeover", {}),
            ("handback", {}),
            ("correct", {"level": "crisis", "category": "overdose"}),
            ("handover", {"to": "ploy"}),
            ("resolve", {"disposition": "other"}),
            ("reopen", {}),
            ("unsilence", {}),
        ]
        for verb, more in wishes:
            first = await room.ask(verb, alert, by="ploy", **more)
            second = await room.ask(verb, alert, by="ploy", **more)
            assert (first["status"], first["owner"]) == (second["status"], second["owner"])
        for verb, more in (("note", {"note": NOTE}), ("say", {"text": "I am here."}), ("contacted", {})):
            await asyncio.gather(*(room.ask(verb, alert, by="ploy", request=REQUEST, **more) for _ in range(3)))
        said = await room.kinds(member, "notified", "escalated", "triggered")
    assert said == [
        *("raised", "claimed", "acknowledged", "taken_over", "handed_back", "corrected", "handed_over", "resolved"),
        *("reopened", "noted", "claimed", "taken_over", "said", "contacted"),
    ]


async def test_what_may_not_be_is_refused_with_the_reason(office: Office, at_work: AtWork, member: str) -> None:
    async with staffroom(office, at_work) as room:
        mine = await raised(office, member)
        grave = await raised(office, member, level="crisis", key="overdose")
        other = await raised(office, f"{member}x", id="abcdef00-0000-4000-8000-000000000001")
        await raised(office, f"{member}y", id="abcdef00-0000-4000-8000-000000000002")
        await office.said(member, AlertEscalated, 2)
        await office.said(f"{member}y", AlertEscalated)
        merged = await raised(office, member)
        await office.said(member, AlertMerged)
        await room.ask("claim", mine, by="ploy")
        await room.ask("takeover", mine, by="ploy")
        soon = datetime.now(UTC) + timedelta(hours=1)
        refusals = {
            "stranger": await room.refused("claim", mine, by="somebody"),
            "stranger looks": await room.refused("show", mine, by="somebody"),
            "heir unknown": await room.refused("handover", mine, by="ploy", to="somebody"),
            "heir away": await room.refused("handover", mine, by="ploy", to="noi"),
            "no such alert": await room.refused("claim", "00000000", by="ploy"),
            "two of them": await room.refused("claim", other.id[:8], by="ploy"),
            "too short": await room.refused("claim", "abc", by="ploy"),
            "taken": await room.refused("claim", mine, by="chen"),
            "looked at by another": await room.refused("acknowledge", mine, by="chen"),
            "two voices": await room.refused("say", grave, by="chen", text="hello"),
            "crisis": await room.refused("silence", grave, by="ploy", until=soon, reason="quiet"),
            "too long": await room.refused("silence", mine, by="ploy", until=soon + timedelta(days=7), reason="quiet"),
            "in the past": await room.refused("silence", mine, by="ploy", until="2026-01-01T00:00:00Z", reason="quiet"),
            "no zone": await room.refused("silence", mine, by="ploy", until="2126-01-01T00:00:00", reason="quiet"),
            "no reason": await room.refused("silence", mine, by="ploy", until=soon, reason=""),
            "no disposition": await room.refused("resolve", mine, by="ploy"),
            "misspelt": await room.refused("note", mine, by="ploy", note="x", levle="low"),
            "merged": await room.refused("claim", merged, by="ploy"),
            "merged, reopened": await room.refused("reopen", merged, by="ploy"),
        }
        await room.ask("resolve", mine, by="chen", disposition="referred")
        refusals["resolved"] = await room.refused("claim", mine, by="ploy")
        refusals["resolved otherwise"] = await room.refused("resolve", mine, by="ploy", disposition="other")
    codes = {name: code for name, (code, _) in refusals.items()}
    assert codes == {
        **dict.fromkeys(("stranger", "stranger looks", "heir unknown"), 403),
        "no such alert": 404,
        **dict.fromkeys(("heir away", "two of them", "taken", "looked at by another", "two voices"), 409),
        **dict.fromkeys(("crisis", "too long", "in the past", "merged", "merged, reopened"), 409),
        **dict.fromkeys(("resolved", "resolved otherwise"), 409),
        **dict.fromkeys(("too short", "no zone", "no reason", "no disposition", "misspelt"), 400),
    }
    assert refusals["taken"][1] == "ploy has it already; hand it over instead"
    assert refusals["two voices"][1].startswith("ploy is talking to the person")
    assert refusals["resolved"][1] == "chen has resolved it; reopen it first"
    assert mine.id in refusals["merged"][1]
    assert all(member not in reason for _, reason in refusals.values())


async def test_a_look_is_on_record_before_a_word_is_shown(office: Office, at_work: AtWork, member: str) -> None:
    start, end = WORDS.index("I will"), WORDS.index(" tonight")
    finding = Finding(rule="en.plan", level="high", category="suicide", subject="self", start=start, end=end)
    async with staffroom(office, at_work) as room:
        [said] = await happened(office, member, message(WORDS), ago_s=60, source="gateway")
        verdict = RiskAssessed(
            message=said.id, outcome="screened", level="high", category="suicide", policy="p1", findings=(finding,)
        )
        [judged] = await happened(office, member, verdict, ago_s=59, source="risk")
        alert = await raised(office, member, message=said.id, ago_s=59)
        later = [message(f"word {n}", n + 1) for n in range(25)]
        await happened(office, member, *later, source="gateway")
        answered = InstrumentAnswered(instrument="phq-9", version="1", item=9, value=2, about_death=True)
        named = ContactNamed(name=Sealed("Lek"), telephone=Sealed("+66 2 000 0000"))
        agreed = MemberConsented(purpose="contact", granted=True, text_version="1")
        await happened(office, member, answered, named, agreed, source="chat")
        await office.said(member, AlertEscalated)
        await room.ask("note", alert, by="chen", note=NOTE)
        soon = datetime.now(UTC) + timedelta(hours=1)
        await room.ask("silence", alert, by="chen", until=soon, reason="in our ward")
        shown = await room.ask("show", alert, by="ploy", via="cli")
        [viewed] = await office.said(member, AlertViewed)
    assert (viewed.by, viewed.via) == ("ploy", "cli")
    assert (shown["message"]["text"], shown["assessment"]) == (WORDS, judged.id)
    [evidence] = shown["evidence"]
    assert evidence["words"] == WORDS[evidence["start"] : evidence["end"]] == WORDS[start:end]
    assert [line["text"] for line in shown["conversation"]] == [f"word {n}" for n in range(5, 25)]
    assert [each["level"] for each in shown["trend"]] == ["high"]
    assert [(each["item"], each["value"]) for each in shown["instruments"]] == [(9, 2)]
    assert shown["contact"] == {"name": "Lek", "telephone": "+66 2 000 0000", "email": None, "consent": True}
    history = [(step["what"], step["who"]) for step in shown["history"]]
    assert history == [
        *(("raised", None), ("triggered", None), ("notified", None), ("escalated", None)),
        *(("noted", "chen"), ("silenced", "chen"), ("viewed", "ploy")),
    ]
    assert f"“{NOTE}”" in shown["history"][4]["detail"]
    assert "“in our ward”" in shown["history"][5]["detail"]


async def test_who_is_called_for_a_voice_reads_what_was_said_in_it(
    office: Office, at_work: AtWork, member: str
) -> None:
    start, end = WORDS.index("I will"), WORDS.index(" tonight")
    finding = Finding(rule="en.plan", level="high", category="suicide", subject="self", start=start, end=end)
    async with staffroom(office, at_work) as room:
        now = datetime.now(UTC)
        heard = MediaTranscribed(message="v", message_id="1", kind="audio", text=Sealed(WORDS), received_at=now)
        [said] = await happened(office, member, heard, ago_s=60, source="chat")
        verdict = RiskAssessed(
            message=said.id, outcome="screened", level="high", category="suicide", policy="p1", findings=(finding,)
        )
        await happened(office, member, verdict, ago_s=59, source="risk")
        alert = await raised(office, member, message=said.id, ago_s=59)
        await office.said(member, AlertEscalated)
        shown = await room.ask("show", alert, by="ploy", via="cli")
    assert shown["message"]["text"] == f"(audio) {WORDS}"
    assert [line["text"] for line in shown["conversation"]] == [f"(audio) {WORDS}"]
    assert shown["evidence"][0]["words"] == WORDS[start:end]


async def test_what_staff_writes_is_sealed_in_the_log(office: Office, at_work: AtWork, member: str) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        soon = datetime.now(UTC) + timedelta(hours=1)
        await room.ask("acknowledge", alert, by="ploy", note=NOTE)
        await room.ask("say", alert, by="ploy", text=NOTE)
        await room.ask("correct", alert, by="ploy", level="medium", note=NOTE)
        await room.ask("silence", alert, by="ploy", until=soon, reason=NOTE)
        await room.ask("resolve", alert, by="ploy", disposition="other", note=NOTE)
        raw = [each.data async for each in office.journal.log.read()]
        [noted] = await office.said(member, AlertAcknowledged)
        [said] = await office.said(member, AlertSaid)
        [silenced] = await office.said(member, AlertSilenced)
    assert not any(NOTE.encode() in each or b"sister" in each for each in raw)
    assert noted.note is not None
    assert {noted.note.value, said.words.value, silenced.reason.value} == {NOTE}


async def test_of_somebody_erased_the_record_stays_and_the_words_are_gone(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    section = {"policies": {"default": policy(FIRST, {"targets": ["person:chen"], "delay_min": SECOND_MIN})}}
    async with staffroom(office, at_work, section=section) as room:
        [said] = await happened(office, member, message(WORDS), source="gateway")
        alert = await raised(office, member, message=said.id)
        await office.said(member, AlertEscalated)
        await room.ask("note", alert, by="ploy", note=NOTE)
        await office.journal.keyring.destroy(member)
        await happened(office, member, MemberErased(receipt="r1"), source="gateway")
        await office.said(member, AlertWiped)
        shown = await room.ask("show", alert, by="ploy")
        claimed = await room.refused("claim", alert, by="ploy")
        noted = await room.refused("note", alert, by="ploy", note=NOTE)
        assert (await room.ask("list"))["alerts"] == []
        await asyncio.sleep(1.2)  # the second step would have come by now
    assert (shown["alert"]["status"], shown["alert"]["next"]) == ("wiped", None)
    assert shown["message"]["text"] is None
    assert {line["text"] for line in shown["conversation"]} == {None}
    assert "sister" not in str(shown)
    assert claimed == (409, "it is wiped")
    assert noted[0] == 410
    assert not line.seen(DR_CHEN.user_id)


@pytest.mark.parametrize("verb", ["say", "contacted", "resolve"])
async def test_the_clock_stops_with_a_human_word_by_any_path(
    office: Office, at_work: AtWork, member: str, verb: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member, ago_s=60)
        await raised(office, f"{member}x", ago_s=400)
        await office.said(member, AlertEscalated)
        more = {"say": {"text": "I am here."}, "resolve": {"disposition": "contacted"}}.get(verb, {})
        stopped = await room.ask(verb, alert, by="ploy", **more)
        await asyncio.sleep(0.05)
        [again] = [each for each in (await room.ask("list", state="all"))["alerts"] if each["id"] == alert.id]
        figures = await room.ask("sla", days=1)
        kinds = await room.kinds(member, "raised", "triggered", "notified", "escalated")
    assert not stopped["waiting"]
    assert stopped["wait_s"] == again["wait_s"] == pytest.approx(60, abs=5)
    [high] = figures["levels"]
    assert (high["level"], high["alerts"], high["waiting"], high["within_promise"]) == ("high", 2, 1, 0.5)
    assert high["worst_s"] == pytest.approx(400, abs=5)
    if verb == "say":  # whoever speaks has taken it on, and the bot is silent
        assert kinds == ["claimed", "taken_over", "said"]


async def test_a_repeat_of_what_is_silenced_is_quiet_a_crisis_is_not_and_the_chain_goes_on_afterwards(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    section = {"policies": {"default": policy(FIRST, {"targets": ["person:chen"], "delay_min": SECOND_MIN})}}
    async with staffroom(office, at_work, section=section) as room:
        quiet = await raised(office, member)
        await office.said(member, AlertEscalated)
        end = datetime.now(UTC) + timedelta(seconds=2)
        silenced = await room.ask("silence", quiet, by="ploy", until=end, reason="in our ward")
        await raised(office, member)
        [repeat] = await office.said(member, AlertMerged)
        await room.ask("silence", quiet, by="ploy", until=end, reason="in our ward")
        other = f"{member}x"
        await happened(office, other, AlertSilenced(merge_key=f"{other}:suicide", by="ploy", until=end, via="cli",
                                                    reason=Sealed("in our ward")))  # fmt: skip
        alone = await raised(office, other)
        [kept_quiet] = await office.said(other, AlertMerged)
        await raised(office, other, level="crisis")
        await office.said(other, AlertNotified)
        assert not line.seen(DR_CHEN.user_id)
        chain = await office.said(member, AlertEscalated, 2)
        [crisis] = [e for e in (await room.ask("list"))["alerts"] if e["member"] == other]
        late = next(each for each in (await room.ask("list", state="all"))["alerts"] if each["id"] == alone.id)
    assert silenced["silenced_until"] is not None
    assert (repeat.silenced, repeat.into) == (True, quiet.id)
    assert (kept_quiet.silenced, late["status"]) == (True, "silenced")
    assert crisis["level"] == "crisis"
    assert chain[1].targets == ("chen",)
    assert chain[1].late_s < 1.5  # counted from the end of the silence


async def test_a_silence_may_be_ended_before_its_time(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    section = {"policies": {"default": policy(FIRST, {"targets": ["person:chen"], "delay_min": 0.6 / 60})}}
    async with staffroom(office, at_work, section=section) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        soon = datetime.now(UTC) + timedelta(hours=1)
        await room.ask("silence", alert, by="ploy", until=soon, reason="in our ward")
        await asyncio.sleep(0.8)
        assert not line.seen(DR_CHEN.user_id)
        heard = await room.ask("unsilence", alert, by="chen")
        await office.said(member, AlertEscalated, 2)
    assert heard["silenced_until"] is None


async def test_a_repeat_does_not_vanish_into_an_alert_that_nobody_touches_any_more(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    """Open and claimed and spoken about, and then forgotten for longer than a repeat of its level may wait."""
    stale, fresh = f"{member}a", f"{member}b"
    for each, touched_s in ((stale, 5 * 3_600), (fresh, 3 * 3_600)):
        await _in_contact(office, each, touched_s)
    async with staffroom(office, at_work):
        for each in (stale, fresh):
            await raised(office, each)
            await office.said(each, AlertMerged)
        [_, again] = await office.said(stale, AlertTriggered, 2)
        await office.said(stale, AlertEscalated)
        triggered = await office.said(fresh, AlertTriggered)
    assert (again.cause, again.run) == ("repeated", 2)
    assert len(triggered) == 1
    assert len(line.seen(NURSE_PLOY.user_id)) == 1


async def test_whoever_it_is_handed_to_is_told_each_time_and_may_go_on_talking(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        await room.ask("takeover", alert, by="ploy")
        handed = await room.ask("handover", alert, by="ploy", to="chen", note=NOTE)
        await line.until(lambda: len(line.seen(DR_CHEN.user_id)) == 1)
        talking = await room.ask("say", alert, by="chen", text="I am Chen.")
        await room.ask("handover", alert, by="chen", to="ploy")
        await room.ask("handover", alert, by="ploy", to="chen")
        await line.until(lambda: len(line.seen(DR_CHEN.user_id)) == 2)
        told = [(each.step, each.staff) for each in await office.said(member, AlertNotified, 4)]
    assert (handed["owner"], handed["status"], handed["waiting"]) == ("chen", "claimed", True)
    assert talking["taken_over_by"] == "chen"
    assert told == [(1, "ploy"), (0, "chen"), (0, "ploy"), (0, "chen")]


async def test_a_claim_without_a_human_word_comes_to_nothing_and_the_chain_begins_anew(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    section = {"policies": {"default": policy(ack_timeout_min=SECOND_MIN)}}
    async with staffroom(office, at_work, section=section) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        claimed = await room.ask("claim", alert, by="ploy")
        [free] = await office.said(member, AlertUnacknowledged)
        await office.said(member, AlertEscalated, 2)
        await room.ask("handover", alert, by="ploy", to="chen")
        await office.said(member, AlertUnacknowledged, 2)
        await room.ask("handover", alert, by="ploy", to="chen")
        await line.until(lambda: len(line.seen(DR_CHEN.user_id)) == 2)
        await room.ask("contacted", alert, by="chen")
        await asyncio.sleep(1.2)
        triggered = await office.said(member, AlertTriggered, 3)
        [listed] = (await room.ask("list"))["alerts"]
    assert claimed["next"]["what"] == "unacknowledge"
    assert free.by == "ploy"
    assert 1.0 <= free.waited_s < 3.0
    assert [each.cause for each in triggered] == ["raised", "unacknowledged", "unacknowledged"]
    assert (listed["status"], listed["next"]) == ("in_contact", None)


async def test_a_correction_is_kept_to_learn_from_and_one_upwards_calls_again(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member, message="m7")
        await office.said(member, AlertEscalated)
        lower = await room.ask("correct", alert, by="ploy", level="medium", category="relapse")
        higher = await room.ask("correct", alert, by="chen", level="crisis", note=NOTE)
        corrected = await office.said(member, AlertCorrected, 2)
        await office.said(member, AlertEscalated, 2)
        triggered = await office.said(member, AlertTriggered)
    assert (lower["level"], lower["category"]) == ("medium", "relapse")
    assert (higher["level"], higher["category"]) == ("crisis", "relapse")
    assert [(each.message, each.was, each.level) for each in corrected] == [
        ("m7", "high", "medium"),
        ("m7", "medium", "crisis"),
    ]
    assert [each.cause for each in triggered] == ["raised", "higher_level"]
    assert len(line.seen(NURSE_PLOY.user_id)) == 2


async def test_notes_are_written_even_when_it_is_over(office: Office, at_work: AtWork, member: str) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        await room.ask("resolve", alert, by="ploy", disposition="contacted")
        noted = await room.ask("note", alert, by="chen", note=NOTE)
        [kept] = await office.said(member, AlertNoted)
    assert noted["status"] == "resolved"
    assert kept.note.value == NOTE


async def _in_contact(office: Office, member: str, touched_s: float) -> Envelope[Any]:
    """An alert that somebody claimed and spoke about, that long ago, while an earlier process ran."""
    alert = await raised(office, member, ago_s=touched_s)
    at = alert.time
    chain = AlertTriggered(
        alert=alert.id,
        run=1,
        cause="raised",
        policy="default",
        level="high",
        base=at,
        due_s=(0.0,),
        levels=(1,),
        end_s=1_800.0,
        ack_timeout_s=600.0,
    )
    said = AlertSaid(alert=alert.id, by="ploy", via="cli", words=Sealed("I am here."))
    await happened(office, member, chain, AlertClaimed(alert=alert.id, by="ploy", via="cli"), said, ago_s=touched_s)
    return alert


async def test_a_hand_over_of_what_nobody_had_is_a_claim_for_the_heir(
    office: Office, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        handed = await room.ask("handover", alert, by="ploy", to="chen")
        [fact] = await office.said(member, AlertHandedOver)
    assert (handed["owner"], handed["next"]["what"]) == ("chen", "unacknowledge")
    assert (fact.by, fact.to) == ("ploy", "chen")
