"""What a backup is, which ones may go, and in which order its parts are copied."""

from __future__ import annotations

import argparse
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.operations import again
from namjai.operations.__main__ import COMMANDS, main
from namjai.operations.adapters.postgres import _without_password
from namjai.operations.adapters.sealing import opened, recipients, sealed
from namjai.operations.again import insist
from namjai.operations.command import run
from namjai.operations.domain import manifest
from namjai.operations.domain.manifest import Manifest, Part, StreamCopy, Unreadable, name_of, time_of
from namjai.operations.domain.order import in_order
from namjai.operations.domain.outdated import outdated
from namjai.operations.ports import Damaged, Locked, Refused, StoreUnavailable
from namjai.operations.settings import OperationsSettings
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.provision import STREAMS

NOW = datetime(2026, 11, 21, 2, 17, tzinfo=UTC)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001  # it wants so
NAMES = st.sets(TIMES.map(name_of), max_size=40)


def a_manifest() -> Manifest:
    copy = StreamCopy(first=1, last=3, messages=3, consumers=2, config={"name": "EVENTS"}, state={"messages": 3})
    parts = (
        Part(name="postgres", bytes=9, sha256="ab", plain_bytes=7, rows={"analytics.archive": 3}),
        Part(name="EVENTS", bytes=5, sha256="cd", plain_bytes=4, stream=copy),
    )
    return Manifest(name=name_of(NOW), kind="everything", release="0.1.0", began_at=NOW, ended_at=NOW, parts=parts)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert manifest.decode(manifest.encode(a_manifest())) == a_manifest()


def test_a_manifest_says_what_is_a_stream_and_what_the_database() -> None:
    made = a_manifest()
    assert [part.name for part in made.streams] == ["EVENTS"]
    assert made.database is made.parts[0]
    assert made.parts[0].file == "postgres.age"
    assert made.bytes == 14


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format": 1}', b'{"format": 2, "new": "things"}'])
def test_what_is_no_manifest_of_this_format_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        manifest.decode(data)


@given(TIMES)
def test_a_name_is_a_time_and_names_are_in_the_order_of_times(at: datetime) -> None:
    assert time_of(name_of(at)) == at.replace(microsecond=0)
    assert name_of(at) < name_of(at + timedelta(seconds=1))


@pytest.mark.parametrize("name", ["", "latest", "20261121T021700", "../20261121T021700Z", "20261321T021700Z"])
def test_what_is_not_the_name_of_a_backup_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"name of a backup|does not match"):
        time_of(name)


@given(NAMES, NAMES, st.integers(1, 400), st.integers(1, 20))
def test_the_newest_always_stay_and_whatever_goes_is_old(
    complete: set[str], broken: set[str], keep_days: int, keep_count_min: int
) -> None:
    broken -= complete
    gone = outdated(complete, broken, NOW, keep_days=keep_days, keep_count_min=keep_count_min)
    assert gone == sorted(gone)
    assert set(gone) <= complete | broken
    newest = sorted(complete)[-keep_count_min:]
    assert not set(gone) & set(newest)
    for name in complete - set(newest):
        assert (name in gone) == (time_of(name) < NOW - timedelta(days=keep_days))
    for name in broken:
        assert (name in gone) == (time_of(name) < NOW - timedelta(days=2))


def test_failed_nights_do_not_push_out_the_last_good_backup() -> None:
    good = "20260101T000000Z"
    failed = [name_of(NOW - timedelta(days=days)) for days in range(40)]
    assert good not in outdated([good], failed, NOW, keep_days=35, keep_count_min=1)


def test_what_follows_the_log_is_copied_before_it_and_what_it_needs_after_it() -> None:
    parts = in_order(str(stream["name"]) for stream in STREAMS)
    log = parts.index("EVENTS")
    assert {"KV_snapshots", "postgres"} == set(parts[:log])
    assert {"TIMERS", "KV_identities"} <= set(parts[log:])
    assert "KV_keys" not in parts, "keys are a backup of their own, after this one"
    assert {*parts, "KV_keys"} == {*(str(stream["name"]) for stream in STREAMS), "postgres"}


