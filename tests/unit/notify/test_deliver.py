"""The delivery policy: every line of ADR-4's table, and no history in which something is lost or doubled unseen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from namjai.notify.domain.deliver import (
    GIVE_UP_S,
    TOKEN_DEAD_S,
    TOKEN_FRESH_S,
    Case,
    Done,
    GiveUp,
    Later,
    Push,
    Reply,
    Step,
    Try,
    Via,
    decide,
)
from namjai.notify.domain.outcome import (
    Accepted,
    AlreadyAccepted,
    Ambiguous,
    Outcome,
    QuotaExhausted,
    RateLimited,
    Refused,
    TokenInvalid,
    Unauthorised,
    Unsent,
)

BROKE_OFF = Ambiguous(reason="TimeoutError")


def tried(*outcomes: tuple[Via, Outcome], at_s: float = 1.0) -> list[Try]:
    return [Try(via, outcome, at_s, at_s) for via, outcome in outcomes]


def step(*outcomes: tuple[Via, Outcome], age_s: float = 1.0, waited_s: float = 60.0, **more: object) -> Step:
    """What comes next after these outcomes, once every back-off is over."""
    given_case = {"token": True, **more}
    return decide(Case(age_s=age_s + waited_s, tries=tried(*outcomes, at_s=age_s), **given_case))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age_s", "expected"), [(0.0, Reply()), (49.9, Reply()), (TOKEN_FRESH_S, Push()), (3_600.0, Push())]
)
def test_the_token_is_used_while_it_is_fresh_and_push_after_that(age_s: float, expected: Step) -> None:
    assert expected == decide(Case(age_s=age_s, token=True))


def test_without_a_token_it_is_pushed() -> None:
    assert Push() == decide(Case(age_s=0.0, token=False))


def test_a_token_that_was_never_good_is_followed_by_one_push() -> None:
    assert Push() == step(("reply", TokenInvalid()))
    assert Done("push") == step(("reply", TokenInvalid()), ("push", Accepted()))


def test_a_broken_reply_is_tried_on_the_same_token() -> None:
    assert Reply() == step(("reply", BROKE_OFF), waited_s=2)
    assert Done("reply") == step(("reply", BROKE_OFF), ("reply", Accepted()))


def test_a_token_used_up_by_a_broken_try_means_it_was_delivered() -> None:
    assert Done("reply", presumed=True) == step(("reply", BROKE_OFF), ("reply", TokenInvalid()))
    assert Done("reply", presumed=True) == step(("reply", TokenInvalid()), former=True)


def test_a_crisis_is_rather_told_twice_than_not_at_all() -> None:
    assert Push() == step(("reply", BROKE_OFF), ("reply", TokenInvalid()), urgent=True)
    assert Push() == step(("reply", TokenInvalid()), urgent=True, former=True)
    sent = step(("reply", BROKE_OFF), ("reply", TokenInvalid()), ("push", Accepted()), urgent=True)
    assert Done("push", perhaps_twice=True) == sent


def test_a_crisis_does_not_wait_for_a_reply_endpoint_that_is_down() -> None:
    case = Case(age_s=1.0, token=True, urgent=True, tries=tried(("reply", BROKE_OFF)))
    assert Reply() == decide(case)
    twice = replace(case, age_s=2.0, tries=tried(("reply", BROKE_OFF), ("reply", BROKE_OFF)))
    assert Push() == decide(twice)


def test_a_token_that_was_already_old_when_refused_proves_nothing() -> None:
    tries = [Try("reply", BROKE_OFF, 40.0, 45.0), Try("reply", TokenInvalid(), 55.0, 55.0)]
    assert Push() == decide(Case(age_s=60.0, token=True, tries=tries))


def test_in_doubt_and_past_the_tokens_life_it_is_pushed_and_that_is_seen() -> None:
    assert Push() == step(("reply", BROKE_OFF), waited_s=60)
    assert Done("push", perhaps_twice=True) == step(("reply", BROKE_OFF), ("push", Accepted()))


@pytest.mark.parametrize("outcome", [BROKE_OFF, Unsent(reason="x"), RateLimited(), Unauthorised()])
@pytest.mark.parametrize("via", ["reply", "push"])
def test_what_may_work_later_is_tried_again_after_a_growing_wait(via: Via, outcome: Outcome) -> None:
    waits = []
    for failures in range(1, 9):
        tries = [Try(via, outcome, 1.0, 1.0)] * failures
        case = Case(age_s=1.0, token=True, tries=tries)
        wait = decide(case)
        assert isinstance(wait, Later)
        waits.append(wait.after_s)
        assert (Reply() if via == "reply" else Push()) == decide(replace(case, age_s=1.0 + wait.after_s))
    assert sorted(waits) == waits
    assert waits[-1] <= 30.0


def test_when_the_months_pushes_are_used_up_replies_go_on() -> None:
    assert Reply() == decide(Case(age_s=1.0, token=True, may_push=False))
    assert GiveUp("quota", 429) == step(("reply", TokenInvalid()), may_push=False)
    assert GiveUp("quota", 429) == step(("reply", TokenInvalid()), ("push", QuotaExhausted()))


def test_without_quota_an_old_token_is_worth_a_try() -> None:
    assert Reply() == decide(Case(age_s=300.0, token=True, may_push=False))
    assert GiveUp("quota", 429) == decide(Case(age_s=TOKEN_DEAD_S, token=True, may_push=False))


def test_a_409_is_success() -> None:
    assert Done("push") == step(("push", BROKE_OFF), ("push", AlreadyAccepted()), token=False)


def test_a_refused_message_is_tried_once_as_plain_text() -> None:
    bad = Refused(status=400, kind="invalid_message")
    assert Reply(plain=True) == step(("reply", bad))
    tries = [Try("reply", bad, 1.0, 1.0), Try("reply", bad, 1.0, 1.0, plain=True)]
    assert GiveUp("invalid_message", 400) == decide(Case(age_s=2.0, token=True, tries=tries))


def test_a_plain_reply_stays_plain_when_it_becomes_a_push() -> None:
    tries = [
        Try("reply", Refused(status=400, kind="invalid_message"), 1.0, 1.0),
        Try("reply", TokenInvalid(), 1.0, 1.0, plain=True),
    ]
    assert Push(plain=True) == decide(Case(age_s=2.0, token=True, tries=tries))


@pytest.mark.parametrize("kind", ["unreachable_person", "forbidden", "not_found"])
def test_other_refusals_are_final(kind: str) -> None:
    assert GiveUp(kind, 403) == step(("push", Refused(status=403, kind=kind)))


def test_nothing_is_sent_when_a_retry_key_may_be_forgotten() -> None:
    assert GiveUp("too_old") == decide(Case(age_s=GIVE_UP_S, token=True))
    assert GiveUp("too_old") == decide(Case(age_s=GIVE_UP_S, token=False, tries=tried(("push", BROKE_OFF))))


@dataclass
class World:
    """LINE as it really is behind the answers, and how many copies the person got."""

    token_life_s: float
    token_used: bool = False
    keys: set[bool] = field(default_factory=set)
    copies: int = 0

    def call(self, via: Via, plain: bool, age_s: float, fault: str) -> Outcome:
        if fault == "rate":
            return RateLimited()
        if fault == "unsent":
            return Unsent(reason="x")
        if fault == "lost":
            return BROKE_OFF
        outcome = self._reply(age_s) if via == "reply" else self._push(plain)
        return BROKE_OFF if fault == "answer_lost" else outcome

    def _reply(self, age_s: float) -> Outcome:
        if self.token_used or age_s > self.token_life_s:
            return TokenInvalid()
        self.token_used = True
        self.copies += 1
        return Accepted()

    def _push(self, plain: bool) -> Outcome:
        if plain in self.keys:
            return AlreadyAccepted()
        self.keys.add(plain)
        self.copies += 1
        return Accepted()


FAULTS = st.sampled_from(["none", "none", "lost", "answer_lost", "rate", "unsent"])
EVENTS = st.lists(st.tuples(FAULTS, st.sampled_from([0, 0, 0, 1]), st.floats(0.0, 40.0)), max_size=25)


def live(world: World, events: list[tuple[str, int, float]], *, urgent: bool, may_push: bool, age_s: float) -> Step:
    """Deliver once, with faults, and with processes that are killed after a call; after the list all goes well."""
    tries: list[Try] = []
    former = False
    ahead = iter(events)
    for _ in range(2_000):
        case = Case(age_s=age_s, token=True, urgent=urgent, former=former, may_push=may_push, tries=tuple(tries))
        match decide(case):
            case Later(after_s):
                age_s += after_s
            case Reply(plain) | Push(plain) as call:
                via: Via = "reply" if isinstance(call, Reply) else "push"
                fault, killed, pause_s = next(ahead, ("none", 0, 0.0))
                tries.append(Try(via, world.call(via, plain, age_s, fault), age_s, age_s + 0.01, plain))
                age_s += 0.01
                if killed:
                    tries, former, age_s = [], True, age_s + pause_s
            case end:
                return end
    raise AssertionError("it never ends")


@example([("lost", 0, 0.0), ("lost", 0, 0.0), ("none", 1, 8.0)], True, True, 1.0, 1_200.0)  # pushed, killed, replied
@given(EVENTS, st.booleans(), st.booleans(), st.floats(0.0, 1_500.0), st.floats(60.0, 1_200.0))
@settings(max_examples=400, deadline=None)
def test_nothing_is_lost_or_doubled_unseen(
    events: list[tuple[str, int, float]], urgent: bool, may_push: bool, age_s: float, token_life_s: float
) -> None:
    world = World(token_life_s)
    end = live(world, events, urgent=urgent, may_push=may_push, age_s=age_s)
    match end:
        case Done(presumed=presumed, perhaps_twice=twice):
            assert world.copies >= 1 or presumed
            assert world.copies <= 1 or twice
            assert world.copies <= 2
        case GiveUp():
            assert world.copies <= 1


@given(EVENTS, st.floats(0.0, 10.0))
@settings(max_examples=150, deadline=None)
def test_while_the_token_lives_a_presumed_delivery_is_a_delivery(
    events: list[tuple[str, int, float]], age_s: float
) -> None:
    world = World(token_life_s=60.0)
    end = live(world, events, urgent=False, may_push=True, age_s=age_s)
    assert isinstance(end, Done)
    assert world.copies >= 1
    if end.via == "reply":
        assert world.copies == 1


@given(EVENTS, st.floats(0.0, 1_500.0))
@settings(max_examples=150, deadline=None)
def test_a_crisis_is_never_lost_while_pushes_are_left(events: list[tuple[str, int, float]], age_s: float) -> None:
    world = World(token_life_s=60.0)
    end = live(world, events, urgent=True, may_push=True, age_s=age_s)
    assert isinstance(end, Done)
    assert not end.presumed
    assert world.copies >= 1
