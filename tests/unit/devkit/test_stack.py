"""What `namjai up` tells each process is what that process understands, and no more than it needs."""

import importlib
import inspect
import json
import os
from pathlib import Path

import pytest
import typer

from namjai.devkit.child import ChildFailed
from namjai.devkit.commands.scale import replicas
from namjai.devkit.home import Home
from namjai.devkit.line.settings import SimSettings, parse_settings
from namjai.devkit.stack import Options, Stack
from namjai.runtime.provision import SERVICES
from namjai.runtime.settings import ServiceSettings


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    home = Home(tmp_path / "home")
    home.make()
    return Stack(home, Options(replicas={"chat": 2}))


def settings_of(service: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"namjai.{service}.settings")
    (found,) = (
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, ServiceSettings) and kind.__module__ == module.__name__
    )
    return found


def told(stack: Stack, name: str) -> dict[str, str]:
    (child,) = (child for stage in stack.stages for child in stage.children if child.name == name)
    assert child.env is not None
    return {key: value for key, value in child.env.items() if key.startswith("NAMJAI_") and key not in os.environ}


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_field_of_its_services_settings(
    stack: Stack, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = settings_of(service)
    variables = told(stack, service)
    assert {key.removeprefix("NAMJAI_").lower() for key in variables} <= set(kind.model_fields)
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    assert kind().nats_user == service


def test_the_simulator_understands_what_it_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = told(stack, "simulator")
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    understood = parse_settings([])
    assert understood.webhook_url == stack.run().webhook_url
    assert understood.access_token == stack.run().channel_access_token
    assert {key.removeprefix("NAMJAI_SIM_").lower() for key in variables} <= set(SimSettings.__dataclass_fields__)


def test_secrets_go_only_where_they_are_needed(stack: Stack) -> None:
    run = stack.run()
    knows = {name: " ".join(told(stack, name).values()) for name in (*SERVICES, "simulator")}
    assert {name for name, text in knows.items() if run.channel_secret in text} == {"gateway", "simulator"}
    assert {name for name, text in knows.items() if run.channel_access_token in text} == {
        "chat",
        "notify",
        "simulator",
    }
    assert {name for name, text in knows.items() if run.postgres_dsn in text} == {"analytics"}
    assert {name for name in knows if "NAMJAI_IDENTITY_KEY" in told(stack, name)} == {"gateway"}
    assert {name for name in knows if "NAMJAI_MEDIA_SECRET" in told(stack, name)} == {"chat", "gateway"}


def test_no_secret_is_on_a_command_line(stack: Stack) -> None:
    run = stack.run()
    lines = " ".join(part for stage in stack.stages for child in stage.children for part in child.argv)
    passwords = [run.nats_url.partition("@")[0].rpartition(":")[2], run.redis_url.partition("@")[0].rpartition(":")[2]]
    for secret in (run.channel_secret, run.channel_access_token, *passwords):
        assert secret not in lines


def test_the_second_replica_has_its_own_name_and_ports(stack: Stack) -> None:
    run = stack.run()
    assert list(run.services) == ["gateway", "risk", "chat", "chat-2", "notify", "analytics"]
    assert len({service.health_url for service in run.services.values()}) == 6


def test_staff_phones_of_the_simulator_are_told_of_alerts(stack: Stack) -> None:
    staff = json.loads(told(stack, "notify")["NAMJAI_STAFF"])
    assert [one["level"] for one in staff] == [1, 2]


def test_several_nats_servers_are_told_to_everybody_and_each_stream_is_kept_three_times(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    stack = Stack(home, Options(nats_nodes=3))
    urls = told(stack, "chat")["NAMJAI_NATS_URL"].split(",")
    assert len(urls) == len(set(urls)) == 3
    assert told(stack, "provision")["NAMJAI_STREAM_REPLICAS"] == "3"
    assert list(stack.run().nats_monitor_urls) == ["nats", "nats-2", "nats-3"]


def test_a_home_keeps_its_number_of_nats_servers(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    for n in range(3):
        (home.nats_cluster / str(n + 1)).mkdir(parents=True)
    assert len(Stack(home, Options()).nats) == 3
    with pytest.raises(ChildFailed, match="3 NATS"):
        Stack(home, Options(nats_nodes=1))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (["chat=3"], {"chat": 3}),
        (["chat=3,gateway=2", "risk=1"], {"chat": 3, "gateway": 2, "risk": 1}),
        (["2"], dict.fromkeys(SERVICES, 2)),
        (["2", "chat=3"], dict.fromkeys(SERVICES, 2) | {"chat": 3}),
    ],
)
def test_numbers_of_processes_are_said_by_service_or_for_all(said: list[str], meant: dict[str, int]) -> None:
    assert replicas(said) == meant


@pytest.mark.parametrize("wrong", ["chat", "chat=", "chat=0", "chat=17", "nobody=1", "=1", "chat=-1", ""])
def test_what_is_no_number_of_processes_is_refused(wrong: str) -> None:
    with pytest.raises(typer.Exit):
        replicas([wrong])
