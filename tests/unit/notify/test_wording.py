"""What staff reads: a level, a time, a reference and a link, and nothing about the person."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from namjai.notify.adapters.webhook import generic, pagerduty
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice

NOTICE = Notice(
    alert="0b0cfa1e-5a11-5e0e-9d6c-3f0a5f0d7a10",
    level="crisis",
    merge_key="m0123456789:suicide",
    raised_at=datetime(2026, 8, 7, 17, 30, 5, tzinfo=UTC),
    link="https://clinic.example/console/alerts/0b0cfa1e-5a11-5e0e-9d6c-3f0a5f0d7a10",
    zone=ZoneInfo("Asia/Bangkok"),
)


def test_the_text_has_level_time_reference_and_link() -> None:
    assert "CRISIS" in NOTICE.text
    assert "00:30:05 (08.08.)" in NOTICE.text
    assert "0B0CFA1E" in NOTICE.text
    assert NOTICE.link in NOTICE.text


def test_no_channel_says_who_or_what() -> None:
    staff = Staff(name="n", webhook="https://x.example", webhook_secret="key")
    said = NOTICE.text + NOTICE.title + json.dumps([generic(staff, NOTICE), pagerduty(staff, NOTICE)])
    for secret in ("m0123456789", "suicide"):
        assert secret not in said


def test_repeats_are_one_incident_at_pagerduty() -> None:
    staff = Staff(name="n", webhook="https://x.example", webhook_kind="pagerduty", webhook_secret="key")
    event = pagerduty(staff, NOTICE)
    assert (event["routing_key"], event["event_action"], event["payload"]["severity"]) == ("key", "trigger", "critical")
    assert event["dedup_key"] == pagerduty(staff, NOTICE)["dedup_key"]


def test_a_staff_members_address_is_not_in_its_repr() -> None:
    staff = Staff(name="n", email="nurse@clinic.example", line_user="U" + "1" * 32)
    assert "nurse@" not in repr(staff)
    assert "U1" not in repr(staff)
