"""Whether to answer now, wait, or say nothing: every promise of the conversation as a sentence."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.domain.decide import Answer, Rules, Skip, Wait, decide
from namjai.chat.domain.state import Pending, State, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules()


def message(sequence: int, ago_ms: int = 0, **more: object) -> Pending:
    received = NOW - timedelta(milliseconds=ago_ms)
    fields = {"kind": "message", "message_id": str(sequence), "received_at": received, **more}
    return Pending(sequence=sequence, event=f"e{sequence}", **fields)  # type: ignore[arg-type]


def verdict(sequence: int, level: str = "none", *, judged: bool = True) -> Verdict:
    return Verdict(
        assessment=f"a{sequence}",
        message=f"e{sequence}",
        judged=judged,
        level=level,  # type: ignore[arg-type]
        category="suicide",
        subject="self",
    )


def seen(state: State, ago_ms: int = 0) -> dict[str, datetime]:
    return {each.event: NOW - timedelta(milliseconds=ago_ms) for each in state.pending}


def test_nothing_pending_is_nothing_to_do() -> None:
    assert decide(State(), {}, NOW, RULES) is None


def test_without_a_verdict_a_turn_waits_for_two_seconds() -> None:
    state = State(pending=(message(1, 700),))
    assert Wait(NOW + timedelta(seconds=1.3)) == decide(state, seen(state, 700), NOW, RULES)


def test_an_overdue_verdict_does_not_keep_a_person_waiting() -> None:
    state = State(pending=(message(1, 2_100),))
    step = decide(state, seen(state, 2_000), NOW, RULES)
    assert isinstance(step, Answer)
    assert not step.screened


def test_after_our_own_outage_risk_gets_its_full_time() -> None:
    state = State(pending=(message(1, 600_000),))
    assert isinstance(decide(state, seen(state, 0), NOW, RULES), Wait)


def test_rapid_messages_are_waited_for_and_answered_together() -> None:
    state = State(pending=(message(1, 500), message(2, 100)), verdicts=(verdict(1), verdict(2)))
    assert Wait(NOW + timedelta(milliseconds=500)) == decide(state, seen(state), NOW, RULES)
    step = decide(state, seen(state), NOW + timedelta(milliseconds=500), RULES)
    assert isinstance(step, Answer)
    assert step.screened
    assert tuple(each.sequence for each in step.pending) == (1, 2)


def test_somebody_who_never_pauses_is_answered_all_the_same() -> None:
    pending = tuple(message(n, 3_200 - n * 100) for n in range(1, 30))
    state = State(pending=pending, verdicts=tuple(verdict(n) for n in range(1, 30)))
    assert isinstance(decide(state, seen(state), NOW, RULES), Answer)


def test_a_crisis_waits_for_nothing() -> None:
    state = State(pending=(message(1), message(2)), verdicts=(verdict(2, "crisis"),))
    step = decide(state, seen(state), NOW, RULES)
    assert isinstance(step, Answer)
    assert step.danger == verdict(2, "crisis")
    assert not step.screened  # the first one has no verdict yet, and the turn says so


def test_what_came_after_the_danger_has_its_own_turn() -> None:
    state = State(pending=(message(1), message(2)), verdicts=(verdict(1, "high"),))
    step = decide(state, seen(state), NOW, RULES)
    assert isinstance(step, Answer)
    assert tuple(each.sequence for each in step.pending) == (1,)
    assert step.screened


def test_danger_found_after_the_answer_is_still_owed_a_card() -> None:
    step = decide(State(owed=(verdict(1, "crisis"),)), {}, NOW, RULES)
    assert isinstance(step, Answer)
    assert step.pending == ()
    assert step.danger == verdict(1, "crisis")


def test_a_verdict_that_judged_nothing_counts_as_unscreened() -> None:
    state = State(pending=(message(1, 1_000),), verdicts=(verdict(1, judged=False),))
    step = decide(state, seen(state), NOW, RULES)
    assert isinstance(step, Answer)
    assert not step.screened


def test_in_standby_in_groups_and_for_unsent_messages_nothing_is_said() -> None:
    for reason, pending, unsent in (
        ("standby", message(1, mode="standby"), ()),
        ("group", message(1, source_kind="group"), ()),
        ("no_recipient", message(1, reachable=False), ()),
        ("unsent", message(1), ("1",)),
    ):
        state = State(pending=(pending,), unsent=unsent)
        assert Skip((pending,), reason) == decide(state, {}, NOW, RULES)  # type: ignore[arg-type]


LEVELS = st.sampled_from(["none", "low", "medium", "high", "crisis"])


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.none() | LEVELS, st.booleans()), max_size=8),
    st.integers(0, 5_000),
)
def test_no_turn_claims_to_be_screened_without_a_verdict_for_each_message(
    messages: list[tuple[int, str | None, bool]], seen_ms: int
) -> None:
    pending = tuple(message(n, ago, throttled=fast) for n, (ago, _, fast) in enumerate(messages, start=1))
    verdicts = tuple(verdict(n, level) for n, (_, level, _) in enumerate(messages, start=1) if level)
    state = State(pending=pending, verdicts=verdicts)
    step = decide(state, seen(state, seen_ms), NOW, RULES)
    if isinstance(step, Answer):
        judged = {each.message for each in step.verdicts}
        assert step.screened == all(each.event in judged for each in step.pending)
        assert tuple(sorted(each.sequence for each in step.pending)) == tuple(each.sequence for each in step.pending)
        assert step.pending == pending[: len(step.pending)]  # never past an earlier message
    if any(level in ("high", "crisis") for _, level, _ in messages):
        assert isinstance(step, Answer)
        assert step.danger is not None
