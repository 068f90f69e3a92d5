"""Nearby: distances, what is shown first, what is said where nothing is near, and a clinic's own list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from namjai.chat.content import LANGUAGES, Language, lines
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.heard import Place, hear
from namjai.chat.domain.messages import graphemes, problems
from namjai.chat.skills.nearby import SKILL, nearby
from namjai.chat.skills.nearby.nearest import (
    NEAR_KM_MAX,
    BadServices,
    Service,
    distance_km,
    nearest,
    read,
    shipped,
)
from namjai.chat.skills.nearby.skill import texts
from namjai.events import Sealed, begin
from namjai.events.message import MessageReceived
from tests.unit.chat.visits import NOW, Talk

LUMPHINI = (13.7307, 100.5418)
TAIPEI = (25.0330, 121.5000)
OCEAN = (0.0, -150.0)


class Sharing(Talk):
    """Somebody who shares places."""

    def share(self, latitude: float, longitude: float) -> Composed | None:
        """What the skill says to it."""
        return self.send("location", latitude=latitude, longitude=longitude)

    def send(self, kind: str, **raw: Any) -> Composed | None:
        """What it says to any message, as LINE's webhook has it."""
        self.turns += 1
        return self._turn(self.event(kind, json.dumps({"type": kind, **raw})))

    def event(self, kind: str, raw: str) -> Any:
        fact = MessageReceived(kind=kind, message_id=str(self.turns), raw=Sealed(raw), **self._from_webhook())
        return begin(fact, source="test", cause=f"{kind}{self.turns}", member="m", time=NOW)


def shown(said: Composed | None) -> list[str]:
    """The names in the bubble, in order."""
    assert said is not None
    bubbles = [message for message in said.messages if message["type"] == "flex"]
    parts = [part for bubble in bubbles for part in bubble["contents"]["body"]["contents"]]
    return [part["text"] for part in parts if part.get("size") == "sm"]


def uris(said: Composed | None) -> list[str]:
    return [uri for uri in json.dumps(said.messages if said else []).split('"') if uri.startswith(("https:", "tel:"))]


def test_a_distance_is_that_of_the_map() -> None:
    bangkok = Place(13.7563, 100.5018)
    chiang_mai = next(each for each in shipped() if each.id == "th-maharaj-chiangmai")
    assert distance_km(bangkok, chiang_mai) == pytest.approx(583, abs=10)
    here = Service(
        id="x", country="TH", kind="hospital", names={}, latitude=13.7563, longitude=100.5018, verified=False
    )
    assert distance_km(bangkok, here) == pytest.approx(0, abs=0.001)
    assert distance_km(Place(0, 179.9), Service("y", "TH", "hospital", {}, 0, -179.9, False)) < 23


def test_the_nearest_come_first_and_treatment_is_always_among_them() -> None:
    found = nearest(Place(*LUMPHINI), shipped())
    assert [each.km for each in found] == sorted(each.km for each in found)
    assert found[0].service.id == "th-chula"
    assert "treatment" in {each.service.kind for each in found}
    assert len(found) == 3


