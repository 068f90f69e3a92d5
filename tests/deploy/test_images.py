"""The images: a recipe that the linter finds nothing in, the pinned versions by hash, and a list of what is inside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.rendered import IMAGES, OVERLAYS, ROOT, rendered

DOCKER = ROOT / "deploy" / "docker"
BIN = Path(sys.executable).parent
MEND = "run: python -m namjai.devkit.lock --images"


def test_the_linter_finds_nothing() -> None:
    done = subprocess.run([BIN / "hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_everything_is_installed_by_hash_and_nothing_is_compiled() -> None:
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip (?:install|sync) [^&\n]*", text)
    assert len(installs) == 3
    for each in installs:
        by_hash = "--require-hashes" in each and "--only-binary :all:" in each
        our_own_wheels = "--no-index" in each and "--no-deps" in each
        assert by_hash or our_own_wheels, each
    assert not re.search(r"\bapt(-get)?\b|\bgcc\b|build-essential", text)


def test_the_user_of_the_image_is_the_one_of_the_pods() -> None:
    user, group = re.findall(r"^USER (\d+):(\d+)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)[-1]
    for pod in rendered("production").pods:
        if pod.service["image"].rpartition("/")[2].startswith("namjai-"):
            assert pod.spec["securityContext"]["runAsUser"] == int(user)
            assert pod.spec["securityContext"]["runAsGroup"] == int(group)


def test_no_image_is_named_by_a_host() -> None:
    """Where images come from is the business of who installs, and of nobody else."""
    (base,) = re.findall(r"^ARG BASE=(\S+)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    images = {each["image"] for name in OVERLAYS for pod in rendered(name).pods for each in pod.containers}
    for image in (base, *images):
        first, slash, _ = image.partition("/")
        assert not (slash and re.search(r"[.:]|^localhost$", first)), image


@pytest.mark.parametrize("image", [*IMAGES, "build"])
def test_a_list_has_a_hash_for_everything_and_names_no_host(image: str) -> None:
    text = _list(image)
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "an option, such as the address of an index"
    for each in re.split(r"\n(?=\S)", text.split("\n", 1)[1].strip()):
        assert "==" in each, each
        assert "--hash=sha256:" in each, each


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_gets_the_pinned_versions_of_what_its_program_asks_for(image: str) -> None:
    listed = _versions(image)
    assert listed <= _pins(), MEND
    (its_own,) = ROOT.glob(f"*/{image}/pyproject.toml")
    members = [ROOT / "libs" / "events" / "pyproject.toml", ROOT / "libs" / "runtime" / "pyproject.toml", its_own]
    lines = [line for member in members for line in _asked_for(_toml(member)["project"])]
    wanted = {canonicalize_name(Requirement(line).name) for line in lines}
    assert {name for name in wanted if not name.startswith("namjai-")} <= {name for name, _ in listed}, MEND


def test_the_gateway_can_neither_read_a_film_nor_load_a_classifier() -> None:
    """What faces the internet has the least in it: that is what five images are for (ADR-20)."""
    assert not {"av", "pillow", "numpy", "google-genai", "asyncpg"} & {name for name, _ in _versions("gateway")}


def test_what_is_in_an_image_is_listed_for_those_who_look_for_weaknesses(tmp_path: Path) -> None:
    listing, requirements = tmp_path / "gateway.cdx.json", DOCKER / "requirements" / "gateway.txt"
    command = f"{BIN}/cyclonedx-py requirements {requirements} --no-validate --output-file {listing}"
    subprocess.run(command.split(), check=True, capture_output=True, timeout=60)
    components = json.loads(listing.read_text())["components"]
    assert {each["name"] for each in components} == {name for name, _ in _versions("gateway")}
    assert all(each["purl"].startswith("pkg:pypi/") for each in components)


def _list(image: str) -> str:
    return (DOCKER / "requirements" / f"{image}.txt").read_text(encoding="utf-8")


def _versions(image: str) -> set[tuple[str, str]]:
    """Names and versions that are listed; one name may have two, each for some Pythons."""
    return _named(re.findall(r"^(\S[^\\\n]*==[^\\\n]*)", _list(image), re.MULTILINE))


@cache
def _pins() -> set[tuple[str, str]]:
    return _named(_toml(ROOT / "pyproject.toml")["tool"]["uv"]["constraint-dependencies"])


def _named(lines: Iterable[str]) -> set[tuple[str, str]]:
    pins = [Requirement(line.strip()) for line in lines]
    return {(canonicalize_name(each.name), str(each.specifier).removeprefix("==")) for each in pins}


def _asked_for(project: dict[str, Any]) -> list[str]:
    """With its extras: an image has them all."""
    extras = project.get("optional-dependencies", {}).values()
    return [*project["dependencies"], *(line for lines in extras for line in lines)]


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
