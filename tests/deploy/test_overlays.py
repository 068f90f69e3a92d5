"""What a clinic changes in an overlay, it changes in one place: its host, where its images are, and which exactly."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.rendered import K8S, OVERLAYS, Rendered, render, rendered

HOST = "care.hospital.example"
DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The manifests as somebody has them who adapts them."""
    shutil.copytree(K8S.parent / "monitoring", tmp_path / "deploy" / "monitoring")
    return Path(shutil.copytree(K8S, tmp_path / "deploy" / "k8s"))


@pytest.mark.parametrize("name", ["local", "staging", "production"])
def test_the_host_is_named_in_one_file(copy: Path, name: str) -> None:
    file = copy / "overlays" / name / "host.yaml"
    host = yaml.safe_load(file.read_text())
    host["data"] = {"host": HOST, "sender": f"Care <care@{HOST}>"}
    file.write_text(yaml.safe_dump(host))
    texts = list(_texts(list(render(file.parent).manifests)))
    assert not [text for text in texts if "namjai.example" in text]
    assert f"https://{HOST}" in texts
    assert f"https://{HOST}/console/" in texts
    assert f"Care <care@{HOST}>" in texts
    assert (HOST in texts) is (name != "local"), "the local overlay has no ingress"


def test_the_file_of_the_host_is_not_sent_to_the_cluster() -> None:
    for name in OVERLAYS:
        assert "host" not in rendered(name).names("ConfigMap")


def test_an_overlay_can_say_where_images_are_and_which_exactly(copy: Path) -> None:
    file = copy / "overlays" / "production" / "kustomization.yaml"
    mine = yaml.safe_load(file.read_text())
    mine["images"] = [
        {"name": "namjai-chat", "newName": "images.example/namjai-chat", "digest": DIGEST},
        {"name": "nats", "digest": DIGEST},
    ]
    file.write_text(yaml.safe_dump(mine))
    changed = render(file.parent)
    assert {each for each in _images(changed) if "chat" in each} == {f"images.example/namjai-chat@{DIGEST}"}
    assert f"nats@{DIGEST}" in {each.replace(":2.15-alpine", "") for each in _images(changed)}


def test_every_door_from_outside_leads_to_the_gateway_with_a_class_and_a_certificate() -> None:
    for name in ("staging", "production", "everything"):
        (ingress,) = rendered(name).of("Ingress")
        assert ingress["spec"]["ingressClassName"]
        (tls,), (rule,) = ingress["spec"]["tls"], ingress["spec"]["rules"]
        assert tls["hosts"] == [rule["host"]]
        paths = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
        assert paths == dict.fromkeys(("/webhook/line", "/media/", "/console", "/api"), "gateway")


def _images(overlay: Rendered) -> set[str]:
    return {container["image"] for pod in overlay.pods for container in pod.containers}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