def test_what_is_far_is_not_near() -> None:
    assert nearest(Place(*OCEAN), shipped()) == []
    assert all(each.km <= NEAR_KM_MAX for each in nearest(Place(16.5, 101.0), shipped()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_is_answered_with_what_is_close_and_whom_to_call(language: Language) -> None:
    said = Sharing(SKILL, language).share(*LUMPHINI)
    assert said is not None
    assert len(shown(said)) == 3
    assert "1165" in said.messages[0]["text"]
    assert texts(language).unverified in json.dumps(said.messages, ensure_ascii=False)
    assert (said.review, said.kind) == ("draft", "skill")
    assert [problem for message in said.messages for problem in problems(message)] == []


def test_where_they_are_tells_the_country_not_the_language_they_write() -> None:
    said = Sharing(SKILL, "th").share(*TAIPEI)
    assert said is not None
    assert "0800770885" in said.messages[0]["text"]
    assert "1165" not in said.messages[0]["text"]
    assert all("tel:1" not in uri or uri in ("tel:1925", "tel:119") for uri in uris(said))


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_near_there_are_numbers_to_call(language: Language) -> None:
    said = Sharing(SKILL, language).share(*OCEAN)
    assert said is not None
    assert [message["type"] for message in said.messages] == ["text"]
    assert said.messages[0]["text"].startswith(texts(language).far)
    assert "☎" in said.messages[0]["text"]


def test_no_number_is_called_that_is_not_in_the_table_of_lines() -> None:
    known = {f"tel:{line.number}" for line in lines()}
    for place in (LUMPHINI, TAIPEI, OCEAN):
        assert {uri for uri in uris(Sharing(SKILL, "en").share(*place)) if uri.startswith("tel:")} <= known


def test_the_map_is_asked_by_name() -> None:
    maps = [uri for uri in uris(Sharing(SKILL, "en").share(*TAIPEI)) if uri.startswith("https:")]
    assert len(maps) == 3
    assert all("query=%E" in uri and uri.isascii() for uri in maps), "in the country's own writing, encoded"


@pytest.mark.parametrize("word", ["near me", "ใกล้ฉัน", "附近"])
def test_who_asks_is_asked_where_they_are(word: str) -> None:
    said = Sharing(SKILL, "en").write(word)
    assert said is not None
    actions = [item["action"] for item in said.messages[-1]["quickReply"]["items"]]
    assert actions[0] == {"type": "location", "label": "Share my location"}


def test_whoever_needs_help_near_them_need_not_be_registered() -> None:
    assert SKILL.for_everybody


def test_words_about_something_else_are_not_ours() -> None:
    assert Sharing(SKILL).write("there is a bar near my house") is None
    assert Sharing(SKILL).press("do=diary.open") is None


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"latitude": "here", "longitude": 5},
        {"latitude": 91, "longitude": 0},
        {"latitude": 0, "longitude": 181},
        {"latitude": None, "longitude": None},
    ],
    ids=["empty", "words", "beyond the pole", "once round", "null"],
)
def test_an_odd_place_is_none(raw: dict[str, Any]) -> None:
    assert Sharing(SKILL).send("location", **raw) is None


def test_a_message_that_is_no_json_is_no_place() -> None:
    sharing = Sharing(SKILL)
    assert hear([sharing.event("location", "not json")]).places == ()
    assert hear([sharing.event("sticker", '{"keywords": 5}')]).stickers == ()


def test_a_sticker_says_what_it_shows() -> None:
    raw = json.dumps({"keywords": ["cry", "sad"], "text": "oh no"})
    assert hear([Sharing(SKILL).event("sticker", raw)]).stickers == ("oh no", "cry", "sad")


def test_the_shipped_list_is_whole_and_says_that_nobody_checked_it() -> None:
    services = shipped()
    assert len({each.id for each in services}) == len(services)
    for each in services:
        assert set(each.names) == set(LANGUAGES)
        assert not each.verified
        assert each.telephone is None
    assert {each.country for each in services} == {"TH", "TW"}


def test_every_label_fits_line() -> None:
    for language in LANGUAGES:
        words = texts(language)
        assert graphemes(words.share) <= 20
        assert graphemes(words.map) <= 20
        assert set(words.kinds) == {"treatment", "psychiatric", "hospital"}


OWN = """
- {id: own, country: TH, kind: treatment, latitude: 13.73, longitude: 100.54, verified: true, verified_on: 2026-11-01,
   telephone: "021234567", names: {th: คลินิก, en: Our clinic, zh-TW: 診所}}
"""


def test_a_clinics_own_list_takes_the_place_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(OWN)
    said = Sharing(nearby(file), "en").share(*LUMPHINI)
    assert shown(said) == ["Our clinic"]
    assert "tel:021234567" in uris(said)
    words = json.dumps(said.messages if said else [])
    assert "Checked on 2026-11-01" in words
    assert texts("en").unverified not in words


@pytest.mark.parametrize(
    "wrong,why",
    [
        ("not: a list", "Expected"),
        (OWN.replace("th: คลินิก, ", ""), "no name in th"),
        (OWN.replace("13.73", "95"), "nowhere on earth"),
        (OWN.replace("treatment", "bar"), "Invalid enum"),
        (OWN + "  unknown: 1", "services.yaml"),
    ],
    ids=["no list", "a language missing", "off the map", "a kind we do not know", "no YAML"],
)
def test_a_list_that_cannot_be_used_stops_the_start_and_says_why(tmp_path: Path, wrong: str, why: str) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(wrong)
    with pytest.raises(BadServices, match=why):
        read(file)
    with pytest.raises(BadServices):
        nearby(tmp_path / "missing.yaml")
