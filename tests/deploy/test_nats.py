"""NATS is configured with the permissions as they are now, and a real server runs on it, with TLS and passwords."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import nats.errors
import pytest
from nats.aio.client import Client

from namjai.devkit.child import Child
from namjai.devkit.embedded.nats import MAX_PAYLOAD_BYTES, nats_binary
from namjai.devkit.embedded.ports import free_port
from namjai.devkit.probe import http_ok
from namjai.runtime.bus import connect
from namjai.runtime.provision import MEDIA_BYTES_MAX, STREAMS, provision
from namjai.runtime.provisioned import note
from tests.deploy.rendered import K8S, OVERLAYS, Manifest, rendered, trial_secrets

ELECTION_S = 20
"""An election takes a second or two; a busy machine takes longer."""
GIGABYTES = {"GB": 2**30, "Gi": 2**30}
NATS = K8S / "infrastructure" / "nats"


def test_users_are_as_the_permissions_say() -> None:
    subprocess.run([sys.executable, NATS / "users.py", "--check"], check=True, timeout=60)


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_disk_is_larger_than_the_store_and_the_store_than_what_the_streams_reserve(name: str) -> None:
    stateful_set = rendered(name).named("StatefulSet", "nats")
    (claim,) = stateful_set["spec"]["volumeClaimTemplates"]
    disk = _bytes(claim["spec"]["resources"]["requests"]["storage"])
    store = _bytes(rendered(name).environment(_container(stateful_set))["FILE_STORE_MAX"])
    assert MEDIA_BYTES_MAX < store < disk


@pytest.mark.parametrize("name", OVERLAYS)
def test_there_are_as_many_copies_as_servers(name: str) -> None:
    servers = rendered(name).named("StatefulSet", "nats")["spec"]["replicas"]
    (job,) = (pod for pod in rendered(name).pods if pod.app == "provision")
    assert rendered(name).environment(job.service)["NAMJAI_STREAM_REPLICAS"] == str(servers)
    routes = [line.strip() for line in _configuration(name)["cluster.conf"].splitlines() if "nats://" in line]
    assert routes == ([f"nats://nats-{n}.nats-nodes:6222" for n in range(servers)] if servers > 1 else [])


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_door_is_open_but_those_of_clients_servers_and_the_monitor(name: str) -> None:
    text = "".join(text for file, text in _configuration(name).items() if file != "users.conf")
    assert not re.search(r"websocket|leafnodes|mqtt|gateway", text)
    assert set(re.findall(r"(?:port|http_port|listen): (\S+)", text)) <= {"4222", "6222", "8222"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_two_servers_are_never_on_one_node(name: str) -> None:
    constraints = rendered(name).named("StatefulSet", "nats")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    (by_node,) = (each for each in constraints if each["topologyKey"] == "kubernetes.io/hostname")
    assert (by_node["maxSkew"], by_node["minDomains"], by_node["whenUnsatisfiable"]) == (1, 3, "DoNotSchedule")


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_server_understands_its_configuration(name: str, tmp_path: Path) -> None:
    config = _lay_out(name, tmp_path, {})
    done = subprocess.run(
        [nats_binary(), "-t", "--config", config], env=_environment(name), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr


async def test_a_server_runs_on_it_with_tls_and_everybody_may_do_what_is_theirs(tmp_path: Path) -> None:
    port, monitor = free_port(), free_port()
    config = _lay_out("local", tmp_path, {"port: 4222": f"listen: 127.0.0.1:{port}", "8222": str(monitor)})
    server = _server("nats", config, monitor, _environment("local"))
    ca_file = str(tmp_path / "tls" / "ca.crt")
    await server.start()
    try:
        admin = await _as("admin", port, ca_file)
        assert admin.max_payload == MAX_PAYLOAD_BYTES
        await provision(admin)
        await admin.close()
        risk = await _as("risk", port, ca_file)
        await risk.jetstream().publish("evt.risk.assessed.somebody", b"{}")
        with pytest.raises(nats.errors.Error):
            await risk.jetstream(timeout=0.5).publish("evt.reply.issued.somebody", b"{}")
        await risk.close()
    finally:
        await server.stop()


async def test_a_pod_of_the_gateway_starts_on_it_as_its_manifest_says(tmp_path: Path) -> None:
    port, monitor, private = free_port(), free_port(), free_port()
    config = _lay_out("local", tmp_path, {"port: 4222": f"listen: 127.0.0.1:{port}", "8222": str(monitor)})
    server = _server("nats", config, monitor, _environment("local"))
    line = tmp_path / "channel-secrets"
    line.write_text(trial_secrets()["namjai-line"]["channel-secrets"])
    here = {
        "NAMJAI_NATS_URL": f"nats://localhost:{port}",
        "NAMJAI_NATS_CA_FILE": str(tmp_path / "tls" / "ca.crt"),
        "NAMJAI_CHANNEL_SECRETS_FILE": str(line),
        "NAMJAI_PRIVATE_PORT": str(private),
        "NAMJAI_PUBLIC_PORT": "0",
    }
    (pod,) = (pod for pod in rendered("local").pods if pod.app == "gateway")
    waiting, gateway = (
        Child(
            name=container["name"],
            argv=[sys.executable, "-m", *container["args"]],
            log=tmp_path / f"{container['name']}.log",
            env={"PATH": os.environ["PATH"], **rendered("local").environment(container, trial_secrets()), **here},
            probe=partial(http_ok, private, pod.service["readinessProbe"]["httpGet"]["path"]),
        )
        for container in pod.containers
    )
    await server.start()
    try:
        admin = await _as("admin", port, here["NAMJAI_NATS_CA_FILE"])
        await provision(admin)
        await note(admin, STREAMS)
        await admin.close()
        await waiting.run_once()
        await gateway.start()
        await gateway.stop()
        assert await gateway.wait() == 0, "it ends in order when it is told to"
    finally:
        await gateway.kill()
        await server.stop()


async def test_three_servers_find_each_other_with_certificates_and_go_on_without_one(tmp_path: Path) -> None:
    clients, routes, monitors = ([free_port() for _ in range(3)] for _ in range(3))
    nodes = {f"nats-{n}.nats-nodes:6222": f"localhost:{route}" for n, route in enumerate(routes)}
    servers = []
    for n in range(3):
        home = tmp_path / f"nats-{n}"
        home.mkdir()
        ports = {
            "port: 4222": f"listen: 127.0.0.1:{clients[n]}",
            "port: 6222": f"listen: 127.0.0.1:{routes[n]}",
            "8222": str(monitors[n]),
        }
        config = _lay_out("production", home, nodes | ports)
        servers.append(_server(f"nats-{n}", config, monitors[n], _environment("production", f"nats-{n}")))
    ca_file = str(tmp_path / "nats-0" / "tls" / "ca.crt")
    try:
        await asyncio.gather(*(server.start() for server in servers))
        nc = await _as("admin", clients[0], ca_file)
        await provision(nc, 3)
        await _append(nc, "first")
        cluster = (await nc.jetstream().stream_info("EVENTS")).cluster
        assert cluster is not None
        assert cluster.replicas is not None
        assert {cluster.leader, *(peer.name for peer in cluster.replicas)} == {"nats-0", "nats-1", "nats-2"}
        await nc.close()
        lost = int(str(cluster.leader)[-1])
        await servers[lost].kill()
        nc = await _as("admin", clients[(lost + 1) % 3], ca_file)
        await _append(nc, "second")
        assert (await nc.jetstream().stream_info("EVENTS")).state.messages == 2
        await nc.close()
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def _as(user: str, port: int, ca_file: str) -> Client:
    password = trial_secrets()["namjai-nats-users"][user]
    return await connect(f"nats://localhost:{port}", name=user, user=user, password=password, ca_file=ca_file)


async def _append(nc: Client, message_id: str) -> None:
    """Try until there is a leader that takes it; it is in the log once, however often it is tried."""
    stream, subject = nc.jetstream(timeout=1), "evt.message.received.somebody"
    async with asyncio.timeout(ELECTION_S):
        while True:
            try:
                await stream.publish(subject, b"{}", headers={"Nats-Msg-Id": message_id})
            except (nats.errors.Error, TimeoutError):
                await asyncio.sleep(0.2)
            else:
                return


def _server(name: str, config: Path, monitor: int, environment: dict[str, str]) -> Child:
    return Child(
        name=name,
        argv=[str(nats_binary()), "--config", str(config)],
        log=config.parent / "nats.log",
        env=environment,
        probe=partial(http_ok, monitor, "/healthz"),
    )


def _lay_out(name: str, directory: Path, changed: dict[str, str]) -> Path:
    """The files as they are in the pod, below a directory of ours."""
    here = {"/etc/nats/": f"{directory}/", "/data": f"{directory}/data", "/run/nats/": f"{directory}/", **changed}
    for file, text in _configuration(name).items():
        for there, instead in here.items():
            text = text.replace(there, instead)
        (directory / file).write_text(text)
    (directory / "tls").mkdir()
    for file, text in trial_secrets()["namjai-nats-tls"].items():
        (directory / "tls" / file).write_text(text)
    return directory / "nats.conf"


def _configuration(name: str) -> dict[str, str]:
    (config_map,) = (each for each in rendered(name).of("ConfigMap") if each["metadata"]["name"].startswith("nats-"))
    return dict(config_map["data"])


def _environment(name: str, pod: str = "nats-0") -> dict[str, str]:
    container = _container(rendered(name).named("StatefulSet", "nats"))
    return {"PATH": os.environ["PATH"], "POD_NAME": pod, **rendered(name).environment(container, trial_secrets())}


def _container(stateful_set: Manifest) -> Manifest:
    container: Manifest = stateful_set["spec"]["template"]["spec"]["containers"][0]
    return container


def _bytes(quantity: str) -> int:
    return int(quantity[:-2]) * GIGABYTES[quantity[-2:]]
