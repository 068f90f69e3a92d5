"""Who is forgotten for having been silent, and who is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from namjai.events import Envelope, Fact, Sealed, Stored, begin, subjects
from namjai.events.alert import AlertNoted, AlertRaised, AlertResolved
from namjai.events.checkin import ReminderDue
from namjai.events.member import ErasureRequested, MemberErased, MemberFollowed, MemberUnfollowed
from namjai.operations.domain.silence import judge, sender
from namjai.operations.silent import Silent, forget_silent
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import Keyring, MasterKeys
from namjai.runtime.memory import MemoryKeyStore, MemoryLog

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CUTOFF = NOW - timedelta(days=7 * 365)
LONG_AGO, LATELY = CUTOFF - timedelta(days=30), CUTOFF + timedelta(days=30)
LINE_ID = "U" + "a" * 32


def followed(name: str = LINE_ID) -> MemberFollowed:
    return MemberFollowed(
        webhook_event_id="w", mode="active", sent_at=LONG_AGO, received_at=LONG_AGO, sender=Sealed(name)
    )


def event(fact: Fact, at: datetime = LONG_AGO, member: str = "m1") -> Envelope[Fact]:
    return begin(fact, source="test", cause=f"{member}|{fact.TYPE}|{at}", member=member, time=at)


def history(*events: Envelope[Fact]) -> list[Stored[Fact]]:
    return [Stored(n, each) for n, each in enumerate(events, start=1)]


def test_somebody_of_whom_nothing_was_heard_for_years_is_forgotten() -> None:
    assert judge(history(event(followed())), CUTOFF) == "forget"
    assert sender(history(event(followed("Uold")), event(followed("Unew")))) == "Unew"


@pytest.mark.parametrize(
    "sign",
    [
        lambda: MemberUnfollowed(webhook_event_id="w", received_at=LATELY),
        lambda: AlertNoted(alert="a", by="nurse", note=Sealed("called the family"), via="console"),
    ],
    ids=["the person did something", "a clinician is at work"],
)
def test_any_sign_of_the_person_or_of_a_clinician_keeps_them(sign: Callable[[], Fact]) -> None:
    assert judge(history(event(followed()), event(sign(), LATELY)), CUTOFF) == "heard"


def test_what_we_said_by_ourselves_is_no_sign() -> None:
    assert judge(history(event(followed()), event(ReminderDue(number=3), LATELY)), CUTOFF) == "forget"


def test_an_open_alert_holds_them_back_however_old_it_is() -> None:
    raised = event(
        AlertRaised(level="high", category="other", merge_key="k", message="x", reason="finding", received_at=LONG_AGO)
    )
    resolved = event(AlertResolved(alert=raised.id, by="nurse", disposition="contacted", via="console"))
    assert judge(history(raised), CUTOFF) == "alert"
    assert judge(history(raised, resolved), CUTOFF) == "forget"


def test_an_erasure_is_asked_for_once() -> None:
    assert judge(history(event(followed()), event(ErasureRequested())), CUTOFF) == "asked"
    assert judge(history(event(followed()), event(MemberErased(receipt="r"))), CUTOFF) == "erased"


class Proposed:
    """PostgreSQL's proposal."""

    def __init__(self, *members: str) -> None:
        self.members = members

    async def silent(self, since: datetime, at_most: int, skip: int) -> list[str]:
        return list(self.members[skip : skip + at_most])

    async def count_silent(self, since: datetime) -> int:
        return len(self.members)


@pytest.fixture
async def journal() -> Journal:
    made = Journal(MemoryLog(), Keyring(MemoryKeyStore(), MasterKeys({"k": b"k" * 32})))
    for n in range(12):
        await made.append([event(followed(f"U{n}"), member=f"m{n}")])
    await made.append([event(MemberUnfollowed(webhook_event_id="w", received_at=LATELY), LATELY, "m0")])
    return made


async def asked(journal: Journal) -> dict[str, str]:
    """Whose erasure was asked for, with the LINE id that goes with them."""
    found = {}
    for stored in await journal.log.since(subjects.every(ErasureRequested.TYPE), 0):
        fact = (await journal.open(stored.event)).data
        assert isinstance(fact, ErasureRequested)
        assert fact.sender is not None
        found[stored.event.subject] = fact.sender.value
    return found


async def test_a_run_is_bounded_and_the_next_goes_on(journal: Journal) -> None:
    models = Proposed(*(f"m{n}" for n in range(12)))
    first = await forget_silent(journal, models, CUTOFF, NOW, at_most=2, dry_run=False)
    assert first == Silent(2, 9, Counter({"heard": 1}))
    assert await asked(journal) == {"m1": "U1", "m2": "U2"}
    again = await forget_silent(journal, models, CUTOFF, NOW, at_most=2, dry_run=False)
    assert (again.forgotten, again.others) == (2, Counter({"heard": 1, "asked": 2}))
    assert (
        again.words()
        == "2 whose erasure is under way, 1 of whom something was heard after all, 7 wait for the next run"
    )


async def test_however_many_are_held_back_the_one_behind_them_is_found(journal: Journal) -> None:
    held = [f"held{n}" for n in range(250)]
    for member in held:
        await journal.append([event(MemberUnfollowed(webhook_event_id="w", received_at=LATELY), LATELY, member)])
    found = await forget_silent(journal, Proposed(*held, "m1"), CUTOFF, NOW, at_most=2, dry_run=False)
    assert found == Silent(1, 0, Counter({"heard": 250}))


async def test_a_dry_run_counts_the_same_and_says_nothing_to_the_log(journal: Journal) -> None:
    before = await journal.log.last_sequence()
    found = await forget_silent(journal, Proposed("m0", "m1", "m2"), CUTOFF, NOW, at_most=9, dry_run=True)
    assert (found.forgotten, found.waiting) == (2, 0)
    assert await journal.log.last_sequence() == before


async def test_whoever_comes_back_at_the_very_moment_is_not_forgotten(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = journal.history

    async def read_and_come_back(member: str) -> list[Stored[Fact]]:
        found = await read(member)
        await journal.append([event(followed("U1"), NOW, member)])
        return found

    monkeypatch.setattr(journal, "history", read_and_come_back)
    found = await forget_silent(journal, Proposed("m1"), CUTOFF, NOW, at_most=9, dry_run=False)
    assert (found.forgotten, found.others) == (0, Counter({"heard": 1}))
    assert await asked(journal) == {}


async def test_somebody_without_a_key_is_erased_already(journal: Journal) -> None:
    await journal.keyring.destroy("m1")
    found = await forget_silent(journal, Proposed("m1"), CUTOFF, NOW, at_most=9, dry_run=False)
    assert found.others == Counter({"erased": 1})
