"""What staff asks and wants about being on call, with a log in memory and a clock that stands still."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from namjai.notify import oncall
from namjai.notify import oncall_words as words
from namjai.notify.adapters.duty import DutyLog
from namjai.notify.domain.roster import AlertsSection
from namjai.notify.oncall import Oncall, endpoints
from namjai.runtime.memory import MemoryLog
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Refused, schema

MONDAY_NOON = datetime(2026, 1, 5, 5, tzinfo=UTC)
DAY = timedelta(days=1)
"""Bangkok is seven hours ahead: the clinic's day ends at 11:00 UTC, its evening at 17:00."""


@dataclass
class Clock:
    now: datetime = MONDAY_NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Clinic:
    section: AlertsSection
    clock: Clock = field(default_factory=Clock)
    log: MemoryLog = field(default_factory=MemoryLog)

    def __post_init__(self) -> None:
        self.desk = Oncall(self, DutyLog(self.log, self.clock, Metrics("test")), self.clock)

    async def stand_in(self, staff: str = "nok", **more: Any) -> words.Done:
        asked: dict[str, Any] = {
            "schedule": "days",
            "staff": staff,
            "start": MONDAY_NOON,
            "end": MONDAY_NOON + timedelta(hours=2),
            "by": "ploy",
            **more,
        }
        return await oncall.override(words.Override(**asked), self.desk)

    async def swap(self, **more: Any) -> words.Done:
        hours = timedelta(hours=2)
        asked: dict[str, Any] = {
            "schedule": "days",
            "first": words.Half(staff="ploy", start=MONDAY_NOON, end=MONDAY_NOON + hours),
            "second": words.Half(staff="dao", start=MONDAY_NOON + 7 * DAY, end=MONDAY_NOON + 7 * DAY + hours),
            "by": "ploy",
            **more,
        }
        return await oncall.swap(words.Swap(**asked), self.desk)

    async def show(self, **asked: Any) -> words.Shown:
        return await oncall.show(words.Show(**asked), self.desk)

    async def people(self, at: datetime) -> tuple[str, ...]:
        return (await self.show(at=at, schedule="days")).schedules[0].people


@pytest.fixture
def desk(clinic: dict[str, Any]) -> Clinic:
    return Clinic(AlertsSection.model_validate(clinic))


