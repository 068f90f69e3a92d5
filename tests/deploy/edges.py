"""Who may call whom, worked out from the network policies as a cluster's network does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.deploy.rendered import Manifest, Pod, Rendered

INTERNET = "0.0.0.0/0"


@dataclass(frozen=True, order=True)
class Edge:
    """A connection that is allowed."""

    caller: str
    called: str
    port: int


def edges(overlay: Rendered) -> set[Edge]:
    """All of them. Between pods of ours both sides must allow it; outside our namespace only our side is known."""
    policies = overlay.of("NetworkPolicy")
    allowed = set()
    for pod in overlay.pods:
        for rule in _rules(policies, pod, "egress"):
            for peer in rule["to"]:
                for port in _ports(rule):
                    if (outside := _outside(peer)) is not None:
                        allowed.add(Edge(pod.app, outside, port))
                    for called in overlay.pods:
                        if _is(peer, called) and port in _open_ports(policies, pod, called):
                            allowed.add(Edge(pod.app, called.app, port))
        for rule in _rules(policies, pod, "ingress"):
            for peer in rule["from"]:
                if (outside := _outside(peer)) is not None:
                    allowed |= {Edge(outside, pod.app, port) for port in _ports(rule)}
    return allowed


def half_open(overlay: Rendered) -> set[Edge]:
    """Edges between pods of ours that one side allows and the other does not: somebody forgot something."""
    policies = overlay.of("NetworkPolicy")
    said = set()
    for pod in overlay.pods:
        for other in overlay.pods:
            for rule in _rules(policies, pod, "egress"):
                said |= {Edge(pod.app, other.app, port) for port in _ports(rule) if _any(rule["to"], other)}
            for rule in _rules(policies, pod, "ingress"):
                said |= {Edge(other.app, pod.app, port) for port in _ports(rule) if _any(rule["from"], other)}
    return said - edges(overlay)


def idle(overlay: Rendered) -> set[str]:
    """Policies that say something about nobody."""
    return {
        policy["metadata"]["name"]
        for policy in overlay.of("NetworkPolicy")
        if not any(_selects(policy["spec"]["podSelector"], pod.labels) for pod in overlay.pods)
    }


def _open_ports(policies: Sequence[Manifest], caller: Pod, called: Pod) -> set[int]:
    return {port for rule in _rules(policies, called, "ingress") if _any(rule["from"], caller) for port in _ports(rule)}


def _rules(policies: Sequence[Manifest], pod: Pod, direction: str) -> Iterator[Manifest]:
    for policy in policies:
        spec = policy["spec"]
        if direction.capitalize() in spec["policyTypes"] and _selects(spec["podSelector"], pod.labels):
            yield from spec.get(direction, ())


def _ports(rule: Manifest) -> set[int]:
    return {int(each["port"]) for each in rule["ports"]}


def _any(peers: Sequence[Manifest], pod: Pod) -> bool:
    return any(_is(peer, pod) for peer in peers)


def _is(peer: Manifest, pod: Pod) -> bool:
    """Whether this peer is a pod of our own namespace."""
    return peer.keys() == {"podSelector"} and _selects(peer["podSelector"], pod.labels)


def _outside(peer: Manifest) -> str | None:
    if "ipBlock" in peer:
        cidr = str(peer["ipBlock"]["cidr"])
        return INTERNET if cidr == "::/0" else cidr
    if "namespaceSelector" in peer:
        (namespace,) = peer["namespaceSelector"]["matchLabels"].values()
        return str(namespace)
    return None


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for each in selector.get("matchExpressions", ()):
        assert each["operator"] == "In", "the only operator that is used, and that this understands"
        if labels.get(each["key"]) not in each["values"]:
            return False
    return True
