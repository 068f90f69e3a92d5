"""Scripted crises on a real log: who says what, what is asked next, and what is on record of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.chat.adapters.models.mind import Elsewhere
from namjai.chat.adapters.watch import Watch
from namjai.chat.content import LANGUAGES, Language, care_texts, crisis_texts, protocol_texts, ui_texts
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.decide import Rules
from namjai.chat.ports import ModelAnswer, ModelRequest
from namjai.events import Envelope, Fact, subjects
from namjai.events.alert import (
    AlertFollowUpDue,
    AlertHandedBack,
    AlertRaised,
    AlertResolved,
    AlertSaid,
    AlertTakenOver,
)
from namjai.events.conversation import ContactRequested, CrisisEnded, CrisisStarted, CrisisStepped, TurnSkipped
from namjai.events.duty import WatchChanged
from namjai.events.member import (
    ContactNamed,
    LanguageChosen,
    MemberConsented,
    MemberErased,
    MemberPaused,
    MemberUnfollowed,
)
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Category, Level, RiskAssessed, RiskReassessed
from namjai.events.sealed import Sealed
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.log import Expect
from tests.integration.chat.conftest import RULES, Desk

DANGER: dict[Language, str] = {"th": "อยากตาย คืนนี้จะทำ", "en": "I am going to end it tonight", "zh-TW": "我今晚就要結束"}
PLAIN: dict[Language, str] = {"th": "วันนี้ฝนตก", "en": "it is raining today", "zh-TW": "今天下雨了"}
NO: dict[Language, str] = {"th": "ไม่ค่ะ", "en": "no", "zh-TW": "沒有"}
ALERT = "alert-1"


@dataclass
class Person:
    """Somebody who writes and presses, and waits for each answer."""

    desk: Desk
    member: str
    turns: int = 0
    number: Any = field(default_factory=itertools.count)

    async def says(self, words: str, level: Level = "none", category: Category = "suicide") -> ReplyIssued:
        await self.writes(words, level, category)
        return await self.answer()

    async def writes(self, words: str, level: Level = "none", category: Category = "suicide") -> str:
        message = await self.desk.write(self.member, words, next(self.number))
        await self.desk.judge(message, level, category)
        return message.id

    async def presses(self, data: str) -> ReplyIssued:
        await self.desk.judge(await self.desk.press(self.member, data, next(self.number)))
        return await self.answer()

    async def hears(self, fact: Fact) -> ReplyIssued:
        """What staff or a timer does, and what the person is told of it."""
        await self.desk.fact(self.member, fact)
        return await self.answer()

    async def answer(self) -> ReplyIssued:
        self.turns += 1
        async with asyncio.timeout(10):
            while len(said := await self.desk.facts(self.member, ReplyIssued)) < self.turns:
                await asyncio.sleep(0.01)
        reply: ReplyIssued = said[self.turns - 1].data
        return reply

    async def silence(self, count: int = 1) -> list[str]:
        """The reasons of all silences, once there are so many."""
        await self.until(lambda: self.of(TurnSkipped), count)
        return [skipped.reason for skipped in await self.of(TurnSkipped)]

    async def until(self, look: Callable[[], Any], count: int) -> None:
        async with asyncio.timeout(10):
            while len(await look()) < count:
                await asyncio.sleep(0.01)

    async def of(self, kind: type[Fact]) -> list[Any]:
        return [event.data for event in await self.desk.facts(self.member, kind)]

    async def steps(self) -> list[tuple[str, str]]:
        return [(fact.step, fact.answer) for fact in await self.of(CrisisStepped)]

    async def settle(self) -> None:
        """A moment in which a second answer would come, if there were one."""
        await asyncio.sleep(0.3)
        assert self.turns == len(await self.of(ReplyIssued))


@pytest.fixture
def person(desk: Desk, member: str) -> Person:
    return Person(desk, member)


def words(reply: ReplyIssued) -> str:
    return "\n".join(str(message.get("text") or message.get("altText")) for message in reply.messages.value)


def buttons(reply: ReplyIssued) -> list[str]:
    items = reply.messages.value[-1].get("quickReply", {}).get("items", [])
    return [item["action"].get("data") or item["action"].get("uri") for item in items]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_crisis_is_held_one_question_at_a_time_until_the_person_is_safe(
    desk: Desk, person: Person, language: Language
) -> None:
    ask = protocol_texts(language).ask
    async with desk.replica():
        card = await person.says(DANGER[language], "crisis")
        assert (card.kind, card.urgent, card.asks, card.language) == ("crisis", True, "safe_now", language)
        assert ask["safe_now"].you in words(card)
        assert buttons(card)[:3] == ["q=safe_now&a=yes", "q=safe_now&a=no", "q=safe_now&a=unsure"]
        alone = await person.presses("q=safe_now&a=unsure")
        assert (alone.kind, alone.urgent, alone.asks) == ("protocol", False, "with_you")
        away = await person.says(NO[language])
        assert away.asks == "means_away"
        line = await person.presses("q=means_away&a=yes")
        assert line.asks == "line_open"
        assert ("1925" if language == "zh-TW" else "1323") in words(line)
        contact = await person.presses("q=line_open&a=no")
        assert contact.asks == "contact_name"
        done = await person.presses("q=contact&a=no")
        assert done.asks is None
        assert (await person.says(PLAIN[language])).kind == "protocol"
        sure = await person.presses("cmd=safe")
        assert sure.asks == "confirm_safe"
        over = await person.presses("q=confirm_safe&a=yes")
        assert words(over) == ui_texts(language).safe
        assert (await person.says(PLAIN[language])).kind == "support"
    (started,) = await person.of(CrisisStarted)
    assert started.assessment == card.assessments[0]
    assert await person.steps() == [
        ("safe_now", "unsure"),
        ("with_you", "no"),
        ("means_away", "yes"),
        ("line_open", "no"),
        ("contact", "no"),
    ]
    assert [fact.by for fact in await person.of(CrisisEnded)] == ["person"]


async def test_not_safe_brings_the_lines_once_more_and_goes_on(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["th"], "crisis")
        reply = await person.says("ไม่ปลอดภัยค่ะ")
    assert reply.asks == "with_you"
    assert [message["type"] for message in reply.messages.value] == ["text", "flex", "text"]
    assert "1323" in str(reply.messages.value[1])


async def test_what_is_not_understood_is_asked_once_more_and_then_left(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["en"], "crisis")
        again = await person.says("the moon is out and I keep looking at it")
        assert again.asks == "safe_now"
        assert protocol_texts("en").unclear in words(again)
        onward = await person.says("it is such a long night")
        assert onward.asks == "with_you"
        assert (await person.says("yes")).asks == "means_away"
    assert await person.steps() == [("safe_now", "unclear"), ("safe_now", "unclear"), ("with_you", "yes")]


async def test_danger_said_again_is_answered_briefly_and_greater_danger_with_its_card(
    desk: Desk, person: Person
) -> None:
    async with desk.replica():
        await person.says(DANGER["en"], "high")
        again = await person.says("I still want to die", "high")
        assert (again.kind, again.urgent, again.level) == ("protocol", True, "high")
        assert protocol_texts("en").short.you in words(again)
        assert "1323" in words(again)
        assert "flex" not in [message["type"] for message in again.messages.value]
        worse = await person.says("I have it in my hand", "crisis")
        other = await person.says("he is hitting me", "high", "violence")
    assert (worse.kind, worse.level, worse.asks) == ("crisis", "crisis", "safe_now")
    assert other.kind == "crisis"
    assert "191" in words(other)
    assert [(fact.level, fact.category) for fact in await person.of(CrisisStarted)] == [
        ("high", "suicide"),
        ("crisis", "suicide"),
        ("high", "violence"),
    ]


@pytest.mark.parametrize(("category", "kind"), [("overdose", "ambulance"), ("violence", "safe_place")])
async def test_what_to_get_away_from_depends_on_the_danger(
    desk: Desk, person: Person, category: Category, kind: str
) -> None:
    async with desk.replica():
        await person.says("我吞了很多藥", "crisis", category)
        await person.presses("q=safe_now&a=no")
        asked = await person.presses("q=with_you&a=no")
    assert asked.asks == "means_away"
    assert protocol_texts("zh-TW").means_away[kind].you in words(asked)


async def test_commands_work_inside_and_the_question_stays(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["en"], "crisis")
        helped = await person.says("help")
        assert (helped.kind, helped.asks) == ("command", "safe_now")
        assert ui_texts("en").help in words(helped)
        thai = await person.presses("cmd=language&language=th")
        assert protocol_texts("th").ask["safe_now"].you in words(thai)
        erase = await person.says("delete my data")
        assert erase.asks is None
        assert (await person.says("yes")).asks == "safe_now"  # it was no answer to our question
        await person.says("stop")
        assert (await person.presses("q=safe_now&a=yes")).asks == "with_you"
    assert await person.steps() == [("safe_now", "yes")]
    assert len(await person.of(LanguageChosen)) == len(await person.of(MemberPaused)) == 1


async def test_not_yet_keeps_the_crisis(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["zh-TW"], "crisis")
        await person.presses("cmd=safe")
        back = await person.says("還沒")
        assert back.asks == "safe_now"
        assert protocol_texts("zh-TW").not_yet in words(back)
    assert await person.of(CrisisEnded) == []


async def test_another_replica_goes_on_where_the_first_one_died(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["th"], "crisis")
        assert (await person.presses("q=safe_now&a=yes")).asks == "with_you"
    message = await desk.press(person.member, "q=with_you&a=yes", 90)  # while nobody is there
    await desk.judge(message)
    async with desk.replica():
        assert (await person.answer()).asks == "means_away"
    async with desk.replica(), desk.replica(), desk.replica():
        assert (await person.presses("q=means_away&a=no")).asks == "line_open"
        await person.settle()
    assert [fact.level for fact in await person.of(CrisisStarted)] == ["crisis"]


class Dying(Journal):
    """Dies between the card and the record that the crisis began."""

    async def append(self, events: Sequence[Envelope[Fact]], *, expect: Expect | None = None) -> int:
        if isinstance(events[0].data, CrisisStarted):
            raise LogUnavailable("killed")
        return await super().append(events, expect=expect)


async def test_a_start_that_a_crash_kept_from_the_record_is_recorded_by_the_next(desk: Desk, person: Person) -> None:
    async with desk.replica(journal=Dying(desk.journal.log, desk.journal.keyring)):
        card = await person.says(DANGER["en"], "crisis")
        await person.settle()
    assert await person.of(CrisisStarted) == []
    async with desk.replica():
        assert (await person.presses("q=safe_now&a=yes")).asks == "with_you"
        await person.settle()
    assert [fact.assessment for fact in await person.of(CrisisStarted)] == list(card.assessments)


class Listening(Elsewhere):
    """A model that would answer anything."""

    def __init__(self) -> None:
        super().__init__(wait_s=0)
        self.asked: list[ModelRequest] = []

    async def write(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        return ModelAnswer(text="That sounds like a lot to carry.", model="listening-1")


async def test_in_a_crisis_no_model_is_asked(desk: Desk, person: Person) -> None:
    model = Listening()
    async with desk.replica(desk=desk.desk(model)):
        await person.says("hello")
        await desk.fact(person.member, MemberConsented(purpose="model", granted=True, text_version="t"))
        await person.says(DANGER["en"], "crisis")
        for said in ("I walked by the river today", "my sister called me", "yes", "a long story, really"):
            assert (await person.says(said)).responder == "fixed"
        assert model.asked == []
        await person.presses("cmd=safe")
        await person.says("yes")
        assert (await person.says("I walked by the river today")).responder == "listening-1"
    assert len(model.asked) == 1


async def test_a_hold_of_level_high_ends_with_time_and_one_of_level_crisis_does_not(desk: Desk, person: Person) -> None:
    soon = Rules(RULES.coalesce, RULES.throttled_coalesce, RULES.screening_wait, high_hold=timedelta(seconds=1))
    async with desk.replica(soon):
        await person.says(DANGER["en"], "high")
        await asyncio.sleep(1.1)
        assert (await person.says("good morning, I slept well")).kind != "protocol"
        assert [fact.by for fact in await person.of(CrisisEnded)] == ["time"]
        await person.says(DANGER["en"], "crisis")
        await asyncio.sleep(1.1)
        assert (await person.says("good morning")).kind == "protocol"


async def test_a_clinician_takes_over_speaks_and_hands_back(desk: Desk, person: Person) -> None:
    texts = care_texts("th")
    async with desk.replica():
        await person.says(DANGER["th"], "crisis")
        told = await person.hears(AlertTakenOver(alert=ALERT, by="nok", via="cli"))
        assert words(told) == texts.taken_over
        await person.writes("ใครอยู่คะ")
        await person.silence()
        await person.writes(DANGER["th"], "crisis")
        assert await person.silence(2) == ["taken_over", "taken_over"]
        said = await person.hears(AlertSaid(alert=ALERT, by="nok", via="cli", words=Sealed("สวัสดีค่ะ นกเองนะคะ")))
        assert (said.kind, said.responder) == ("human", "staff")
        (message,) = said.messages.value
        assert message == {"type": "text", "text": "สวัสดีค่ะ นกเองนะคะ", "sender": {"name": texts.sender}}
        assert said.reply_token is not None
        again = await person.hears(AlertSaid(alert=ALERT, by="nok", via="cli", words=Sealed("อยู่ตรงนี้นะคะ")))
        assert again.reply_token is None  # it is used up: this one is pushed
        back = await person.hears(AlertHandedBack(alert=ALERT, by="nok", via="cli"))
        assert words(back) == texts.handed_back
        assert (await person.says(PLAIN["th"])).kind == "support"
    assert [fact.by for fact in await person.of(CrisisEnded)] == ["clinician"]
    turns = await desk.facts(person.member, ReplyIssued)
    assert [turn.data.previous for turn in turns] == [None, *(turn.id for turn in turns[:-1])]


async def test_several_words_of_a_clinician_come_in_order_and_once(desk: Desk, person: Person) -> None:
    async with desk.replica(), desk.replica():
        await person.says("hello")
        await person.hears(AlertTakenOver(alert=ALERT, by="nok", via="cli"))
        said = [f"word {n}" for n in range(6)]
        for each in said:
            await desk.fact(person.member, AlertSaid(alert=ALERT, by="nok", via="cli", words=Sealed(each)))
        heard = [words(await person.answer()) for _ in said]
        await person.settle()
    assert said == heard


async def test_a_silent_clinician_does_not_keep_a_card_back(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says("hello")
        await desk.fact(
            person.member,
            AlertTakenOver(alert=ALERT, by="nok", via="cli"),
            ago=RULES.human_quiet + timedelta(minutes=1),
        )
        await person.answer()
        card = await person.says(DANGER["en"], "crisis")
        assert (card.kind, card.asks) == ("crisis", None)  # the questions are the clinician's
        await person.writes("are you there?")
        assert await person.silence() == ["taken_over"]


async def test_what_a_person_may_always_have_they_have_during_a_takeover(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says("hello")
        await person.hears(AlertTakenOver(alert=ALERT, by="nok", via="cli"))
        assert (await person.says("stop")).kind == "command"
        assert (await person.presses("cmd=emergency")).kind == "command"
        await person.writes("help")
        assert await person.silence() == ["taken_over"]


async def test_resolving_ends_a_crisis_that_nobody_took_over_without_a_word(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["zh-TW"], "crisis")
        await desk.fact(person.member, AlertResolved(alert=ALERT, by="nok", disposition="contacted", via="cli"))
        await person.until(lambda: person.of(CrisisEnded), 1)
        await person.settle()
        assert (await person.says(PLAIN["zh-TW"])).kind == "support"


async def test_a_staff_button_is_left_to_notify(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await desk.press(person.member, "staff=ack&alert=1")
        assert await person.silence() == ["staff"]
        await person.settle()


LATER = Rules(RULES.coalesce, RULES.throttled_coalesce, RULES.screening_wait, follow_up_quiet=timedelta())
DUE = AlertFollowUpDue(alert=ALERT, number=1, level="crisis")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_caring_contact_asks_and_hears_that_all_is_well(desk: Desk, person: Person, language: Language) -> None:
    async with desk.replica(LATER):
        await person.says(PLAIN[language])
        asked = await person.hears(DUE)
        assert (asked.kind, asked.asks, asked.reply_token) == ("follow_up", "follow_up", None)
        assert words(asked) == care_texts(language).follow_ups[0]
        assert buttons(asked) == ["q=follow_up&a=yes", "q=follow_up&a=no"]
        assert words(await person.presses("q=follow_up&a=yes")) == care_texts(language).well


async def test_not_so_good_leads_to_whether_they_are_safe_and_no_form(desk: Desk, person: Person) -> None:
    async with desk.replica(LATER):
        await person.says(PLAIN["en"])
        await person.hears(DUE)
        asked = await person.says("not so good")
        assert (asked.kind, asked.asks) == ("support", "safe_now")
        held = await person.says("no")
        assert held.asks == "with_you"
        assert "1323" in str(held.messages.value)
    (started,) = await person.of(CrisisStarted)
    assert (started.level, started.category) == ("high", "other")
    (alert,) = await person.of(AlertRaised)
    assert (alert.level, alert.reason) == ("high", "finding")


async def test_an_answer_in_their_own_words_is_an_ordinary_conversation(desk: Desk, person: Person) -> None:
    async with desk.replica(LATER):
        await person.says(PLAIN["en"])
        await person.hears(DUE)
        assert (await person.says("I have been craving a drink all week")).kind == "support"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (MemberPaused(), "paused"),
        (MemberUnfollowed(webhook_event_id="w", received_at=datetime.now(UTC)), "unfollowed"),
        (None, "talking"),
    ],
)
async def test_a_caring_contact_is_not_forced_on_anybody(
    desk: Desk, person: Person, before: Fact | None, reason: str
) -> None:
    async with desk.replica(LATER if before else RULES):
        await person.says(PLAIN["th"])
        if before:
            await desk.fact(person.member, before)
        await desk.fact(person.member, DUE)
        assert await person.silence() == [reason]
        await person.settle()


async def test_a_second_look_that_finds_danger_sends_the_card_that_is_owed(desk: Desk, person: Person) -> None:
    async with desk.replica():
        message = await desk.write(person.member, "it will be over soon", next(person.number))
        verdict = await desk.judge(message, "low")
        assert (await person.answer()).kind != "crisis"
        card = await person.hears(_second_look(message.id, verdict.id))
        assert (card.kind, card.answers, card.asks) == ("crisis", (), "safe_now")
        assert card.to.value == "U" + "0" * 32
        await person.settle()


async def test_a_second_look_at_a_message_that_waits_counts_as_its_verdict(desk: Desk, person: Person) -> None:
    async with desk.replica():
        message = await desk.write(person.member, "it will be over soon", next(person.number))
        verdict = await desk.judge(message, "none")
        second = await desk.fact(person.member, _second_look(message.id, verdict.id))
        card = await person.answer()
    assert (card.kind, card.screened, card.answers) == ("crisis", True, (message.id,))
    assert card.assessments == (verdict.id, second.id)


def _second_look(message: str, verdict: str) -> RiskReassessed:
    return RiskReassessed(
        message=message, assessment=verdict, was="none", level="crisis", category="suicide", by="m", confidence=0.9
    )


async def test_somebody_trusted_is_named_seen_and_changed(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says("hello")
        assert (await person.says("my contact")).asks == "contact_name"
        unread = await person.says("Mali 12345")
        assert unread.asks == "contact_name"
        noted = await person.says("Mali 081 234 5678")
        assert "Mali · 0812345678" in words(noted)
        assert buttons(noted)[0] == "cmd=consent&purpose=contact&granted=yes"
        await person.presses("cmd=consent&purpose=contact&granted=yes")
        assert "Mali · 0812345678" in words(await person.presses("cmd=contact"))
        await person.presses("cmd=contact_change")
        await person.says("Arun arun@example.org")
        assert "Arun · arun@example.org" in words(await person.presses("cmd=contact"))
    assert [(fact.name.value, fact.telephone and fact.telephone.value) for fact in await person.of(ContactNamed)] == [
        ("Mali", "0812345678"),
        ("Arun", None),
    ]


async def test_in_a_crisis_the_contact_is_told_after_a_yes(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says(DANGER["th"], "crisis")
        for step in ("safe_now", "with_you", "means_away", "line_open"):
            asked = await person.presses(f"q={step}&a=no")
        assert asked.asks == "contact_name"
        named = await person.says("แม่มะลิ 081-234-5678")
        assert named.asks == "contact"
        assert "แม่มะลิ" in words(named)
        await person.says("ได้ค่ะ")
    assert [fact.basis for fact in await person.of(ContactRequested)] == ["consent"]
    (consent,) = await person.of(MemberConsented)
    assert (consent.purpose, consent.granted) == ("contact", True)
    assert consent.text_version.startswith("protocol/th@")


async def test_the_clinics_policy_tells_the_contact_once_and_is_off_by_default(desk: Desk, person: Person) -> None:
    clinic = Clinic("th", "TH", contact_policy=True)
    await desk.fact(person.member, ContactNamed(name=Sealed("Mali"), telephone=Sealed("0812345678")))
    async with desk.replica(clinic=clinic):
        await person.says(DANGER["en"], "crisis")
        await person.says("he is here and hitting me", "crisis", "violence")
        await person.until(lambda: person.of(CrisisStarted), 2)
    assert [fact.basis for fact in await person.of(ContactRequested)] == ["policy"]


async def test_the_card_says_when_nobody_watches_and_nothing_when_it_is_not_known(desk: Desk, person: Person) -> None:
    watch = Watch(desk.journal.log, every_s=5)
    unwatched = crisis_texts("en").unwatched
    async with desk.replica(watch=watch.known):
        assert "watching" not in words(await person.says(DANGER["en"], "crisis"))
        await desk.fact(subjects.NOBODY, WatchChanged(watched=False))
        await watch.look()
        assert unwatched in words(await person.says("they are hurting me", "crisis", "violence"))
        until = datetime.now(UTC) + timedelta(hours=2)
        await desk.fact(subjects.NOBODY, WatchChanged(watched=False, until=until))
        await watch.look()
        assert f"until {until:%H:%M}" in words(await person.says("I took it all", "crisis", "overdose"))
        await desk.fact(subjects.NOBODY, WatchChanged(watched=True))
        await watch.look()
        assert "watching" not in words(await person.says("voices", "crisis", "psychosis"))


async def test_after_an_erasure_staff_facts_say_nothing_to_anybody(desk: Desk, person: Person) -> None:
    async with desk.replica():
        await person.says("hello")
        await desk.fact(person.member, MemberErased(receipt="r"))
        await desk.fact(person.member, AlertTakenOver(alert=ALERT, by="nok", via="cli"))
        await desk.fact(person.member, AlertResolved(alert=ALERT, by="nok", disposition="other", via="cli"))
        await person.settle()


async def test_everything_said_names_its_verdicts_or_says_that_it_has_none(desk: Desk, person: Person) -> None:
    """G3 over a whole crisis: messages, buttons, a takeover, words, a follow-up."""
    async with desk.replica(LATER):
        await person.says(DANGER["en"], "crisis")
        await person.presses("q=safe_now&a=no")
        await desk.write(person.member, "nobody has judged this", next(person.number))
        await person.answer()
        await person.hears(AlertTakenOver(alert=ALERT, by="nok", via="cli"))
        await person.writes("who is it")
        await person.silence()
        await person.hears(AlertSaid(alert=ALERT, by="nok", via="cli", words=Sealed("hello")))
        await person.hears(AlertHandedBack(alert=ALERT, by="nok", via="cli"))
        await person.hears(DUE)
        await person.says("fine")
    history = [stored.event for stored in await desk.journal.history(person.member)]
    verdicts = {event.id: event.data.message for event in history if isinstance(event.data, RiskAssessed)}
    written = {event.id for event in history if event.type in ("message.received.v1", "message.postback.v1")}
    for event in history:
        if isinstance(event.data, ReplyIssued) and event.data.screened:
            judged = {verdicts[each] for each in event.data.assessments}
            assert set(event.data.answers) & written <= judged
    assert [event.data.screened for event in history if isinstance(event.data, ReplyIssued)].count(False) == 1
