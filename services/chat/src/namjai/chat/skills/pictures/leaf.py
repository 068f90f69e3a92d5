"""From a picture of a plant to advice: the plant, its stage, what it may have, and the row of the table for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from namjai.chat.domain.doing import do
from namjai.chat.domain.faults import fault
from namjai.chat.domain.messages import Action
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.pictures.medicine import NAME
from namjai.chat.skills.pictures.plants import ANY, Plants
from namjai.chat.skills.pictures.reading import Confidence, Guess, Reading, Visible
from namjai.chat.skills.pictures.texts import texts

Slot = Literal["plant", "stage"]
OTHER: Final = "other"
"""A plant that is not in the table."""
_NOTHING: Final = Visible()
_SURE: Final[dict[str, Confidence]] = {"l": "likely", "p": "possible", "u": "unsure"}


class Leaf(msgspec.Struct, frozen=True):
    """What is gathered about one picture; the picture itself is kept nowhere."""

    plant: str = ""
    stage: str = ""
    guesses: tuple[Guess, ...] = ()
    visible: Visible = _NOTHING

    @property
    def slots(self) -> dict[str, Any]:
        """As a flow keeps it."""
        kept: dict[str, Any] = msgspec.to_builtins(self)
        return kept

    @property
    def code(self) -> str:
        """The guesses, short enough for a button."""
        return ".".join(f"{each.confidence[0]}-{each.disease}" for each in self.guesses)[:120]


def leaf_of(reading: Reading, plants: Plants) -> Leaf:
    """As far as the model's guesses are in the table; what is not is asked."""
    plant = plants.plant_in(reading.plant) or ""
    stage = plants.stage_in(plant, reading.stage) or ""
    return Leaf(plant, stage, reading.diseases, reading.visible)


def leaf_kept(slots: Mapping[str, Any]) -> Leaf:
    """As a flow had kept it; what an older release kept in another way is asked again."""
    try:
        return msgspec.convert(dict(slots), Leaf)
    except msgspec.ValidationError:
        return Leaf()


def leaf_coded(plant: str, code: str) -> Leaf:
    """As a button had it."""
    pairs = [part.partition("-") for part in code.split(".")]
    guesses = tuple(Guess(disease, _SURE[sure]) for sure, _, disease in pairs if sure in _SURE and disease)
    return Leaf(plant, "", guesses[:3])


def missing(leaf: Leaf, plants: Plants) -> Slot | None:
    """What is to be asked next."""
    if leaf.plant == OTHER:
        return None
    if leaf.plant not in plants.plants:
        return "plant"
    stages = plants.plants[leaf.plant].stages
    return "stage" if stages and leaf.stage not in (ANY, *stages) else None


def filled(leaf: Leaf, slot: Slot, value: str) -> Leaf:
    """With an answer; another plant has other stages."""
    changed = {"plant": value, "stage": ""} if slot == "plant" else {"stage": value}
    return msgspec.structs.replace(leaf, **changed)


def value_in(said: str, slot: Slot, leaf: Leaf, plants: Plants, visit: Visit) -> str | None:
    """The answer in typed words, if it is one of those that can be."""
    labels = texts(visit.view.language).labels
    if slot == "plant":
        return OTHER if said.strip() == labels["other_plant"] else plants.plant_in(said)
    return ANY if said.strip() == labels["dont_know"] else plants.stage_in(leaf.plant, said)


def can_be(value: str, slot: Slot, leaf: Leaf, plants: Plants) -> bool:
    """Whether a button's value is one of those that can be: the table may have changed since."""
    if slot == "plant":
        return value == OTHER or value in plants.plants
    return value == ANY or (leaf.plant in plants.plants and value in plants.plants[leaf.plant].stages)


def question(slot: Slot, leaf: Leaf, plants: Plants, visit: Visit) -> tuple[str, list[Action]]:
    """The question for a slot, with a button for each answer."""
    words, language = texts(visit.view.language), visit.view.language
    if slot == "plant":
        buttons = [do(plant.names[language], NAME, "plant", id=each) for each, plant in plants.plants.items()]
        return words.ask_plant, [*buttons, do(words.labels["other_plant"], NAME, "plant", id=OTHER)]
    plant = plants.plants[leaf.plant]
    buttons = [do(stage.names[language], NAME, "stage", id=each) for each, stage in plant.stages.items()]
    ask = words.ask_stage.format(plant=plant.names[language])
    return ask, [*buttons, do(words.labels["dont_know"], NAME, "stage", id=ANY)]


def advised(leaf: Leaf, plants: Plants, visit: Visit) -> str:
    """What it looks like, and what helps. Only the table's own words, but for one sentence of what is seen."""
    words, language = texts(visit.view.language), visit.view.language
    seen = leaf.visible.told(language)
    looks = [words.visible.format(visible=seen)] if seen and fault(seen, language, "document") is None else []
    if leaf.plant not in plants.plants:
        return "\n\n".join([*looks, words.not_listed, plants.general[language], words.unverified])
    plant = plants.plants[leaf.plant]
    stage = plant.stages.get(leaf.stage)
    name = plant.names[language]
    at = words.at_stage.format(plant=name, stage=stage.names[language]) if stage else name
    known = [(found, each) for each in leaf.guesses if (found := plants.disease_in(leaf.plant, each.disease))]
    guesses = [
        words.guess[each.confidence].format(disease=plant.diseases[found].names[language]) for found, each in known
    ]
    row = plants.row(leaf.plant, known[0][0] if known else None, leaf.stage if stage else None)
    said = [words.plant_is.format(plant=at), *looks, *(guesses or ([] if leaf.guesses else [words.healthy]))]
    said.append(words.advice.format(advice=row.advice[language] if row else plants.general[language]))
    if row is not None and row.product.get(language):
        said.append(words.product.format(product=row.product[language]))
    checked = row is not None and row.verified and row.source
    said.append(words.verified.format(source=row.source) if row is not None and checked else words.unverified)
    return "\n\n".join(said)


def corrections(leaf: Leaf, plants: Plants, visit: Visit) -> list[Action]:
    """Under an answer: it may be another plant, or further grown."""
    words = texts(visit.view.language)
    buttons = [do(words.labels["other_plant"], NAME, "correct", slot="plant", d=leaf.code)]
    if leaf.plant in plants.plants and plants.plants[leaf.plant].stages:
        buttons.append(do(words.labels["other_stage"], NAME, "correct", slot="stage", p=leaf.plant, d=leaf.code))
    return buttons
