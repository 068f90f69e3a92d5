"""Whatever is said, pressed and done, in any order and with any restart: the promises of the held conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namjai.chat.domain import protocol
from namjai.chat.domain.commands import CommandName
from namjai.chat.domain.composed import MESSAGES_MAX, Clinic
from namjai.chat.domain.messages import problems
from namjai.chat.domain.protocol import Question
from namjai.events import Sealed
from namjai.events.alert import (
    AlertFollowUpDue,
    AlertHandedBack,
    AlertResolved,
    AlertSaid,
    AlertTakenOver,
    AlertUnacknowledged,
)
from namjai.events.conversation import CrisisEnded, CrisisStarted, CrisisStepped, TurnSkipped
from namjai.events.member import ContactNamed, MemberErased, MemberUnfollowed
from namjai.events.message import MessageUnsent
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Category, Level, RiskAssessed, RiskReassessed
from tests.unit.chat.crisis.world import START, World

LEVELS = st.sampled_from(get_args(Level))
CATEGORIES = st.sampled_from(get_args(Category))
ANSWERS = ["yes", "no", "maybe", "ใช่ค่ะ", "ไม่", "มีครับ", "沒有", "不確定", "stop", "help", "ลบข้อมูล", "my contact"]
WORDS = st.sampled_from([*ANSWERS, "Mali 081 234 5678", "Mali 12", "a long story about the river", "🌧", "x" * 5_000])
BUTTONS = st.sampled_from(
    [
        *(f"q={question}&a={answer}" for question in get_args(Question) for answer in ("yes", "no", "unsure")),
        *(f"cmd={name}" for name in get_args(CommandName)),
        "cmd=consent&purpose=contact&granted=yes",
        "staff=ack",
        "richmenu=2",
    ]
)
STAFF = st.sampled_from(
    [
        AlertTakenOver(alert="a", by="nok", via="cli"),
        AlertSaid(alert="a", by="nok", via="cli", words=Sealed("hello")),
        AlertSaid(alert="a", by="nok", via="cli", words=Sealed("")),
        AlertHandedBack(alert="a", by="nok", via="cli"),
        AlertResolved(alert="a", by="nok", disposition="other", via="cli"),
        AlertResolved(alert="b", by="nok", disposition="other", via="cli"),
        AlertUnacknowledged(alert="a", by="nok", waited_s=1.0),
        AlertFollowUpDue(alert="a", number=1, level="high"),
        AlertFollowUpDue(alert="a", number=9, level="crisis"),
        ContactNamed(name=Sealed("Mali"), telephone=Sealed("0812345678")),
        MemberUnfollowed(webhook_event_id="w", received_at=START),
        MemberErased(receipt="r"),
    ]
)
WHAT = st.one_of(
    st.tuples(st.just("text"), WORDS, LEVELS, CATEGORIES),
    st.tuples(st.just("text"), st.none(), LEVELS, CATEGORIES),
    st.tuples(st.just("unjudged"), WORDS),
    st.tuples(st.just("press"), BUTTONS, LEVELS),
    st.tuples(st.just("staff"), STAFF),
    st.tuples(st.just("second look"), LEVELS, CATEGORIES),
    st.tuples(st.just("unsend")),
    st.tuples(st.just("wait"), st.sampled_from([1, 11 * 60, 7 * 3_600, 25 * 3_600])),
    st.tuples(st.just("restart")),
)


def play(world: World, what: tuple[object, ...], *, run: bool) -> None:
    match what:
        case ("text", words, level, category):
            world.judge(world.write(words).id, level, category)  # type: ignore[arg-type]
        case ("unjudged", words):
            world.write(words)  # type: ignore[arg-type]
        case ("press", data, level):
            world.judge(world.press(data).id, level)  # type: ignore[arg-type]
        case ("staff", fact):
            world.fact(fact)  # type: ignore[arg-type]
        case ("second look", level, category):
            judged = world.of(RiskAssessed)
            if judged:
                verdict = judged[-1]
                world.fact(
                    RiskReassessed(
                        message=verdict.message,
                        assessment="a",
                        was=verdict.level,
                        level=level,  # type: ignore[arg-type]
                        category=category,  # type: ignore[arg-type]
                        by="m",
                        confidence=0.5,
                    )
                )
        case ("unsend",):
            pending = world.state.pending
            if pending:
                fact = MessageUnsent(message_id=pending[-1].message_id, webhook_event_id="w", received_at=world.now)
                world.fact(fact)
        case ("wait", seconds):
            world.now += timedelta(seconds=seconds)  # type: ignore[arg-type]
        case ("restart",):
            world.restart()
    if run:
        world.run()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(WHAT, st.booleans()), max_size=14), st.booleans())
def test_any_course_of_things_keeps_the_promises(course: list[tuple[tuple[object, ...], bool]], policy: bool) -> None:
    world = World(clinic=Clinic("th", "TH", contact_policy=policy))
    for what, run in course:
        play(world, what, run=run)
    world.run()
    assert world.state == world.replayed(), "the fold is not the same under replay"
    assert world.state.pending == ()
    assert world.state.cues == ()
    _every_message_is_settled_once(world)
    _nothing_unscreened(world)
    _held(world)
    for reply in world.replies():
        assert 0 < len(reply.messages.value) <= MESSAGES_MAX
        assert [problem for message in reply.messages.value for problem in problems(message)] == []
        assert reply.asks is None or reply.asks in get_args(Question)


def _every_message_is_settled_once(world: World) -> None:
    heard = [stored.event.id for stored in world.history if stored.event.type.startswith("message.")]
    heard = [event for event in heard if event not in _unsent_notices(world)]
    settled = [answer for fact in world.of(ReplyIssued | TurnSkipped) for answer in fact.answers]  # type: ignore[arg-type]
    assert all(settled.count(event) == 1 for event in heard)


def _unsent_notices(world: World) -> set[str]:
    return {stored.event.id for stored in world.history if isinstance(stored.event.data, MessageUnsent)}


def _nothing_unscreened(world: World) -> None:
    """G3: what claims to be screened names a verdict for each message that it answers."""
    verdicts = {
        stored.event.id: stored.event.data.message
        for stored in world.history
        if isinstance(stored.event.data, RiskAssessed)
    }
    written = {
        stored.event.id
        for stored in world.history
        if stored.event.type in ("message.received.v1", "message.postback.v1")
    }
    for reply in world.replies():
        judged = {verdicts.get(each) for each in reply.assessments}
        assert not reply.screened or set(reply.answers) & written <= judged


def _held(world: World) -> None:
    """In a crisis nothing is said that a model could word, and its facts make sense in their order."""
    assert all(state.hold is None for state, _ in world.model_questions)
    hold = world.state.hold
    assert hold is None or hold.step is None or hold.step in protocol.STEPS
    begun = False
    for fact in world.of(CrisisStarted | CrisisStepped | CrisisEnded):  # type: ignore[arg-type]
        if isinstance(fact, CrisisStarted):
            begun = True
        else:
            assert begun, "a step or an end of what never began"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*ANSWERS[:8], "I see", "later maybe"]), max_size=20))
def test_at_level_crisis_only_fixed_words_are_said_until_somebody_ends_it(answers: list[str]) -> None:
    world = World()
    world.says("I am going to end it tonight", "crisis")
    for said in answers:
        reply = world.says(said)
        assert (reply.kind, reply.responder) == ("protocol", "fixed")
        world.restart()
    assert world.model_questions == []
    assert world.of(CrisisEnded) == []
    world.presses("cmd=safe")
    world.presses("q=confirm_safe&a=yes")
    assert world.state.hold is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["yes", "no", "unsure", "unclear"]), min_size=10, max_size=10))
def test_the_questions_come_in_their_order_and_come_to_an_end(readings: list[protocol.Reading]) -> None:
    fact = protocol.start("a", "crisis", "suicide", "self")
    hold = protocol.begin(None, fact, START)
    asked: list[str] = []
    for reading in readings:
        asked += [hold.step] if hold.step else []
        moved = protocol.move(hold, reading)
        if moved.fact is not None:
            hold = protocol.step(hold, moved.fact, START)
        assert moved.ask == hold.step, "what is asked is what is waited for"
    assert hold.step is None, "each question is asked twice at most"
    assert list(dict.fromkeys(asked)) == list(protocol.STEPS)
