"""A home belongs to one run, keeps its secrets, and shows them to its owner only."""

import json
from pathlib import Path

import pytest

from namjai.devkit.home import AlreadyRunning, Home, NotRunning, Run, ServiceAddress, write_private
from namjai.runtime.settings import parse_key, parse_master_keys

RUN = Run(
    gateway_url="http://127.0.0.1:1",
    webhook_url="http://127.0.0.1:1/webhook/line",
    channel_secret="s",
    channel_access_token="t",
    simulator_url="http://127.0.0.1:2",
    console_url="http://127.0.0.1:1/console/",
    nats_url="nats://admin:p@127.0.0.1:3",
    postgres_dsn="postgresql://namjai:p@127.0.0.1:4/namjai",
    redis_url="redis://:p@127.0.0.1:5/0",
    smtp_url="smtp://127.0.0.1:6",
    services={"chat": ServiceAddress(pid=7, health_url="http://h", metrics_url="http://m")},
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.make()
    return place


def test_secrets_are_made_once_and_readable_by_the_owner_only(home: Home) -> None:
    first = home.secrets(("chat",))
    second = home.secrets(("chat", "risk"))
    assert second.channel_secret == first.channel_secret
    assert second.nats_passwords["chat"] == first.nats_passwords["chat"]
    assert set(second.nats_passwords) == {"chat", "risk"}
    assert (home.path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_generated_keys_are_what_the_settings_accept(home: Home) -> None:
    made = home.secrets(())
    assert len(parse_key(made.identity_key)) == 32
    assert list(parse_master_keys(made.master_keys)) == ["m1"]


def test_run_json_has_exactly_the_fields_of_the_contract(home: Home) -> None:
    home.write_run(RUN)
    written = json.loads(home.run_file.read_text())
    assert set(written) == {
        *("gateway_url", "webhook_url", "channel_secret", "channel_access_token", "simulator_url", "console_url"),
        *("nats_url", "postgres_dsn", "redis_url", "smtp_url", "services"),
    }
    assert written["services"]["chat"] == {"pid": 7, "health_url": "http://h", "metrics_url": "http://m"}
    assert home.run_file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_open_to_others_is_closed_when_written_again(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, b"new")
    assert file.read_text() == "new\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_run_in_the_same_home_is_refused(home: Home) -> None:
    with home.locked():
        with pytest.raises(AlreadyRunning, match="already running"), Home(home.path).locked():
            raise AssertionError("two runs in one home")
        assert home.owner() > 0
    with pytest.raises(NotRunning):
        home.owner()


def test_addresses_are_only_given_out_while_somebody_runs(home: Home) -> None:
    home.write_run(RUN)
    with pytest.raises(NotRunning):
        home.run()
    with home.locked():
        assert home.run() == RUN


def test_a_home_from_before_there_were_media_gets_a_secret_for_them_and_keeps_it(home: Home) -> None:
    home.secrets(())
    file = home.path / "secrets.json"
    old = json.loads(file.read_text())
    del old["media_secret"]
    write_private(file, json.dumps(old).encode())
    first = home.secrets(())
    assert len(first.media_secret) >= 32
    assert home.secrets(()).media_secret == first.media_secret
    assert first.identity_key == old["identity_key"]
