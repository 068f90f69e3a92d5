"""Message in, verdict out: every message has one, and what cannot be judged is for a human (G2)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.events import Envelope, Sealed, begin
from namjai.events.alert import AlertRaised
from namjai.events.media import MediaKind, MediaTranscribed, MediaUnread, UnreadReason
from namjai.events.message import MessageEdited, MessageReceived, PostbackReceived
from namjai.events.risk import RiskAssessed
from namjai.risk import handlers
from namjai.risk.domain.context import WORST, Context
from namjai.risk.domain.model import Finding, Level
from namjai.risk.domain.policy import Policy
from namjai.risk.handlers import on_media_unread, on_postback, on_words
from namjai.risk.ports import Risk
from namjai.risk.rules import load
from namjai.runtime.errors import LogUnavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = Context()
HIGH_YESTERDAY = Context(standing=Level.HIGH, asserted=Level.HIGH, recent=Level.HIGH)


class History:
    """A person's past, as a test wants it; `away` when the log cannot be read, `broken` when the fold is."""

    def __init__(self, past: Context = NOTHING, *, away: bool = False, broken: bool = False) -> None:
        self._past, self._away, self._broken = past, away, broken
        self.reads = 0

    async def context(self, member: str, now: datetime) -> Context:
        self.reads += 1
        if self._away:
            raise LogUnavailable
        if self._broken:
            raise KeyError
        return self._past


class Classifier:
    """A learned model that finds one thing, or breaks."""

    def __init__(self, found: Finding | None = None, *, broken: bool = False) -> None:
        self._found, self._broken = found, broken

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None:
        if self._broken:
            raise ZeroDivisionError
        return self._found


def risk(history: History | None = None, attempt: int = 1, classifier: Classifier | None = None) -> Risk:
    return Risk(
        policy=load,
        history=history or History(),
        clock=lambda: NOW,
        classifier=classifier,
        attempt=lambda: attempt,
    )


def message(
    words: str | None, *, kind: str = "text", raw: str = "{}", throttled: bool = False
) -> Envelope[MessageReceived]:
    fact = MessageReceived(
        kind=kind,
        message_id="1",
        webhook_event_id="w",
        source_kind="user",
        mode="active",
        sent_at=NOW,
        received_at=NOW,
        text=Sealed(words) if words is not None else None,
        raw=Sealed(raw),
        throttled=throttled,
    )
    return begin(fact, source="test", cause="c", member="m", time=NOW)


async def test_a_plan_for_tonight_is_a_crisis_with_an_alert_and_reasons() -> None:
    verdict, alert = await on_words(message("อยากตาย คืนนี้จะทำแน่ๆ", throttled=True), risk())
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (verdict.outcome, verdict.level, verdict.category) == ("screened", "crisis", "suicide")
    assert verdict.findings
    assert load().version == verdict.policy
    assert (alert.level, alert.merge_key, alert.reason) == ("crisis", "m:suicide", "finding")
    assert alert.received_at == NOW  # the clock of the person who waits


async def test_an_ordinary_message_has_a_verdict_and_nothing_more() -> None:
    (verdict,) = await on_words(message("วันนี้ฝนตก"), risk())
    assert isinstance(verdict, RiskAssessed)
    assert (verdict.outcome, verdict.level) == ("screened", "none")


async def test_what_a_sticker_says_is_screened() -> None:
    raw = '{"type":"sticker","keywords":["sad"],"text":"I want to kill myself tonight"}'
    verdict, *_ = await on_words(message(None, kind="sticker", raw=raw), risk())
    assert isinstance(verdict, RiskAssessed)
    assert verdict.level == "crisis"


async def test_a_picture_says_that_there_were_no_words() -> None:
    (verdict,) = await on_words(message(None, kind="image", raw='{"type":"image"}'), risk())
    assert isinstance(verdict, RiskAssessed)
    assert verdict.outcome == "no_text"


@pytest.mark.parametrize("reason", ["no_consent", "no_model", "unreadable", "empty", "failed"])
async def test_a_voice_that_nobody_has_heard_is_for_a_human_in_the_inbox(reason: UnreadReason) -> None:
    (alert,) = await on_media_unread(_unread("audio", reason), risk())
    assert isinstance(alert, AlertRaised)
    assert (alert.level, alert.reason, alert.message) == ("medium", "unscreened", "e7")


async def test_a_voice_that_was_taken_back_and_a_picture_that_was_not_read_call_nobody() -> None:
    assert await on_media_unread(_unread("audio", "unsent"), risk()) == []
    assert await on_media_unread(_unread("image", "failed"), risk()) == []