async def refusal(wish: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(Refused) as no:
        await wish
    return no.value.code, no.value.reason


async def test_show_says_who_is_on_call_and_who_is_next(desk: Clinic) -> None:
    shown = await desk.show()
    days, nights = shown.schedules
    assert (days.people, days.until, days.then) == (("ploy",), MONDAY_NOON + timedelta(hours=6), ())
    assert (nights.people, nights.then) == ((), ("nok",))
    assert (shown.watched, shown.until) == (True, MONDAY_NOON + timedelta(hours=12))
    assert shown.route == {"medium": "inbox", "high": "urgent", "crisis": "urgent"}
    reached = [(each.policy, each.level, each.after_s, each.people) for each in shown.levels]
    assert reached == [
        ("inbox", 1, 0.0, ("ploy", "dao")),
        ("urgent", 1, 0.0, ("ploy",)),
        ("urgent", 2, 300.0, ("ploy",)),
    ]


async def test_show_of_an_unknown_schedule_names_those_there_are(desk: Clinic) -> None:
    assert await refusal(desk.show(schedule="noon")) == (
        404,
        "there is no schedule called noon; there is: days, nights",
    )


async def test_an_override_holds_for_its_time_and_is_shown(desk: Clinic) -> None:
    done = await desk.stand_in()
    assert await desk.people(MONDAY_NOON + timedelta(hours=1)) == ("nok",)
    assert await desk.people(MONDAY_NOON + timedelta(hours=2)) == ("ploy",)
    [shown] = (await desk.show()).overrides
    assert (shown.id, shown.staff, shown.by) == (done.overrides[0], "nok", "ploy")
    assert (await desk.show(at=MONDAY_NOON + DAY)).overrides == ()


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"schedule": "noon"}, (404, "there is no schedule called noon; there is: days, nights")),
        ({"staff": "nid"}, (404, "nobody of the staff is called nid; there is: ploy, dao, nok, pager")),
        ({"by": "root"}, (404, "nobody of the staff is called root; there is: ploy, dao, nok, pager")),
        ({"instead_of": "nid"}, (404, "nobody of the staff is called nid; there is: ploy, dao, nok, pager")),
        ({"end": MONDAY_NOON}, (422, "the end must be after the start")),
        ({"end": MONDAY_NOON + 32 * DAY}, (422, "longer than 31 days; change the schedule instead")),
        (
            {"start": MONDAY_NOON - timedelta(hours=1)},
            (422, "the start is in the past, and who was on call then cannot be changed"),
        ),
        (
            {"start": MONDAY_NOON + 365 * DAY, "end": MONDAY_NOON + 366 * DAY},
            (422, "more than 365 days ahead"),
        ),
        ({"staff": "ploy"}, (409, "this would change nothing: ploy is on call then")),
        ({"instead_of": "dao"}, (409, "this would change nothing: dao is not on call then")),
    ],
)
async def test_an_override_that_makes_no_sense_is_refused(
    desk: Clinic, wish: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert await refusal(desk.stand_in(**wish)) == expected
    assert await desk.log.last_sequence() == 0


async def test_who_is_away_cannot_stand_in(desk: Clinic, clinic: dict[str, Any]) -> None:
    clinic["staff"][2]["active"] = False
    desk.section = AlertsSection.model_validate(clinic)
    assert await refusal(desk.stand_in()) == (409, "nok is away (active: false in the config)")


async def test_an_override_may_lie_over_another_and_the_newest_wins(desk: Clinic) -> None:
    await desk.stand_in()
    await desk.stand_in("dao", end=MONDAY_NOON + timedelta(hours=1))
    assert await desk.people(MONDAY_NOON) == ("dao",)
    assert await desk.people(MONDAY_NOON + timedelta(hours=1)) == ("nok",)


async def test_the_same_wish_with_the_same_key_is_granted_once(desk: Clinic) -> None:
    assert await desk.stand_in(key="k") == await desk.stand_in(key="k")
    assert (
        await desk.swap(
            key="s",
            by="dao",
            first=words.Half(staff="ploy", start=MONDAY_NOON + DAY, end=MONDAY_NOON + DAY + timedelta(hours=1)),
        )
        is not None
    )
    assert await desk.log.last_sequence() == 3


async def test_a_swap_is_two_overrides_or_none(desk: Clinic) -> None:
    done = await desk.swap()
    assert len(done.overrides) == 2
    assert await desk.people(MONDAY_NOON) == ("dao",)
    assert await desk.people(MONDAY_NOON + 7 * DAY) == ("ploy",)
    assert await refusal(desk.swap()) == (409, "no swap: ploy is not on call all of that time")
    assert await desk.log.last_sequence() == 2


async def test_a_swap_with_oneself_is_refused(desk: Clinic) -> None:
    later = words.Half(staff="ploy", start=MONDAY_NOON + DAY, end=MONDAY_NOON + DAY + timedelta(hours=1))
    assert await refusal(desk.swap(second=later)) == (422, "a swap is between two people")


async def test_a_cancelled_override_held_until_then(desk: Clinic) -> None:
    [override] = (await desk.stand_in()).overrides
    desk.clock.now += timedelta(hours=1)
    await oncall.cancel(words.Cancel(override=override, by="dao"), desk.desk)
    assert await desk.people(MONDAY_NOON + timedelta(minutes=59)) == ("nok",)
    assert await desk.people(MONDAY_NOON + timedelta(minutes=61)) == ("ploy",)
    code, _ = await refusal(oncall.cancel(words.Cancel(override=override, by="dao"), desk.desk))
    assert code == 404


async def test_an_override_cancelled_before_it_began_never_was(desk: Clinic) -> None:
    [override] = (await desk.stand_in(start=MONDAY_NOON + timedelta(hours=1))).overrides
    await oncall.cancel(words.Cancel(override=override, by="dao"), desk.desk)
    assert (await desk.show()).overrides == ()
    again = await desk.stand_in(start=MONDAY_NOON + timedelta(hours=1))
    assert again.overrides != (override,)


async def test_gaps_are_those_of_a_crisis_and_of_each_schedule(desk: Clinic) -> None:
    found = (await oncall.find_gaps(words.Gaps(days=1), desk.desk)).gaps
    assert [(gap.schedule, gap.level) for gap in found] == [
        (None, None),
        ("days", None),
        ("nights", None),
        ("nights", None),
    ]
    assert (found[0].start, found[0].end) == (MONDAY_NOON + timedelta(hours=12), MONDAY_NOON + timedelta(hours=20))
    assert found[1].timezone == "Asia/Bangkok"


async def test_a_calendar_is_of_a_schedule_or_a_person(desk: Clinic) -> None:
    await desk.stand_in()
    of_nok = (await oncall.ical(words.Ical(staff="nok", schedule="days"), desk.desk)).text
    assert of_nok.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20260105T050000Z" in of_nok
    assert "ploy on call" not in of_nok
    assert "ploy on call" in (await oncall.ical(words.Ical(schedule="days"), desk.desk)).text
    assert (await refusal(oncall.ical(words.Ical(), desk.desk)))[0] == 422
    assert (await refusal(oncall.ical(words.Ical(staff="nid"), desk.desk)))[0] == 404


async def test_check_says_what_is_wrong_and_what_is_doubtful(desk: Clinic, clinic: dict[str, Any]) -> None:
    fine = await oncall.check(words.Check(section=clinic), desk.desk)
    assert fine.problems == ()
    assert fine.warnings[0].startswith("nobody is on call for a crisis at any level from 2026-01-05 17:00")
    clinic["route"]["high"] = "gone"
    wrong = await oncall.check(words.Check(section=clinic), desk.desk)
    assert wrong.problems == ("route.high: there is no policy called gone; write it under policies",)


def test_every_endpoint_publishes_its_schemas(desk: Clinic) -> None:
    found = endpoints(desk, desk.desk.duty, desk.clock)
    assert [each.name for each in found] == [
        f"oncall.{verb}" for verb in ("show", "override", "swap", "cancel", "gaps", "ical", "check")
    ]
    assert all(schema(each.asked) and schema(each.answered) for each in found)


def test_a_time_without_a_zone_does_not_fit() -> None:
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.json.decode(b'{"at":"2026-05-01T20:00:00"}', type=words.Show)
