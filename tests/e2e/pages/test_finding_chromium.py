"""Where the browser comes from: the one that is there, else Debian's where we may install it, else a word of advice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.pages.conftest import FINDER

PLAIN = ("sh", "env", "timeout", "mktemp", "tail", "rm", "cp", "echo", "true")


class Machine:
    """A PATH on which there is nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in PLAIN:
            (folder / name).symlink_to(shutil.which(name) or name)

    def has(self, name: str, script: str = "") -> Path:
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    def find(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        surroundings = {"PATH": str(self.folder), **environment}
        done = subprocess.run([FINDER, *arguments], env=surroundings, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.strip(), done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_the_one_that_is_there_is_used_and_nothing_is_installed(machine: Machine, name: str) -> None:
    there = machine.has(name)
    machine.has("apt-get", "exit 1")
    assert machine.find("install") == (0, str(there), "")


def test_a_named_one_counts_alone(machine: Machine) -> None:
    machine.has("chromium")
    mine = machine.has("mine")
    assert machine.find(NAMJAI_CHROMIUM=str(mine))[:2] == (0, str(mine))
    code, found, advice = machine.find("install", NAMJAI_CHROMIUM="/nowhere/chromium")
    assert (code, found) == (1, "")
    assert "NAMJAI_CHROMIUM" in advice


def test_root_installs_debians_even_when_a_package_source_is_away(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("ready")
    installs = f"cp {machine.folder}/ready {machine.folder}/chromium"
    machine.has("apt-get", f'case "$*" in *update*) exit 100;; *install*chromium*) {installs};; esac')
    code, found, said = machine.find("install")
    assert (code, found) == (0, str(machine.folder / "chromium"))
    assert said.startswith("Installing Debian's Chromium")


def test_who_may_not_install_is_told_what_to_do(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    machine.has("apt-get", "exit 1")
    for sudo in (None, "exit 1"):
        if sudo is not None:
            machine.has("sudo", sudo)
        code, found, advice = machine.find("install")
        assert (code, found) == (1, "")
        assert "sudo apt-get install chromium" in advice


def test_sudo_without_a_password_installs_too(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    machine.has("sudo", 'shift; exec "$@"')
    machine.has("ready")
    machine.has("apt-get", f"cp {machine.folder}/ready {machine.folder}/chromium")
    assert machine.find("install")[:2] == (0, str(machine.folder / "chromium"))


def test_a_failed_installation_shows_why(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", "echo no room on this disk; exit 100")
    code, _, said = machine.find("install")
    assert code == 1
    assert "no room on this disk" in said


def test_only_finding_installs_nothing(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", f"cp {machine.folder}/id {machine.folder}/chromium")
    assert machine.find()[0] == 1
