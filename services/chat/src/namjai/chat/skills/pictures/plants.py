"""The table of plants, their stages, what may ail them and what to do: shipped, or the clinic's or co-op's own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from io import StringIO
from pathlib import Path
from typing import Annotated, Final

import msgspec

from namjai.chat.content import LANGUAGES, Language, load
from namjai.chat.content.words import fold

FILE_BYTES_MAX: Final = 2_000_000
PLANTS_MAX: Final = 12
"""As many as fit under a question as buttons."""
STAGES_MAX: Final = 8
DISEASES_MAX: Final = 30
ANY: Final = "*"
"""A row for every stage, or for a plant without a disease in the table."""

Id = Annotated[str, msgspec.Meta(pattern=r"\A(?:[a-z0-9_-]{1,40}|\*)\Z")]
Texts = dict[Language, str]


class BadPlants(ValueError):
    """The clinic's own table cannot be used; the message says why."""


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plant, a stage or a disease; `words` are other names that people use."""

    names: Texts
    words: tuple[str, ...] = ()


class Advice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row: what to do, and what the co-op sells for it. A row with a stage goes before one for every stage."""

    plant: Id
    disease: Id = ANY
    stage: Id = ANY
    advice: Texts
    product: Texts = msgspec.field(default_factory=dict)
    verified: bool = False
    """Whether somebody who knows, named in `source`, has checked this row."""
    source: str = ""


class Plant(Named, frozen=True, forbid_unknown_fields=True):
    """One crop."""

    stages: dict[str, Named] = msgspec.field(default_factory=dict)
    diseases: dict[str, Named] = msgspec.field(default_factory=dict)


