"""The definitions as data, and what a clinic's own directory may change about them."""

from pathlib import Path

import msgspec
import pytest
import yaml

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.messages import graphemes
from namjai.chat.settings import ChatSettings
from namjai.chat.skills.instruments.definition import Definition, Item, Option, faults
from namjai.chat.skills.instruments.library import FORMS, BadForm, library
from namjai.chat.skills.table import table
from namjai.events.instrument import InstrumentAnswered
from namjai.risk.domain.answers import judge_answer
from tests.unit.chat.visits import Talk, buttons

ABOUT_DEATH = {
    "phq-9": {9},
    "9q": {9},
    "bsrs-5": {6},
    "asq": {1, 2, 3, 4, 5},
    "8q": {1, 2, 3, 31, 4, 5, 6, 7, 8},
    "c-ssrs": {1, 2, 3, 4, 5, 6, 61},
}
OWN = {
    "id": "c-ssrs",
    "version": "screener-2016-clinic",
    "source": "official form, given to the clinic by its owner",
    "wording": {"en": {"kind": "official", "verified": True}},
    "items": {number: {"en": f"official words of item {number}"} for number in (1, 2, 3, 4, 5, 6, 61)},
}


def own(folder: Path, **of: object) -> Path:
    (folder / f"{of['id']}.yaml").write_text(yaml.safe_dump(of, allow_unicode=True), encoding="utf-8")
    return folder


def test_every_form_is_there_in_three_languages() -> None:
    assert tuple(library().forms) == FORMS
    assert all(set(form.wording) == set(LANGUAGES) for form in library().forms.values())


def test_what_was_not_checked_with_the_publisher_says_so() -> None:
    unverified = {form.id for form in library().forms.values() if not form.verified}
    assert unverified == {"2q", "9q", "8q", "c-ssrs"}
    assert not any(form.is_verified(language) for form in library().forms.values() for language in LANGUAGES)


@pytest.mark.parametrize("name", FORMS)
def test_exactly_the_items_about_death_are_marked(name: str) -> None:
    marked = {item.number for item in library().forms[name].items if item.about_death}
    assert marked == ABOUT_DEATH.get(name, set())


@pytest.mark.parametrize("name", ABOUT_DEATH)
def test_risk_judges_every_answer_above_zero_on_those_items(name: str) -> None:
    form = library().forms[name]
    for item in (item for item in form.items if item.about_death):
        for option in form.choices(item):
            fact = InstrumentAnswered(
                instrument=name, version=form.version, item=item.number, value=option.value, about_death=True
            )
            assert (judge_answer(fact) is not None) == (option.value > 0)


@pytest.mark.parametrize(("form", "item", "value", "level"), [("8q", 31, 8, "crisis"), ("c-ssrs", 61, 1, "high")])
def test_the_second_half_of_an_item_weighs_at_least_as_much_as_the_first(
    form: str, item: int, value: int, level: str
) -> None:
    judged = judge_answer(InstrumentAnswered(instrument=form, version="1", item=item, value=value, about_death=True))
    assert judged is not None
    assert judged.level.value == level


def test_c_ssrs_is_not_offered_until_its_wording_was_loaded(tmp_path: Path) -> None:
    assert all(library().get("c-ssrs", language) is None for language in LANGUAGES)
    loaded = library(own(tmp_path, **OWN))
    offered = loaded.get("c-ssrs", "en")
    assert offered is not None
    assert offered.version == "screener-2016-clinic"
    assert offered.items[0].text["en"] == "official words of item 1"
    assert loaded.get("c-ssrs", "th") is None


def test_the_directory_is_a_setting_of_chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own(tmp_path, id="2q", offered=False)
    monkeypatch.setenv("NAMJAI_INSTRUMENTS_DIR", str(tmp_path))
    settings = ChatSettings()
    (skill,) = [skill for skill in table(forms=settings.instruments_dir) if skill.name == "instruments"]
    shown = Talk(skill, language="th").write("แบบประเมิน")
    assert "9Q" in buttons(shown)
    assert "2Q" not in buttons(shown)


def test_half_a_wording_is_not_taken(tmp_path: Path) -> None:
    items = {number: words for number, words in OWN["items"].items() if number != 5}  # type: ignore[attr-defined]
    with pytest.raises(BadForm, match="not complete"):
        library(own(tmp_path, **{**OWN, "items": items}))


