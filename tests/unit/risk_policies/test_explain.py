"""An explanation: whole, without a word of the person, and honest where it cannot judge again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from namjai.events import Fact, Stored, begin
from namjai.events import risk as events
from namjai.risk.domain.answers import INSTRUMENT_POLICY
from namjai.risk.domain.assess import assess
from namjai.risk.domain.context import Watch
from namjai.risk.domain.explain import Judging, Verdict, explain
from namjai.risk.domain.model import Level, Span
from namjai.risk.domain.overlay import Shipped, known_rules
from namjai.risk.domain.policy import Policy

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORDS = "I do not want to die. I am craving it"


def judging(shipped: Shipped, policy: Policy | None, in_force: str = "") -> Judging:
    return Judging(
        in_force=in_force or shipped.version,
        policy=policy,
        rules=known_rules(shipped.files),
        classifier=None,
        watch=Watch(),
    )


def verdict(policy: Policy, words: str | None = WORDS, level: str | None = None, **more: object) -> Verdict:
    found = assess(WORDS, (), policy)
    fact = events.RiskAssessed(
        message="the-message",
        outcome="screened",
        level=level or found.level.value,  # type: ignore[arg-type]  # a test's own choice
        category=found.category,
        policy=policy.version,
        findings=tuple(
            events.Finding(
                rule=each.rule,
                level=each.level.value,
                category=each.category,
                subject=each.subject,
                start=each.spans[0].start,
                end=each.spans[0].end,
                readings=(each.polarity, each.tense, each.frame, *each.changes),
            )
            for each in found.findings
        ),
    )
    made = Verdict(assessment="the-verdict", member="m", at=NOW, fact=fact, words=words, past=())
    return msgspec.structs.replace(made, **more)


def test_every_reason_says_where_it_stands_and_who_wrote_it(shipped: Shipped, base: Policy) -> None:
    found = explain(verdict(base), judging(shipped, base))

    wish = next(each for each in found.reasons if each.rule == "en.wish")
    assert (wish.file, wish.author, wish.status, wish.rule_level) == (
        "en/rules.yaml",
        "the tests",
        "draft",
        Level.MEDIUM,
    )
    assert (wish.level, wish.polarity, wish.changes) == (Level.LOW, "negated", ("lowered:negated",))
    assert wish.spans == (Span(9, 20),)
    assert WORDS[9:20] == "want to die"
    assert (found.judged_again, found.same_policy, found.level_again, found.notes) == (True, True, Level.LOW, ())
    assert "negated -> asserted" in {each.what for each in found.would_change}


def test_no_word_of_the_person_is_in_it(shipped: Shipped, base: Policy) -> None:
    words = "quixotic I want to die zephyr"
    written = msgspec.json.encode(explain(verdict(base, words), judging(shipped, base))).decode()

    assert "quixotic" not in written
    assert "zephyr" not in written
    assert "want to die" not in written


def test_erased_words_are_explained_by_what_is_stored(shipped: Shipped, base: Policy) -> None:
    found = explain(verdict(base, None), judging(shipped, base))

    assert (found.judged_again, found.level_again) == (False, None)
    assert "the words cannot be read" in found.notes
    first = found.reasons[0]
    assert (first.rule, first.polarity, first.level) == ("en.wish", "negated", Level.LOW)
    assert {each.kind for each in found.would_change} == {"rule", "history"}


def test_a_policy_that_cannot_be_made_again_is_said(shipped: Shipped, base: Policy) -> None:
    found = explain(verdict(base), judging(shipped, None, in_force="another"))

    assert (found.same_policy, found.judged_again) == (False, False)
    assert found.notes == ("another policy is in force now", "that policy cannot be made again")
    assert found.policy_in_force == "another"


def test_a_verdict_that_does_not_come_out_again_is_said(shipped: Shipped, base: Policy) -> None:
    found = explain(verdict(base, level="high"), judging(shipped, base))

    assert (found.level, found.level_again) == (Level.HIGH, Level.LOW)
    assert "judged again it comes to another level" in found.notes[0]


def test_history_terms_name_the_earlier_verdicts(shipped: Shipped, base: Policy) -> None:
    fact: Fact = events.RiskAssessed(message="x", outcome="screened", level="high", category="suicide", policy="p")
    earlier = begin(fact, source="risk", cause="1", member="m", time=NOW - timedelta(hours=3))
    found = explain(verdict(base, past=[Stored(1, earlier)], level="medium"), judging(shipped, base))

    assert found.history.recent == Level.HIGH
    assert [(each.assessment, each.level) for each in found.history.verdicts] == [(earlier.id, Level.HIGH)]
    assert ("history", Level.LOW) in {(each.what, each.level) for each in found.would_change}


def test_what_had_no_words_or_failed_is_said(shipped: Shipped, base: Policy) -> None:
    for outcome, note in (("no_text", "there were no words to judge"), ("failed", "the screening failed")):
        fact = events.RiskAssessed(message="x", outcome=outcome, level="none", policy=base.version)  # type: ignore[arg-type]  # a literal
        found = explain(verdict(base, None, fact=fact), judging(shipped, base))

        assert found.notes == (note,)
        assert found.would_change == ()


def test_an_answer_that_was_judged_is_not_called_unreadable(shipped: Shipped, base: Policy) -> None:
    fact = events.RiskAssessed(
        message="x", outcome="screened", level="medium", category="suicide", policy=INSTRUMENT_POLICY
    )
    found = explain(verdict(base, None, fact=fact), judging(shipped, None))

    assert found.notes == ("an answer or a check-in was judged, not words; no policy bears on it",)