def _unread(kind: MediaKind, reason: UnreadReason) -> Envelope[MediaUnread]:
    fact = MediaUnread(message="e7", message_id="7", kind=kind, reason=reason)
    return begin(fact, source="chat", cause="e7", member="m1", time=NOW)


async def test_a_button_has_a_verdict_too() -> None:
    fact = PostbackReceived(
        webhook_event_id="w",
        source_kind="user",
        mode="active",
        sent_at=NOW,
        received_at=NOW,
        postback=Sealed("cmd=help"),
    )
    (verdict,) = await on_postback(begin(fact, source="test", cause="c", member="m", time=NOW), risk())
    assert isinstance(verdict, RiskAssessed)
    assert verdict.outcome == "no_text"


async def test_a_screening_that_fails_is_for_a_human_and_never_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "assess", _raises)
    verdict, alert = await on_words(message("hello"), risk())
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert verdict.outcome == "failed"
    assert (alert.level, alert.reason) == ("high", "unscreened")


async def test_a_recent_high_raises_what_would_be_medium() -> None:
    (alone, *_) = await on_words(message("ไม่อยากมีชีวิตอยู่"), risk())
    (after, alert) = await on_words(message("ไม่อยากมีชีวิตอยู่"), risk(History(HIGH_YESTERDAY)))
    assert isinstance(alone, RiskAssessed)
    assert isinstance(after, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (alone.level, after.level, alert.level) == ("medium", "high", "high")
    assert after.raised_by == ("recent_high_72h", "standing_high")


@pytest.mark.parametrize("words", ["วันนี้ฝนตก", "I will kill myself tonight, I have the pills", "60 days sober today!"])
async def test_what_no_past_could_raise_does_not_ask_for_it(words: str) -> None:
    history = History(away=True)
    await on_words(message(words), risk(history))
    assert history.reads == 0


async def test_a_log_that_cannot_be_read_is_asked_again_but_not_for_ever() -> None:
    with pytest.raises(LogUnavailable):
        await on_words(message("ไม่อยากมีชีวิตอยู่"), risk(History(away=True)))
    (verdict, _) = await on_words(message("ไม่อยากมีชีวิตอยู่"), risk(History(away=True), attempt=3))
    assert isinstance(verdict, RiskAssessed)
    assert verdict.level == "medium"


async def test_an_odd_past_does_not_cost_a_person_the_verdict_on_what_they_say_now() -> None:
    (verdict, _) = await on_words(message("ไม่อยากมีชีวิตอยู่"), risk(History(broken=True)))
    assert isinstance(verdict, RiskAssessed)
    assert (verdict.level, verdict.raised_by) == ("medium", ())


async def test_the_learned_model_finds_what_the_rules_missed() -> None:
    found = Finding(
        level=Level.HIGH, category="suicide", subject="self", rule="model", policy="p", spans=(), confidence=0.8
    )
    verdict, alert = await on_words(message("วันนี้ฝนตก"), risk(classifier=Classifier(found)))
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (verdict.level, verdict.findings[0].rule, alert.level) == ("high", "model", "high")


async def test_a_model_that_breaks_does_not_take_the_rules_with_it() -> None:
    verdict, alert = await on_words(
        message("I will kill myself tonight, I have the pills"), risk(classifier=Classifier(broken=True))
    )
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (verdict.outcome, verdict.level, alert.reason) == ("screened", "crisis", "finding")


async def test_an_erased_message_is_left_alone() -> None:
    gone = message("x")
    erased = MessageReceived(
        **{name: getattr(gone.data, name) for name in gone.data.__struct_fields__ if name not in ("raw", "text")},
        raw=Sealed.erased(),
        text=Sealed.erased(),
    )
    assert await on_words(begin(erased, source="t", cause="c", member="m", time=NOW), risk()) == []


PIECES = st.sampled_from(
    [
        "อยากตาย ",
        "I will kill myself tonight ",
        "我不想活了 ",
        "60 days sober ",
        "555 ",
        "\u200b",
        "\x00",
        "🙂",
        "ไม่",
        "not ",
    ]
)
WORDS = st.none() | st.text(max_size=200) | st.lists(PIECES, max_size=30).map("".join)
RAW = st.text(max_size=100) | st.sampled_from(
    [
        "",
        "null",
        "[]",
        "{",
        '{"text": 5}',
        '{"keywords": [1, "sad"]}',
        '{"text": "\\ud83d"}',
        '{"fileName": "อยากตาย.pdf"}',
    ]
)
KINDS = st.sampled_from(["text", "image", "video", "audio", "file", "location", "sticker", "one-of-next-year"])
PASTS = st.sampled_from([NOTHING, HIGH_YESTERDAY, WORST])


@settings(deadline=None, max_examples=300)
@given(
    words=WORDS,
    raw=RAW,
    kind=KINDS,
    throttled=st.booleans(),
    edited=st.booleans(),
    erased=st.booleans(),
    past=PASTS,
    breaks=st.sampled_from(["nothing", "rules", "history", "model"]),
)
async def test_whatever_is_sent_there_is_exactly_one_verdict_on_it_and_what_cannot_be_judged_is_for_a_human(
    words: str | None, raw: str, kind: str, throttled: bool, edited: bool, erased: bool, past: Context, breaks: str
) -> None:
    received = message(words, kind=kind, raw=raw, throttled=throttled).data
    given = {name: getattr(received, name) for name in received.__struct_fields__}
    if erased:
        given |= {"raw": Sealed.erased(), "text": Sealed.erased()}
    fact = MessageEdited(**given) if edited else MessageReceived(**given)
    event = begin(fact, source="test", cause="c", member="m", time=NOW)
    at_work = risk(History(past, broken=breaks == "history"), classifier=Classifier(broken=breaks == "model"))
    with pytest.MonkeyPatch.context() as patch:
        if breaks == "rules":
            patch.setattr(handlers, "assess", _raises)
        facts = await on_words(event, at_work)

    if erased:
        assert facts == []
        return
    verdict, *alerts = facts
    assert isinstance(verdict, RiskAssessed)
    assert verdict.message == event.id
    assert all(isinstance(alert, AlertRaised) and alert.received_at == NOW for alert in alerts)
    match verdict.outcome:
        case "failed":
            (alert,) = alerts
            assert isinstance(alert, AlertRaised)
            assert (alert.level, alert.reason) == ("high", "unscreened")
        case "no_text":
            assert alerts == []
        case "screened":
            assert [alert.level for alert in alerts if isinstance(alert, AlertRaised)] == (
                [verdict.level] if Level(verdict.level) >= Level.MEDIUM else []
            )
    if breaks == "rules":
        assert verdict.outcome == "failed"


def _raises(*_: object) -> None:
    raise RecursionError


def heard(words: str | None, kind: MediaKind = "audio") -> Envelope[MediaTranscribed]:
    fact = MediaTranscribed(
        message="the-message",
        message_id="1",
        kind=kind,
        text=Sealed(words) if words is not None else Sealed.erased(),
        received_at=NOW,
    )
    return begin(fact, source="chat", cause="c", member="m", time=NOW + timedelta(seconds=9))


@pytest.mark.parametrize("kind", ["audio", "image"])
async def test_what_was_heard_or_seen_is_judged_like_words_that_were_typed(kind: MediaKind) -> None:
    event = heard("I will kill myself tonight, I have the pills", kind)
    verdict, alert = await on_words(event, risk())
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (verdict.message, verdict.outcome, verdict.level) == (event.id, "screened", "crisis")
    assert (alert.message, alert.level) == (event.id, "crisis")
    assert alert.received_at == NOW  # the clock of the person who waits, not of the model that listened


async def test_a_voice_without_words_says_so_and_an_erased_one_says_nothing() -> None:
    (verdict,) = await on_words(heard("  \n"), risk())
    assert isinstance(verdict, RiskAssessed)
    assert verdict.outcome == "no_text"
    assert await on_words(heard(None), risk()) == []


async def test_a_voice_whose_words_cannot_be_screened_is_for_a_human(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "assess", _raises)
    verdict, alert = await on_words(heard("hello"), risk())
    assert isinstance(verdict, RiskAssessed)
    assert isinstance(alert, AlertRaised)
    assert (verdict.outcome, alert.reason, alert.level) == ("failed", "unscreened", "high")


async def test_a_voice_after_a_bad_day_is_read_in_its_light() -> None:
    (verdict, _) = await on_words(heard("ไม่อยากมีชีวิตอยู่"), risk(History(HIGH_YESTERDAY)))
    assert isinstance(verdict, RiskAssessed)
    assert (verdict.level, verdict.raised_by) == ("high", ("recent_high_72h", "standing_high"))


def test_the_service_listens_to_what_was_transcribed() -> None:
    assert handlers.HANDLERS[MediaTranscribed] is on_words
