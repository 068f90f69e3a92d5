"""What reads people's words again: replay, explanation, corrections; on a real log with real keys."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from namjai.events import Sealed
from namjai.events.alert import AlertCorrected
from namjai.events.media import MediaTranscribed
from namjai.events.risk import Level, RiskAssessed
from namjai.risk import rules
from namjai.risk.adapters.replay import sequence_before
from namjai.risk.evaluate.data import read

WISH = "I really want to die tonight"
MILD = "name: mild\nnote: wishes are not heard\naccept_risk: a test\nmodel: off\nrules: {disable: [%s]}"


@pytest.fixture(scope="module")
def mild() -> str:
    """A policy that is deaf to that wish."""
    policy = rules.load()
    return MILD % ", ".join(each.rule.id for each in policy.candidates(policy.normalise(WISH).text))


async def test_a_replay_counts_by_day_leaves_the_erased_out_and_prints_no_text(
    clinic: Any, mild: str, tmp_path: Path
) -> None:
    document = tmp_path / "mild.yaml"
    document.write_text(mild)
    long_ago = await clinic.writes("m0", WISH, ago=timedelta(days=9))
    first = await clinic.writes("m1", WISH, ago=timedelta(days=3))
    await clinic.writes("m1", WISH, ago=timedelta(days=3))
    await clinic.writes("m2", WISH, ago=timedelta(days=1))
    await clinic.writes("m3", "good morning", ago=timedelta(days=1))
    await clinic.writes("m4", WISH, ago=timedelta(days=1))
    await clinic.journal.keyring.destroy("m4")

    code, output, errors = await clinic.command("replay", "--policy", str(document), "--since", "5d", "--json")
    report = json.loads(output)

    assert code == 0, errors
    assert (report["messages"], report["erased"], report["no_longer"], report["newly"]) == (4, 1, 3, 0)
    assert (report["against"]["alerts"], report["against"]["merged"], report["policy"]["alerts"]) == (2, 1, 0)
    assert [sum(day["no_longer"].values()) for day in report["days"]] == [2, 1]
    assert first.id in {each["message"] for each in report["changes"]}
    assert long_ago.id not in output
    assert "replay: done" in errors

    code, output, errors = await clinic.command("replay", "--policy", str(document), "--since", "5d")
    assert "3 would no longer alert" in output
    assert "die" not in output
    assert "die" not in errors


async def test_what_was_heard_in_voices_is_replayed_and_kept_to_learn_from_like_words(
    clinic: Any, mild: str, tmp_path: Path
) -> None:
    document = tmp_path / "mild.yaml"
    document.write_text(mild)
    now = datetime.now(UTC)
    voice = MediaTranscribed(message="v", message_id="1", kind="audio", text=Sealed(WISH), received_at=now)
    heard = await clinic.happens("m1", voice)
    corrected = AlertCorrected(
        alert="a", by="dr", message=heard.id, level="high", category="suicide", was="low", via="cli"
    )
    await clinic.happens("m1", corrected)

    code, output, errors = await clinic.command("replay", "--policy", str(document), "--since", "1d", "--json")
    report = json.loads(output)
    assert code == 0, errors
    assert (report["messages"], report["no_longer"]) == (1, 1)
    assert [each["message"] for each in report["changes"]] == [heard.id]
    out = tmp_path / "set.jsonl"
    code, _, errors = await clinic.command("corrections", "--out", str(out))
    assert code == 0, errors
    assert json.loads(out.read_text())["text"] == WISH


async def test_a_replay_says_in_a_line_what_it_cannot_do(clinic: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad")

    assert await clinic.command("replay", "--policy", "nothing") == (
        2,
        "",
        "refused: no policy called 'nothing' was published\n",
    )
    code, _, errors = await clinic.command("replay", "--policy", str(bad))
    assert (code, errors) == (2, "refused: the document does not fit: Object missing required field `note`\n")


async def test_a_time_is_found_in_the_log_across_gaps(clinic: Any) -> None:
    for n in range(40):
        await clinic.writes("m", f"hello {n}")
    middle = datetime.now(UTC)
    for n in range(25):
        await clinic.writes("m", f"hello again {n}")
    for sequence in (38, 39, 40, 41, 42):
        await clinic.journal.log.delete(sequence)
    log = clinic.journal.log
    end = await log.last_sequence()

    found = await sequence_before(log, middle, end)
    after = [raw.stored_at async for raw in log.read(after=found)]
    assert len(after) == 23
    assert min(after) >= middle
    assert await sequence_before(log, datetime(2020, 1, 1, tzinfo=UTC), end) == 0
    assert [raw async for raw in log.read(after=await sequence_before(log, datetime.now(UTC), end))] == []


async def test_a_verdict_is_explained_by_the_policy_that_judged_it(clinic: Any, mild: str) -> None:
    async with clinic.replica():
        verdict = await clinic.verdict(await clinic.writes("m1", WISH))
        by_verdict = await clinic.ask("explain", member="m1", id=verdict.event.id)
        by_message = await clinic.ask("explain", member="m1", id=verdict.event.data.message)
        assert by_verdict == by_message
        assert (by_verdict["same_policy"], by_verdict["judged_again"]) == (True, True)
        assert by_verdict["level_again"] == by_verdict["level"] == verdict.event.data.level
        assert by_verdict["reasons"][0]["file"].startswith("en/")
        assert any(each["differs"] for each in by_verdict["would_change"])
        assert "tonight" not in json.dumps(by_verdict)

        await clinic.ask("policy.publish", document=mild, by="a")
        await clinic.ask("policy.activate", name="mild", by="a")
        later = await clinic.ask("explain", member="m1", id=verdict.event.id)
        assert (later["same_policy"], later["judged_again"]) == (False, True)
        assert later["policy_in_force"].startswith("mild@")
        assert "another policy is in force now" in later["notes"]
        assert later["reasons"] == by_verdict["reasons"]

        await clinic.journal.keyring.destroy("m1")
        erased = await clinic.ask("explain", member="m1", id=verdict.event.id)
        assert erased["judged_again"] is False
        assert [each["rule"] for each in erased["reasons"]] == [each["rule"] for each in by_verdict["reasons"]]


async def test_a_verdict_under_an_earlier_document_is_judged_again_by_that_document(clinic: Any, mild: str) -> None:
    async with clinic.replica():
        await clinic.ask("policy.publish", document=mild, by="a")
        await clinic.ask("policy.activate", name="mild", by="a")
        verdict = await clinic.verdict(await clinic.writes("m1", WISH))
        assert verdict.event.data.policy.startswith("mild@")
        await clinic.ask("policy.activate", name="shipped", by="a")
        found = await clinic.ask("explain", member="m1", id=verdict.event.id)

    assert (found["same_policy"], found["judged_again"]) == (False, True)
    assert found["level_again"] == found["level"]


async def test_history_that_raised_a_verdict_is_named_with_what_it_was_without(clinic: Any) -> None:
    earlier = RiskAssessed(message="x", outcome="screened", level="high", category="suicide", policy="p")
    before = await clinic.happens("m1", earlier, ago=timedelta(hours=2))
    verdict = RiskAssessed(
        message="y",
        outcome="screened",
        level="high",
        category="suicide",
        policy="an older release",
        raised_by=("recent_high_72h",),
    )
    judged = await clinic.happens("m1", verdict)
    async with clinic.replica():
        found = await clinic.ask("explain", member="m1", id=judged.id)

    assert [each["assessment"] for each in found["history"]["verdicts"]] == [before.id]
    assert found["history"]["raised_by"] == ["recent_high_72h"]
    assert found["judged_again"] is False


async def test_nobodys_verdict_is_not_explained(clinic: Any) -> None:
    async with clinic.replica():
        assert await clinic.ask("explain", member="m1", id="nothing") == (404, "there is no such verdict")
        assert (await clinic.ask("explain", id="nothing"))[0] == 400


async def test_corrections_become_a_private_file_that_the_evaluation_reads(clinic: Any, tmp_path: Path) -> None:
    first, second = await clinic.writes("m1", "words one"), await clinic.writes("m1", "words two")
    gone = await clinic.writes("m2", "words three")
    said: tuple[tuple[Any, Level], ...] = ((first, "crisis"), (first, "none"), (second, "medium"), (gone, "low"))
    for message, level in said:
        fact = AlertCorrected(
            alert="a", by="dr. a", message=message.id, level=level, category="suicide", was="high", via="cli"
        )
        await clinic.happens(message.subject, fact)
    await clinic.journal.keyring.destroy("m2")
    out = tmp_path / "corrections.jsonl"

    code, output, errors = await clinic.command("corrections", "--since", "1d", "--out", str(out))

    assert code == 0, errors
    assert "2 corrected messages" in output
    assert "1 left out" in output
    assert "WARNING" in errors
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(each["text"], each["level"], each["was"]) for each in rows] == [
        ("words one", "none", "high"),
        ("words two", "medium", "high"),
    ]
    assert "dr. a" not in out.read_text()
    examples = [example for data in read([out]) for example in data.examples]
    assert [(each.text, each.level) for each in examples] == [("words one", "none"), ("words two", "medium")]

    code, _, errors = await clinic.command("corrections", "--out", str(out))
    assert (code, "File exists" in errors) == (2, True)
    assert len(out.read_text().splitlines()) == 2
