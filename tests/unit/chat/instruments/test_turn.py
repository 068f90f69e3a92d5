"""The turn: buttons, typed answers, back, leaving out, stopping, coming back, and what goes on record at each step."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import MESSAGES_MAX, Composed
from namjai.chat.domain.doing import Doing
from namjai.chat.domain.messages import problems
from namjai.chat.ports import Desk
from namjai.chat.skills.instruments import SKILL, instruments
from namjai.chat.skills.instruments.bubbles import FORM_OPEN
from namjai.chat.skills.instruments.library import FORMS, library
from namjai.events import Fact
from namjai.events.instrument import InstrumentAnswered, InstrumentCompleted, InstrumentStarted, InstrumentStopped
from tests.unit.chat.visits import Talk, at_once, buttons

F = TypeVar("F", bound=Fact)


def talk(form: str | None = None, language: Language = "en", **of: Any) -> Talk:
    """Somebody, at the first question of a form if one is named."""
    somebody = Talk(SKILL, language=language, **of)
    if form is not None:
        assert somebody.press(f"do=instruments.begin&form={form}") is not None
    return somebody


def answer(form: str, item: int, value: int, version: str | None = None) -> str:
    return f"do=instruments.answer&form={form}&v={version or library().forms[form].version}&item={item}&value={value}"


def said(somebody: Talk, kind: type[F]) -> list[F]:
    return [each.fact for each in somebody.records.said if isinstance(each.fact, kind)]


def texts(turn: Composed | None) -> str:
    """All that can be read, of a card what stands for it in a notification."""
    assert turn is not None, "the skill said that this was not its turn"
    return "\n".join(message.get("text") or message["altText"] for message in turn.messages)


def pressables(turn: Composed | None) -> dict[str, str]:
    """Quick replies, and the rows of a card."""
    assert turn is not None
    rows = [
        row["action"]
        for message in turn.messages
        if message["type"] == "flex"
        for row in message["contents"]["body"]["contents"]
        if "action" in row
    ]
    return {**{row["displayText"]: row["data"] for row in rows if "data" in row}, **buttons(turn)}


@pytest.mark.parametrize(("language", "typed"), [("th", "แบบประเมิน"), ("en", "Forms"), ("zh-TW", "量表")])
def test_the_list_names_every_form_that_can_be_filled_in(language: Language, typed: str) -> None:
    shown = talk(language=language).write(typed)
    assert set(buttons(shown)) == {form.name[language] for form in library().offered(language)}
    assert "C-SSRS" not in texts(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in FORMS if name != "c-ssrs"])
def test_a_form_says_what_it_is_and_is_not_before_its_first_question(name: str, language: Language) -> None:
    form = library().forms[name]
    shown = talk(language=language).press(f"do=instruments.open&form={name}")
    words = texts(shown)
    screen = {"th": "ไม่ใช่การวินิจฉัย", "en": "not a diagnosis", "zh-TW": "不是診斷"}
    for expected in (form.name[language], form.version, form.licence[language], screen[language]):
        assert expected in words
    staff = {"th": "เจ้าหน้าที่คลินิก", "en": "clinic's staff", "zh-TW": "診所人員"}
    assert (staff[language] in words) == any(item.about_death for item in form.items)
    assert not shown.facts if shown else False


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in FORMS if name != "c-ssrs"])
def test_every_question_of_every_form_can_be_pressed_and_fits_into_line(name: str, language: Language) -> None:
    form = library().forms[name]
    somebody = Talk(SKILL, language=language)
    turn = somebody.press(f"do=instruments.begin&form={name}")
    seen = 0
    while somebody.flow is not None:
        assert turn is not None
        assert not [problem for message in turn.messages for problem in problems(message)]
        assert len(turn.messages) <= MESSAGES_MAX
        waiting = [data for data in pressables(turn).values() if "instruments.resume" in data]
        if waiting:
            turn = somebody.press(waiting[0])
            continue
        answers = [data for data in pressables(turn).values() if "instruments.answer" in data]
        item = form.item(int(dict(pair.split("=") for pair in answers[0].split("&"))["item"]))
        assert item is not None
        assert len(answers) == len(form.choices(item))
        turn = somebody.press(max(answers, key=lambda data: int(data.rpartition("=")[2])))
        seen += 1
    assert turn is not None
    assert not [problem for message in turn.messages for problem in problems(message)]
    assert len(turn.messages) <= MESSAGES_MAX
    assert seen == len(form.items)  # with every answer above zero, nothing is skipped
    assert [fact.instrument for fact in said(somebody, InstrumentCompleted)] == [name]


def test_each_answer_is_on_record_at_once_and_the_end_with_its_score() -> None:
    somebody = talk("gad-7")
    for number in range(1, 8):
        somebody.press(answer("gad-7", number, 2))
        assert [(fact.item, fact.value) for fact in said(somebody, InstrumentAnswered)][-1] == (number, 2)
    (ended,) = said(somebody, InstrumentCompleted)
    assert (ended.instrument, ended.version, ended.total, ended.band, ended.positive) == (
        "gad-7",
        "1",
        14,
        "moderate",
        True,
    )
    assert somebody.flow is None


@pytest.mark.parametrize(
    ("form", "typed", "value"),
    [
        ("phq-9", "2", 2),
        ("phq-9", "２", 2),
        ("phq-9", "๒", 2),
        ("phq-9", "2 –", 2),
        ("phq-9", "Nearly every day", 3),
        ("phq-9", "มีค่อนข้างบ่อย", 2),
        ("phq-9", "幾天。", 1),
        ("phq-9", "NOT AT ALL!", 0),
        ("dast-10", "yes", 1),
        ("dast-10", "2", 0),  # its options are numbered as they stand: 1 yes, 2 no
        ("8q", "มี", 1),
        ("8q", "ไม่", 0),
        ("asq", "no", 0),
        ("asq", "沒有", 0),
        ("asq", "3", 2),  # would rather not say
        ("audit-c", "c", 2),
        ("audit-c", "2-3 times a week", 3),
        ("audit-c", "４ or more times a week", 4),
        ("9q", "B)", 1),
    ],
)
def test_an_answer_can_be_typed(form: str, typed: str, value: int) -> None:
    somebody = talk(form)
    assert somebody.write(typed) is not None
    assert [(fact.item, fact.value) for fact in said(somebody, InstrumentAnswered)] == [(1, value)]


def test_the_third_item_of_dast_counts_a_no() -> None:
    somebody = talk("dast-10")
    for typed in ("no", "no", "no"):
        somebody.write(typed)
    assert [fact.value for fact in said(somebody, InstrumentAnswered)] == [0, 0, 1]


@pytest.mark.parametrize("typed", ["9", "4", "77"])
def test_a_number_that_is_no_answer_is_asked_again(typed: str) -> None:
    somebody = talk("phq-9")
    again = somebody.write(typed)
    assert "closest" in texts(again)
    assert "Little interest" in texts(again)
    assert not said(somebody, InstrumentAnswered)


@pytest.mark.parametrize(
    "typed", ["I quarrelled with my brother today", "yes", "maybe", "3 beers yesterday", "ok", "1234567 89"]
)
def test_other_words_are_talk_and_left_to_the_others(typed: str) -> None:
    somebody = talk("phq-9")
    assert somebody.write(typed) is None
    assert somebody.flow is not None


def test_two_messages_at_once_are_an_answer_only_if_they_say_the_same() -> None:
    """They come as one turn when somebody is quick."""
    somebody = talk("phq-9")
    visit = somebody.visit(somebody._event("text", "1"))

    def turn(*words: str) -> Composed | None:
        both = replace(visit, heard=replace(visit.heard, words=words))
        return at_once(SKILL.turn(both, Desk(records=somebody.records)))

    assert "depressed" in texts(turn("1", "1"))
    assert "closest" in texts(turn("1", "2"))
    assert turn("1", "my mother has called") is None


def test_two_drinks_are_not_the_second_answer() -> None:
    somebody = talk("audit-c")
    somebody.write("Monthly or less")
    assert "closest" in texts(somebody.write("2"))
    somebody.write("A")
    assert [fact.value for fact in said(somebody, InstrumentAnswered)] == [1, 0]


def test_back_asks_the_question_before_and_the_new_answer_counts() -> None:
    somebody = talk("gad-7")
    somebody.write("3")
    before = somebody.write("back")
    assert "nervous" in texts(before)
    somebody.write("1")
    for _ in range(6):
        somebody.write("0")
    (ended,) = said(somebody, InstrumentCompleted)
    assert ended.total == 1


def test_at_the_first_question_there_is_no_way_back() -> None:
    somebody = talk("gad-7")
    shown = somebody.press("do=instruments.resume")
    assert "Back one" not in buttons(shown)
    assert "nervous" in texts(somebody.write("back"))


def test_back_pressed_twice_by_an_impatient_thumb_goes_back_once() -> None:
    somebody = talk("gad-7")
    somebody.write("1")
    shown = somebody.write("1")
    back = buttons(shown)["Back one"]
    assert "control worrying" in texts(somebody.press(back))
    assert "earlier question" in texts(again := somebody.press(back))
    assert "control worrying" in texts(again)


def test_an_answer_pressed_twice_counts_once() -> None:
    somebody = talk("gad-7")
    somebody.press(answer("gad-7", 1, 2))
    somebody.press(answer("gad-7", 1, 2))
    assert len(said(somebody, InstrumentAnswered)) == 1
    assert "control worrying" in texts(somebody.press("do=instruments.resume"))


def test_another_answer_under_an_earlier_question_changes_that_one_and_what_follows_from_it() -> None:
    somebody = talk("audit-c")
    somebody.press(answer("audit-c", 1, 4))
    somebody.press(answer("audit-c", 2, 2))
    somebody.press(answer("audit-c", 1, 0))  # never: then the other two are not asked
    (ended,) = said(somebody, InstrumentCompleted)
    assert (ended.total, ended.positive, ended.flags) == (0, False, ("sex_unknown",))


def test_a_question_left_out_leaves_the_form_without_a_score_and_says_so_kindly() -> None:
    somebody = talk("gad-7")
    somebody.write("skip")
    for _ in range(5):
        somebody.write("1")
    over = somebody.write("1")
    assert "no result" in texts(over)
    assert "0" not in texts(over)
    assert not said(somebody, InstrumentCompleted)
    (stop,) = said(somebody, InstrumentStopped)
    assert (stop.answered, stop.reason) == (6, "skipped")


def test_a_form_about_suicide_lets_no_question_be_left_out_but_lets_go() -> None:
    somebody = talk("asq")
    assert "every question" in texts(somebody.write("skip"))
    assert "no result" in texts(somebody.write("stop the form"))
    assert somebody.flow is None


def test_stop_is_on_record_with_how_far_it_came() -> None:
    somebody = talk("phq-9")
    shown = somebody.write("1")
    over = somebody.tap(shown, "Stop the form") if shown else None
    assert "no result" in texts(over)
    (stop,) = said(somebody, InstrumentStopped)
    assert (stop.instrument, stop.answered, stop.reason) == ("phq-9", 1, "person")


def test_an_answer_about_death_goes_to_risk_at_once_and_help_comes_before_the_next_question() -> None:
    somebody = talk("phq-9")
    for _ in range(8):
        somebody.write("0")
    cared = somebody.write("1")
    newest = said(somebody, InstrumentAnswered)[-1]
    assert (newest.item, newest.value, newest.about_death) == (9, 1, True)
    assert any("1323" in str(message) for message in (cared.messages if cared else ()))
    assert "Not difficult" not in texts(cared)
    assert "difficult" in texts(somebody.tap(cared, "Continue the form") if cared else None)


def test_a_zero_on_that_item_is_passed_like_any_other() -> None:
    somebody = talk("phq-9")
    for _ in range(8):
        somebody.write("1")
    assert "courage" not in texts(somebody.write("0"))


def test_in_a_form_about_suicide_help_is_shown_once_and_every_yes_goes_to_risk() -> None:
    somebody = talk("asq")
    assert "courage" in texts(somebody.write("yes"))
    somebody.press("do=instruments.resume")
    assert "courage" not in texts(somebody.write("yes"))
    assert [fact.about_death for fact in said(somebody, InstrumentAnswered)] == [True, True]


def test_help_comes_also_when_the_answer_about_death_is_the_last_one() -> None:
    somebody = talk("bsrs-5")
    for _ in range(5):
        somebody.write("0")
    over = somebody.write("2")
    assert "courage" in texts(over)
    assert "Whatever the total is" in texts(over)
    assert any(message["type"] == "flex" for message in (over.messages if over else ()))
    (ended,) = said(somebody, InstrumentCompleted)
    assert (ended.total, ended.positive, ended.flags) == (0, True, ("suicide_thoughts",))


def test_somebody_goes_on_after_two_days_and_not_after_the_time_is_over() -> None:
    somebody = talk("gad-7")
    somebody.write("1")
    somebody.now += timedelta(days=2)
    assert "control worrying" in texts(somebody.write("continue the form"))
    somebody.now += FORM_OPEN
    assert somebody.write("1") is None
    closed = somebody.press(answer("gad-7", 2, 1))
    assert "no longer open" in texts(closed)
    somebody.tap(closed, "Begin") if closed else None
    (stop,) = said(somebody, InstrumentStopped)
    assert (stop.answered, stop.reason) == (1, "time")
    assert len(said(somebody, InstrumentStarted)) == 2


def test_an_old_button_about_death_is_heard_long_after_its_form() -> None:
    somebody = talk()
    cared = somebody.press(answer("asq", 5, 1))
    assert "courage" in texts(cared)
    (fact,) = said(somebody, InstrumentAnswered)
    assert (fact.instrument, fact.item, fact.value, fact.about_death) == ("asq", 5, 1, True)
    assert said(somebody, InstrumentCompleted) == []


def test_a_form_goes_on_where_another_conversation_of_ours_came_between() -> None:
    somebody = talk("gad-7")
    somebody.write("1")
    somebody.write("2")
    somebody.flow = None  # an exercise has taken the flow
    shown = somebody.write("continue the form")
    assert "too much" in texts(shown)
    assert somebody.flow is not None
    for _ in range(5):
        somebody.write("0")
    (ended,) = said(somebody, InstrumentCompleted)
    assert ended.total == 3


def test_a_new_form_ends_the_open_one_on_record() -> None:
    somebody = talk("gad-7")
    somebody.write("1")
    somebody.press("do=instruments.begin&form=2q")
    (stop,) = said(somebody, InstrumentStopped)
    assert (stop.instrument, stop.answered) == ("gad-7", 1)
    assert [fact.instrument for fact in said(somebody, InstrumentStarted)] == ["gad-7", "2q"]


def test_looking_at_another_form_leaves_the_open_one_open() -> None:
    somebody = talk("gad-7")
    shown = somebody.write("phq-9")
    assert "Continue the form" in buttons(shown)
    assert "nervous" in texts(somebody.tap(shown, "Continue the form") if shown else None)


def test_the_thai_chain_is_offered_step_by_step() -> None:
    somebody = talk("2q", "th")
    somebody.write("มี")
    over = somebody.write("ไม่มี")
    assert next(iter(buttons(over))) == "9Q"
    somebody.press("do=instruments.begin&form=9q")
    for typed in ("D", "D", "B", "A", "A", "A", "A", "A"):
        somebody.write(typed)
    over = somebody.write("A")
    assert "7 จาก 27" in texts(over)
    assert next(iter(buttons(over))) == "8Q"


def test_a_result_is_told_in_plain_words_with_what_it_does_not_mean() -> None:
    somebody = talk("audit-c")
    somebody.write("D")  # twice or three times a week
    somebody.write("1 or 2 drinks")
    over = somebody.write("Never")
    for expected in ("3 of 12", "4 for men and 3 for women", "first question", "not a diagnosis", "clinic"):
        assert expected in texts(over)
    assert "Emergency" in buttons(over)


def test_the_result_of_assist_names_each_substance() -> None:
    somebody = talk("assist", "zh-TW")
    for number in range(101, 111):
        somebody.press(answer("assist", number, int(number in (102, 105))))
    for number, value in ((202, 6), (205, 2), (302, 6), (305, 0), (402, 7), (405, 0), (502, 8), (505, 0)):
        somebody.press(answer("assist", number, value))
    for number in (602, 605, 702, 705):
        somebody.press(answer("assist", number, 0))
    over = somebody.press(answer("assist", 800, 2))
    assert "酒精：27 分（滿分 39），高風險" in texts(over)
    assert "安非他命類：2 分（滿分 39），低風險" in texts(over)
    (ended,) = said(somebody, InstrumentCompleted)
    assert (ended.total, ended.subscores, ended.flags) == (None, {"alcohol": 27, "amphetamines": 2}, ("injecting",))


def test_several_buttons_at_once_are_taken_in_their_order() -> None:
    """As after an outage of ours; the last one came twice."""
    somebody = talk("2q")
    visit = somebody.visit(somebody._pressed(answer("2q", 1, 0)))
    (first,) = visit.heard.doings
    second = Doing(first.skill, first.action, {**first.args, "item": "2"})
    together = replace(visit, heard=replace(visit.heard, doings=(first, second, second)))
    over = at_once(SKILL.turn(together, Desk(records=somebody.records)))
    assert "0 of 2" in texts(over)
    facts = over.facts if over else ()
    assert [fact.TYPE for fact in facts] == [
        "instrument.answered.v1",
        "instrument.answered.v1",
        "instrument.completed.v1",
        "conversation.flow_moved.v1",
    ]


@pytest.mark.parametrize(("value", "shows"), [(0, "Which one would you like"), (1, "courage")])
def test_an_answer_counts_also_where_somebody_looked_at_the_list_in_the_same_breath(value: int, shows: str) -> None:
    somebody = talk("asq")
    visit = somebody.visit(somebody._pressed(answer("asq", 1, value)))
    doings = (*visit.heard.doings, Doing("instruments", "list"))
    both = replace(visit, heard=replace(visit.heard, doings=doings))
    shown = at_once(SKILL.turn(both, Desk(records=somebody.records)))
    assert shows in texts(shown)
    facts = shown.facts if shown else ()
    assert [fact.value for fact in facts if isinstance(fact, InstrumentAnswered)] == [value]


@pytest.mark.parametrize(
    "data",
    [
        "do=instruments.answer",
        "do=instruments.answer&form=phq-9&v=1&item=77&value=1",
        "do=instruments.answer&form=phq-9&v=1&item=1&value=99",
        "do=instruments.answer&form=phq-9&v=0&item=1&value=1",
        "do=instruments.answer&form=nothing&v=1&item=1&value=1",
        "do=instruments.answer&form=phq-9&v=1&item=-1&value=x",
        "do=instruments.begin&form=nothing",
        "do=instruments.begin",
        "do=instruments.open&form=c-ssrs",
        "do=instruments.begin&form=c-ssrs",
        "do=instruments.dance",
        "do=instruments.back&item=x",
        "do=instruments.stop",
    ],
)
@pytest.mark.parametrize("form", [None, "phq-9"])
def test_a_button_that_makes_no_sense_gets_a_kind_answer_and_changes_no_score(form: str | None, data: str) -> None:
    somebody = talk(form)
    shown = somebody.press(data)
    assert shown is not None
    assert texts(shown) or shown.messages
    assert not said(somebody, InstrumentAnswered)


def test_a_clinics_cut_off_and_wording_are_used(tmp_path: Path) -> None:
    (tmp_path / "2q.yaml").write_text("id: 2q\ncutoff: 2\n")
    wording = {number: {"en": f"official words {number}"} for number in (1, 2, 3, 4, 5, 6, 61)}
    own = {"id": "c-ssrs", "version": "c1", "source": "s", "items": wording, "wording": {"en": {"kind": "official"}}}
    (tmp_path / "c-ssrs.yaml").write_text(yaml.safe_dump(own))
    somebody = Talk(instruments(tmp_path))
    somebody.press("do=instruments.begin&form=2q")
    somebody.write("yes")
    somebody.write("no")
    (ended,) = said(somebody, InstrumentCompleted)
    assert (ended.total, ended.positive) == (1, False)
    assert "official words 1" in texts(somebody.press("do=instruments.begin&form=c-ssrs"))
    somebody.language = "th"  # a language in which there are no words of the owner: the form goes on in its own
    assert "official words 1" in texts(somebody.press("do=instruments.resume"))


def test_no_item_is_ever_in_the_hands_of_a_model() -> None:
    somebody = talk("phq-9", consents=frozenset({"model"}))
    shown = somebody.write("1")
    assert shown is not None
    assert (shown.responder, shown.uses, shown.review) == ("fixed", (), "draft")
    assert "instrument/phq-9/en@1" in shown.content