class Plants(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The whole table."""

    plants: dict[str, Plant]
    advice: tuple[Advice, ...]
    general: Texts
    """For a plant or a disease that is not in it."""

    @cached_property
    def listed(self) -> str:
        """As the model is told: ids with their English names."""
        return "\n".join(
            f"  {name} ({plant.names['en']}): stages {_ids(plant.stages)}; diseases {_ids(plant.diseases)}"
            for name, plant in self.plants.items()
        )

    def plant_in(self, said: str) -> str | None:
        """The plant that words name, by id or by a name in any language."""
        return _meant(said, self.plants)

    def stage_in(self, plant: str, said: str) -> str | None:
        """The stage of a plant that words name."""
        return _meant(said, self.plants[plant].stages) if plant in self.plants else None

    def disease_in(self, plant: str, said: str) -> str | None:
        """The disease of a plant that a guess names."""
        return _meant(said, self.plants[plant].diseases) if plant in self.plants else None

    def row(self, plant: str, disease: str | None, stage: str | None) -> Advice | None:
        """What to do: the row that fits best; None where there is none for this plant."""
        fitting = [
            each
            for each in self.advice
            if each.plant == plant and each.disease in (disease or ANY, ANY) and each.stage in (stage or ANY, ANY)
        ]
        return max(fitting, key=lambda each: (each.disease != ANY, each.stage != ANY), default=None)


@lru_cache(maxsize=1)
def shipped() -> Plants:
    """The table that comes along: a few crops, general and careful advice, checked by nobody."""
    return _checked(load("namjai.chat.skills.pictures", "plants.yaml", Plants), "plants.yaml")


def read(file: Path) -> Plants:
    """A clinic's or co-op's own table: YAML as the shipped one, or CSV from a spreadsheet. Raises `BadPlants`."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise BadPlants(f"{file} is larger than {FILE_BYTES_MAX} bytes")
        data = file.read_bytes()
        if file.suffix.lower() == ".csv":
            return _checked(_from_csv(data.decode("utf-8-sig")), str(file))
        return _checked(msgspec.yaml.decode(data, type=Plants), str(file))
    except (OSError, UnicodeError, csv.Error, msgspec.MsgspecError) as wrong:
        raise BadPlants(f"{file}: {wrong}") from None


def _from_csv(text: str) -> Plants:
    """One row an advice: `plant`, `disease`, `stage` are ids (empty: any), the names and texts stand beside them in
    columns such as `plant_th`, `disease_en`, `advice_zh-TW`, `product_th`; `verified` is yes or no."""
    plants: dict[str, Plant] = {}
    rows: list[Advice] = []
    for number, row in enumerate(csv.DictReader(StringIO(text), strict=True), start=2):
        cells = {name: (value or "").strip() for name, value in row.items() if name and isinstance(value, str | None)}
        ids = {name: cells.get(name, "") or ANY for name in ("plant", "disease", "stage")}
        if ids["plant"] == ANY:
            raise BadPlants(f"line {number} names no plant")
        plant = plants.setdefault(ids["plant"], Plant(names=_texts(cells, "plant")))
        for name, known in (("stage", plant.stages), ("disease", plant.diseases)):
            if ids[name] != ANY:
                known.setdefault(ids[name], Named(names=_texts(cells, name)))
        made = {**ids, "advice": _texts(cells, "advice"), "product": _texts(cells, "product")}
        checked = {"verified": cells.get("verified", "").lower() in ("yes", "true", "1"), "source": cells.get("source")}
        rows.append(msgspec.convert({**made, **checked, "source": checked["source"] or ""}, Advice))
    return Plants(plants=plants, advice=tuple(rows), general=shipped().general)


def _texts(cells: Mapping[str, str], name: str) -> Texts:
    return {language: cells[f"{name}_{language}"] for language in LANGUAGES if cells.get(f"{name}_{language}")}


def _checked(table: Plants, file: str) -> Plants:
    """Raises `BadPlants`: a gap is found when the service starts, and by nobody who waits for advice."""
    for problem in _problems(table):
        raise BadPlants(f"{file}: {problem}")
    return table


def _problems(table: Plants) -> Iterable[str]:
    if not 1 <= len(table.plants) <= PLANTS_MAX:
        yield f"{len(table.plants)} plants; 1 to {PLANTS_MAX} fit under a question"
    yield from _gaps("general", table.general)
    for name, plant in table.plants.items():
        yield from _gaps(name, plant.names)
        if len(plant.stages) > STAGES_MAX or len(plant.diseases) > DISEASES_MAX:
            yield f"{name} has more than {STAGES_MAX} stages or {DISEASES_MAX} diseases"
        for part, named in (*plant.stages.items(), *plant.diseases.items()):
            yield from _gaps(f"{name}: {part}", named.names)
    for row in table.advice:
        if (grown := table.plants.get(row.plant)) is None:
            yield f"advice for {row.plant}, which is no plant of the table"
        elif row.disease not in (ANY, *grown.diseases) or row.stage not in (ANY, *grown.stages):
            yield f"advice for {row.plant}, {row.disease}, {row.stage}, which are not in the table"
        yield from _gaps(f"advice for {row.plant}, {row.disease}", row.advice)
        if row.product:
            yield from _gaps(f"product for {row.plant}, {row.disease}", row.product)


def _gaps(what: str, texts: Texts) -> Iterable[str]:
    missing = [language for language in LANGUAGES if not texts.get(language, "").strip()]
    if missing:
        yield f"{what} has no words in {', '.join(missing)}"


def _ids(named: Mapping[str, Named]) -> str:
    return ", ".join(f"{name} ({each.names['en']})" for name, each in named.items()) or "none"


def _meant(said: str, among: Mapping[str, Named]) -> str | None:
    """Exactly one of them, by its whole name, or by a name that stands in what was said."""
    typed = fold(said).strip(" .!?。！？～~…")
    if not typed:
        return None
    known = {name: [fold(word) for word in (name, *each.names.values(), *each.words)] for name, each in among.items()}
    whole = [name for name, words in known.items() if typed in words]
    within = whole or [name for name, words in known.items() if any(_stands_in(word, typed) for word in words)]
    return within[0] if len(within) == 1 else None


def _stands_in(word: str, typed: str) -> bool:
    """A Latin word as a word, one of Thai or Chinese anywhere: they write no spaces."""
    return f" {word} " in f" {typed} " if word.isascii() else word in typed
