"""By e-mail: an address that could exist, a question before anything leaves, a letter that fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import pytest

from namjai.chat.domain.composed import Composed
from namjai.chat.ports import Desk
from namjai.chat.skills.education import SKILL, address
from namjai.chat.skills.education.texts import texts as words
from namjai.events.mail import MailFailed, MailRequested, MailSent
from tests.unit.chat.education.minds import LINK, ScriptedMind, body, grounded
from tests.unit.chat.visits import Talk, buttons, texts

TO = "somchai@example-clinic.org"


@dataclass
class Domains:
    """DNS as a table."""

    known: dict[str, bool] = field(default_factory=dict)

    async def takes_mail(self, domain: str) -> bool | None:
        """As the port says."""
        return self.known.get(domain)


def requests(said: Composed | None) -> list[MailRequested]:
    """What is to be sent."""
    return [fact for fact in said.facts if isinstance(fact, MailRequested)] if said is not None else []


def reading(language: str = "en", known: dict[str, bool] | None = None) -> Talk:
    """Somebody with a leaflet open, and a desk with DNS."""

    async def turn(visit: object, desk: Desk) -> Composed | None:
        return await SKILL.turn(visit, replace(desk, addresses=Domains(known or {})))  # type: ignore[arg-type]

    talk = Talk(replace(SKILL, turn=turn), language=language)  # type: ignore[arg-type]
    talk.write("ed alcohol")
    return talk


def test_a_leaflet_is_sent_after_a_question_that_does_not_show_the_whole_address() -> None:
    talk = reading()
    talk.write("mail")
    asked = talk.write(f"my address is {TO}")
    assert "s***@example-clinic.org" in texts(asked)
    assert "somchai" not in texts(asked)
    assert not requests(asked)
    said = talk.tap(asked, "Yes, send it")
    [wanted] = requests(said)
    assert (wanted.kind, wanted.to.value, wanted.language) == ("leaflet", TO, "en")
    assert wanted.until > talk.now
    assert "s***@" in texts(said)
    assert not requests(talk.tap(asked, "Yes, send it"))  # tapped twice


def test_yes_and_no_can_be_typed() -> None:
    talk = reading()
    talk.write(f"mail it to {TO}")
    assert "nothing is sent" in texts(talk.write("no"))
    talk.write(f"e-mail {TO}")
    assert len(requests(talk.write("yes"))) == 1


@pytest.mark.parametrize(
    "typed",
    ["somchai@", "@example.org", "somchai@localhost", "a b@c", "สมชาย@example.org", "somchai@exa mple", "x@y..z"],
)
def test_what_is_no_address_is_asked_again(typed: str) -> None:
    talk = reading()
    talk.write("mail")
    said = talk.write(typed)
    assert "doesn't look like an e-mail address" in texts(said)
    assert not requests(said)


def test_a_domain_that_takes_no_mail_is_said_and_one_that_nobody_knows_is_trusted() -> None:
    talk = reading(known={"nowhere.org": False, "example-clinic.org": True})
    talk.write("mail")
    assert 'can\'t get to "nowhere.org"' in texts(talk.write("a@nowhere.org"))
    assert "Yes, send it" in buttons(talk.write("a@unheard.org"))
    assert "Yes, send it" in buttons(talk.write(TO))


def test_other_talk_while_an_address_is_asked_for_is_not_ours() -> None:
    talk = reading()
    talk.write("mail")
    assert talk.write("I am not sure I want that") is None
    assert "nothing is sent" in texts(talk.write("no"))


def test_five_letters_a_day_and_no_more() -> None:
    talk = reading()
    for _ in range(5):
        talk.write(f"mail {TO}")
        assert requests(talk.write("yes"))
    assert "try again tomorrow" in texts(talk.write(f"mail {TO}"))
    assert "try again tomorrow" in texts(talk.write("mail"))
    talk.now += timedelta(hours=24)
    assert texts(talk.press("do=education.mail")) == "To which e-mail address shall I send it?"


@pytest.mark.parametrize("reason", ["address", "refused", "unreachable", "expired", "off"])
def test_who_tries_again_learns_what_became_of_the_last_letter(reason: Literal["address", "off"]) -> None:
    talk = reading()
    talk.records.add(MailFailed(request="r", kind="leaflet", reason=reason), talk.now)
    said = texts(talk.write("mail"))
    assert said.startswith(words("en").mail_failed[reason])
    talk.records.add(MailSent(request="s", kind="leaflet"), talk.now + timedelta(minutes=1))
    assert texts(talk.press("do=education.mail")) == words("en").ask_address


def test_the_letter_holds_the_whole_leaflet_and_fetches_nothing() -> None:
    mind = ScriptedMind([body("Liver <script>alert(1)</script>", 'A & B "quoted" <img src=x>')], grounded())
    talk = Talk(SKILL, consents=frozenset({"model"}), mind=mind)
    talk.write("ed fatty liver")
    talk.write(f"mail {TO}")
    [wanted] = requests(talk.write("yes"))
    html = wanted.html.value if wanted.html is not None else ""
    assert not re.search(r"<(?:img|script|link|iframe|style|a)\b|url\(|<meta (?!charset)", html)
    assert "&lt;script&gt;" in html
    for part in ("Written by an AI and reviewed by nobody", "General information", LINK, "1669"):
        assert part in wanted.text.value
    assert wanted.subject.value.startswith("Health leaflet: Liver")
    assert "\n" not in wanted.subject.value


@pytest.mark.parametrize(
    ("typed", "whole", "domain"),
    [
        ("somchai@example.co", "somchai@example.co", "example.co"),
        ("Send it to <Ploy.S@Example.CO>, please", "Ploy.S@example.co", "example.co"),
        ("ส่งที่ somchai＠example.co ครับ", "somchai@example.co", "example.co"),
        ("我的信箱是：ming@例子.tw。", "ming@xn--fsqu00a.tw", "xn--fsqu00a.tw"),
    ],
)
def test_an_address_is_read_out_of_what_was_typed(typed: str, whole: str, domain: str) -> None:
    found = address.read(typed)
    assert found is not None
    assert (found.whole, found.domain) == (whole, domain)
