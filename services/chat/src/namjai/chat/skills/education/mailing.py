"""A leaflet by e-mail: to which address, is that right, and then it is on its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import do
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk
from namjai.chat.skills.education import address
from namjai.chat.skills.education.leaflet import Leaflet
from namjai.chat.skills.education.letter import letter
from namjai.chat.skills.education.said import ADDRESS, CONFIRM, NAME, READING, at, back, buttons, told, words
from namjai.events import Sealed
from namjai.events.mail import MailFailed, MailRequested, MailSent

LETTERS_PER_DAY_MAX: Final = 5
A_DAY: Final = timedelta(hours=24)
WORTH_SENDING_FOR: Final = timedelta(hours=12)


async def ask_address(visit: Visit, leaflet: Leaflet, desk: Desk) -> Composed:
    """To which address? Not more than a few letters a day, whoever they are for."""
    if await _too_many(visit, desk):
        return told(visit, words(visit).mail_limit, [back(visit, leaflet.id)], at(visit, READING, leaflet=leaflet.id))
    before = await _failed_before(visit, desk)
    return _asked(visit, leaflet, f"{before}\n{words(visit).ask_address}" if before else words(visit).ask_address)


async def take_address(visit: Visit, leaflet: Leaflet, said: str, desk: Desk) -> Composed:
    """What was typed for an address, shown once more before anything is sent."""
    if await _too_many(visit, desk):
        return told(visit, words(visit).mail_limit, [back(visit, leaflet.id)], at(visit, READING, leaflet=leaflet.id))
    found = address.read(said)
    if found is None:
        return _asked(visit, leaflet, words(visit).bad_address)
    if desk.addresses is not None and await desk.addresses.takes_mail(found.domain) is False:
        return _asked(visit, leaflet, words(visit).no_such_domain.format(domain=found.domain))
    labels = words(visit).labels
    ways = [
        do(labels["send"], NAME, "send", leaflet=leaflet.id),
        do(labels["other_address"], NAME, "mail", leaflet=leaflet.id),
        do(labels["cancel"], NAME, "keep", leaflet=leaflet.id),
    ]
    question = words(visit).confirm.format(title=leaflet.body.title, address=found.masked)
    return told(visit, question, ways, at(visit, CONFIRM, leaflet=leaflet.id, address=found.whole))


async def send(visit: Visit, leaflet: Leaflet, to: str, desk: Desk) -> Composed:
    """It is asked for; notify sends it."""
    found = address.read(to)
    if found is None:
        return _asked(visit, leaflet, words(visit).ask_address)
    if await _too_many(visit, desk):
        return told(visit, words(visit).mail_limit, [back(visit, leaflet.id)], at(visit, READING, leaflet=leaflet.id))
    written = letter(leaflet, visit.view, visit.now)
    wanted = MailRequested(
        kind="leaflet",
        to=Sealed(found.whole),
        subject=Sealed(written.subject),
        text=Sealed(written.text),
        html=Sealed(written.html),
        language=leaflet.language,
        until=visit.now + WORTH_SENDING_FOR,
    )
    said = words(visit).on_its_way.format(address=found.masked)
    return told(visit, said, buttons(visit, leaflet), wanted, at(visit, READING, leaflet=leaflet.id))


def keep(visit: Visit, leaflet: Leaflet) -> Composed:
    """Nothing is sent."""
    return told(visit, words(visit).mail_left, buttons(visit, leaflet), at(visit, READING, leaflet=leaflet.id))


def _asked(visit: Visit, leaflet: Leaflet, question: str) -> Composed:
    cancel = do(words(visit).labels["cancel"], NAME, "keep", leaflet=leaflet.id)
    return told(visit, question, [cancel], at(visit, ADDRESS, leaflet=leaflet.id))


async def _failed_before(visit: Visit, desk: Desk) -> str | None:
    """What became of the last letter, if that was nothing: whoever tries again should know."""
    failed, sent = await desk.records.last(MailFailed), await desk.records.last(MailSent)
    if failed is None or failed.fact.kind != "leaflet" or (sent is not None and sent.at > failed.at):
        return None
    return words(visit).mail_failed[failed.fact.reason]


async def _too_many(visit: Visit, desk: Desk) -> bool:
    letters = await desk.records.all(MailRequested)
    recent = [each for each in letters if each.fact.kind == "leaflet" and visit.now - each.at < A_DAY]
    return len(recent) >= LETTERS_PER_DAY_MAX