def test_a_clinic_sets_a_cut_off_withholds_a_form_and_words_one_in_its_own_translation(tmp_path: Path) -> None:
    own(tmp_path, id="phq-9", cutoff=9)
    own(tmp_path, id="dast-10", offered=False)
    own(
        tmp_path,
        id="gad-7",
        version="1-clinic",
        source="hospital translation",
        wording={"th": {"kind": "official", "verified": True}},
        items={1: {"th": "ข้อแรกของโรงพยาบาล"}},
        options={"frequency": {0: {"th": "ไม่มีเลย"}}},
    )
    ours = library(tmp_path)
    assert ours.cutoffs == {"phq-9": 9}
    assert ours.get("dast-10", "th") is None
    gad = ours.get("gad-7", "th")
    assert gad is not None
    assert gad.items[0].text["th"] == "ข้อแรกของโรงพยาบาล"
    assert gad.choices(gad.items[0])[0] == Option(0, {"th": "ไม่มีเลย", "en": "Not at all", "zh-TW": "完全沒有"})
    assert gad.is_verified("th")
    assert not gad.is_verified("en")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"id": "phq-9", "cutof": 9}, "cutof"),
        ({"id": "phq-9", "cutoff": 0}, "cut-off"),
        ({"id": "phq-9", "cutoff": 28}, "cut-off"),
        ({"id": "assist", "cutoff": 4}, "cut-off"),
        ({"id": "phq-10"}, "no such form"),
        ({"id": "phq-9", "items": {1: {"en": "x"}}}, "version"),
        ({**OWN, "version": "x" * 41}, "at most 40"),
        ({**OWN, "version": "ฉบับ 1"}, "at most 40"),
        ({**OWN, "version": "1"}, "not ours"),
        ({**OWN, "items": {9: {"en": "x"}}}, "no item 9"),
        ({**OWN, "options": {"often": {0: {"en": "x"}}}}, "no options often"),
    ],
)
def test_a_mistake_in_the_clinics_directory_stops_the_start_and_says_where(
    tmp_path: Path, content: dict[str, object], says: str
) -> None:
    with pytest.raises(BadForm, match=says):
        library(own(tmp_path, **content))


def test_a_file_about_another_form_and_a_directory_that_is_not_there_are_mistakes(tmp_path: Path) -> None:
    (tmp_path / "gad-7.yaml").write_text("id: phq-9\n")
    with pytest.raises(BadForm, match=r"gad-7\.yaml is about phq-9"):
        library(tmp_path)
    with pytest.raises(BadForm, match="not there"):
        library(tmp_path / "nowhere")


def test_every_answer_of_a_form_has_a_label_that_tells_it_from_the_others() -> None:
    for form in library().forms.values():
        for options in form.options.values():
            for language in LANGUAGES:
                assert len({option.label[language] for option in options}) == len(options)
                assert all(graphemes(option.label[language]) <= 60 for option in options)


def _broken(**change: object) -> Definition:
    return msgspec.structs.replace(library().forms["2q"], **change)


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        (_broken(items=library().forms["2q"].items * 2), "twice"),
        (_broken(bands=library().forms["2q"].bands[::-1]), "rise"),
        (_broken(about={"th": "ก", "en": "a"}), "no zh-TW"),
        (_broken(options={"yes_no": (Option(1, {}), Option(1, {}))}), "differ"),
        (
            _broken(scoring=msgspec.structs.replace(library().forms["2q"].scoring, max=3)),
            "the highest sum is 2",
        ),
        (
            _broken(items=(Item(number=1, options="yes_no", text={}, when=library().forms["asq"].items[4].when),)),
            "asks for",
        ),
        (_broken(scoring=msgspec.structs.replace(library().forms["asq"].scoring)), "the last band alone"),
    ],
)
def test_a_definition_that_contradicts_itself_is_found(definition: Definition, says: str) -> None:
    assert any(says in fault for fault in faults(definition)), faults(definition)


def test_a_key_that_nobody_reads_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="cut_off"):
        msgspec.yaml.decode(b"id: x\ncut_off: 3\n", type=Definition)
