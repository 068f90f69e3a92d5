"""The network allows exactly what is needed. Read the lists here when somebody asks who can call whom."""

from __future__ import annotations

import re

import pytest

from tests.deploy.edges import INTERNET, Edge, edges, half_open, idle
from tests.deploy.rendered import OVERLAYS, ROOT, SERVICES, rendered

JOBS = ("provision", "verify", "retention", "backup", "restore")
"""These work on the log and on tables."""
PICTURE = ROOT / "docs" / "operations" / "cluster.md"
EVERYWHERE = {
    *(Edge(caller, "nats", 4222) for caller in (*SERVICES, *JOBS, "rehearse", "rotation")),
    Edge("nats", "nats", 6222),
    Edge("chat", "valkey", 6379),
    Edge("chat", INTERNET, 443),  # content from LINE, and a model where there is one
    Edge("notify", INTERNET, 443),  # LINE, and webhooks of staff
    Edge("notify", INTERNET, 465),
    Edge("notify", INTERNET, 587),
    Edge("menus", INTERNET, 443),
    *(Edge(caller, INTERNET, 443) for caller in ("backup", "rehearse", "restore")),  # the store of backups
}
OWN_POSTGRES = {Edge(caller, "postgres", 5432) for caller in ("analytics", *JOBS)}
MANAGED_POSTGRES = {Edge(caller, "10.0.0.0/8", 5432) for caller in ("analytics", *JOBS)}
FROM_OUTSIDE = {Edge("ingress-nginx", "gateway", 8080)}
OPTIONAL = {
    *(Edge("monitoring", service, 9464) for service in SERVICES),
    *(Edge(service, "monitoring", 4318) for service in SERVICES),
    Edge("keda", "nats", 8222),
    Edge("monitoring", "nats", 7777),
    Edge("chat", "10.0.0.0/8", 6379),  # a managed Redis
    Edge("chat", "10.0.0.0/8", 26379),  # and its sentinels
    Edge("risk", INTERNET, 443),  # a second opinion of a model
}
ALLOWED = {
    "local": EVERYWHERE | OWN_POSTGRES,
    "staging": EVERYWHERE | OWN_POSTGRES | FROM_OUTSIDE,
    "production": EVERYWHERE | MANAGED_POSTGRES | FROM_OUTSIDE,
    "everything": EVERYWHERE | MANAGED_POSTGRES | FROM_OUTSIDE | OPTIONAL,
}


@pytest.mark.parametrize("name", OVERLAYS)
def test_nothing_is_allowed_by_default(name: str) -> None:
    deny = rendered(name).named("NetworkPolicy", "default-deny")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("name", OVERLAYS)
def test_exactly_the_needed_connections_are_allowed(name: str) -> None:
    dns = {Edge(pod.app, "kube-system", 53) for pod in rendered(name).pods}
    assert edges(rendered(name)) == ALLOWED[name] | dns


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_connection_is_allowed_on_one_side_only(name: str) -> None:
    assert half_open(rendered(name)) == set()


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_policy_is_about_nobody(name: str) -> None:
    assert idle(rendered(name)) == set()


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_internet_is_never_the_clusters_own_network(name: str) -> None:
    for policy in rendered(name).of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", ()):
            for block in (peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer):
                if block["cidr"] == "0.0.0.0/0":
                    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(block["except"])
                elif block["cidr"] == "::/0":
                    assert {"fc00::/7", "fe80::/10"} <= set(block["except"])


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_port_that_is_called_is_one_that_its_pod_opens(name: str) -> None:
    overlay = rendered(name)
    open_ports = {
        (pod.app, port["containerPort"])
        for pod in overlay.pods
        for container in pod.containers
        for port in container.get("ports", ())
    }
    ours = {pod.app for pod in overlay.pods}
    assert {(edge.called, edge.port) for edge in edges(overlay) if edge.called in ours} <= open_ports


def test_the_picture_of_the_cluster_shows_exactly_the_connections_of_production() -> None:
    arrows = re.findall(r"^  ([\w-]+)\S*(?: × \d\S*)? -->\|(\d+)\| ([\w-]+)", PICTURE.read_text(), re.MULTILINE)
    known = {"internet": INTERNET, "postgres": "10.0.0.0/8"}
    assert {Edge(caller, known.get(called, called), int(port)) for caller, port, called in arrows} == ALLOWED[
        "production"
    ]