@pytest.mark.parametrize(
    ("dsn", "shown", "password"),
    [
        ("postgresql://namjai:p%40ss@db:5432/namjai", "postgresql://namjai@db:5432/namjai", "p@ss"),
        ("postgresql://namjai@db/namjai?sslmode=require", "postgresql://namjai@db/namjai?sslmode=require", ""),
        ("postgresql:///postgres?host=/tmp/x&user=u", "postgresql:///postgres?host=/tmp/x&user=u", ""),
    ],
)
def test_the_list_of_processes_shows_no_password(dsn: str, shown: str, password: str) -> None:
    assert _without_password(dsn) == (shown, password)


def test_postgresqls_programs_see_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_MASTER_KEYS", "m1:" + "A" * 43 + "=")
    seen = OperationsSettings().environment_of_tools()
    assert "PATH" in seen
    assert not any(name.startswith("NAMJAI_") for name in seen)


@pytest.mark.parametrize("place", ["/backups", "https://s3.example.org/bucket", "bucket"])
def test_a_place_says_what_it_is(place: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix or file:///folder"):
        OperationsSettings.model_validate({"backup_place": place})


def test_who_is_no_recipient_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        recipients("age1nonsense")
    assert "nonsense" not in str(refused.value)


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("pieces", [(), (b"a",), (b"x" * 3_000_000,), (b"y" * 100_000,) * 25])
async def test_what_is_sealed_for_somebody_only_they_open(pieces: tuple[bytes, ...]) -> None:
    owner, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    async with sealed(_pieces(*pieces), [owner.to_public()]) as cipher:
        written = b"".join([piece async for piece in cipher])
    assert pyrage.decrypt(written, [owner]) == b"".join(pieces), "any other program for age reads it, too"
    async with opened(_pieces(written), [other, owner]) as plain:
        assert b"".join([piece async for piece in plain]) == b"".join(pieces)
    async with opened(_pieces(written), [other]) as plain:
        with pytest.raises(Locked):
            await anext(plain)


async def test_what_was_cut_off_or_changed_is_noticed() -> None:
    owner = pyrage.x25519.Identity.generate()
    written = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(b"x" * 200_000), written, [owner.to_public()])
    whole = written.getvalue()
    for broken in (whole[:-1], whole[:100_000], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        async with opened(_pieces(broken), [owner]) as plain:
            with pytest.raises(Damaged):
                [piece async for piece in plain]


async def test_what_the_source_raises_comes_out_as_it_is() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 100
        raise OverflowError("the source broke")

    async with sealed(broken(), [pyrage.x25519.Identity.generate().to_public()]) as cipher:
        with pytest.raises(OverflowError, match="the source broke"):
            [piece async for piece in cipher]


async def test_a_stream_may_be_left_in_the_middle() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    async with sealed(endless(), [pyrage.x25519.Identity.generate().to_public()]) as cipher:
        assert await anext(cipher)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


async def test_what_breaks_off_is_begun_again_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PAUSE_S", 0)
    tries = 0

    async def breaks(times: int) -> str:
        nonlocal tries
        tries += 1
        if tries <= times:
            raise LogUnavailable("it broke off")
        return "done"

    assert await insist("EVENTS", lambda: breaks(2)) == "done"
    tries = 0
    with pytest.raises(LogUnavailable):
        await insist("EVENTS", lambda: breaks(100))
    assert tries == again.TRIES


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (Refused("say --replace"), "refused: say --replace"),
        (Damaged("it was cut off"), "this backup cannot be used: it was cut off"),
        (StoreUnavailable("s3://b: 403"), "the place of the backups cannot be used now: s3://b: 403"),
        (LogUnavailable("no answer"), "NATS cannot be used now: no answer"),
        (TimeoutError(), "it took too long"),
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached: Connection refused"),
    ],
)
def test_a_known_trouble_is_one_line_and_exit_code_2(
    raised: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
        raise raised

    assert run(argparse.Namespace(work=work)) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_settings_that_are_not_valid_are_named_without_their_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NAMJAI_BACKUP_PLACE", "ftp://me:secret@host")
    assert run(argparse.Namespace()) == 2
    told = capsys.readouterr().err
    assert "backup_place" in told
    assert "secret" not in told
