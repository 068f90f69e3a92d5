"""The contract does not change by accident: one golden a type and version, and the documents that are made of it."""

import json
from pathlib import Path

import msgspec
import pytest

from namjai.events import Envelope, Fact, codec, docs, subjects
from namjai.events.catalogue import CATALOGUE, Catalogue, UnknownType, upcast
from tests.contract.events.samples import event

GOLDENS = Path(__file__).parent / "goldens"
DOCS = Path(__file__).parents[3] / "docs"


def test_there_is_one_golden_for_each_type_and_version() -> None:
    assert {f"{kind}.json" for kind in CATALOGUE.facts} == {path.name for path in GOLDENS.glob("*.json")}


@pytest.mark.parametrize("kind", sorted(CATALOGUE.facts))
def test_a_golden_is_read_and_written_as_it_always_was(kind: str) -> None:
    """A field added since has its default; nothing that was there before may change or be missing."""
    golden = json.loads((GOLDENS / f"{kind}.json").read_bytes())
    written = json.loads(codec.encode(codec.decode(json.dumps(golden).encode())))
    added = written["data"].keys() - golden["data"].keys()
    optional = {field.name for field in msgspec.structs.fields(CATALOGUE.facts[kind]) if not field.required}
    assert added <= optional
    assert {**written, "data": {name: written["data"][name] for name in golden["data"]}} == golden


@pytest.mark.parametrize("kind", sorted(CATALOGUE.facts))
def test_what_is_written_today_is_read_back_the_same(kind: str) -> None:
    now = event(CATALOGUE.facts[kind])
    assert codec.decode(codec.encode(now)) == now


@pytest.mark.parametrize("kind", sorted(CATALOGUE.facts))
def test_a_newer_producers_extra_field_is_no_trouble(kind: str) -> None:
    golden = json.loads((GOLDENS / f"{kind}.json").read_bytes())
    golden["data"]["added_later"] = {"anything": 1}
    golden["addedlater"] = "x"
    assert codec.decode(json.dumps(golden).encode()) == codec.decode((GOLDENS / f"{kind}.json").read_bytes())


@pytest.mark.parametrize("kind", sorted(CATALOGUE.facts))
def test_a_type_says_where_it_is_said(kind: str) -> None:
    area, fact = subjects.area_and_fact(kind)
    assert f"evt.{area}.{fact}.m0" == subjects.event(kind, "m0")


def test_an_unknown_type_says_so() -> None:
    golden = json.loads((GOLDENS / "member.paused.v1.json").read_bytes()) | {"type": "member.paused.v9"}
    with pytest.raises(UnknownType):
        codec.decode(json.dumps(golden).encode())


def test_the_documents_are_up_to_date() -> None:
    assert {name: (DOCS / name).read_text(encoding="utf-8") for name in docs.documents()} == docs.documents()


class PausedV1(Fact, frozen=True, kw_only=True):
    TYPE = "test.paused.v1"
    hours: int


class PausedV2(Fact, frozen=True, kw_only=True):
    TYPE = "test.paused.v2"
    minutes: int


class PausedV3(Fact, frozen=True, kw_only=True):
    TYPE = "test.paused.v3"
    minutes: int
    reason: str


def test_an_old_version_is_read_through_every_step_of_its_chain() -> None:
    chain = Catalogue(
        [PausedV3],
        [
            upcast(PausedV1, PausedV2, lambda old: PausedV2(minutes=old.hours * 60)),
            upcast(PausedV2, PausedV3, lambda old: PausedV3(minutes=old.minutes, reason="unknown")),
        ],
    )
    old = msgspec.structs.replace(
        event(CATALOGUE.facts["member.paused.v1"]), type=PausedV1.TYPE, data=PausedV1(hours=2)
    )
    read: Envelope[Fact] = codec.decode(codec.encode(old), chain)
    assert PausedV3(minutes=120, reason="unknown") == read.data
    assert read.type == "test.paused.v1"  # what a box is bound to does not change
