"""The forms that a clinic has: those in `forms/`, with what the clinic's own directory says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.skills.instruments.definition import (
    Definition,
    Group,
    Item,
    Option,
    Wording,
    Words,
    faults,
    unfolded,
)

PACKAGE: Final = "namjai.chat.skills.instruments"
FORMS: Final = (
    "phq-9",
    "gad-7",
    "audit-c",
    "dast-10",
    "assist",
    "asq",
    "bsrs-5",
    "2q",
    "9q",
    "8q",
    "c-ssrs",
)
"""In the order of docs/instruments.md."""
_VERSION: Final = re.compile(r"[A-Za-z0-9.-]{1,40}")
"""It goes into the data of every button."""
OWN_FILE_BYTES_MAX: Final = 256 * 1_024


class BadForm(Exception):
    """A file of the clinic's directory cannot be used; the words say which one and why."""


class Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a clinic says about a form in `<directory>/<form>.yaml`. All but the id may be left out.

    Words may only be given together with a version of their own, a source, and for each language where they are from.
    """

    id: str
    offered: bool = True
    cutoff: int | None = None
    version: str | None = None
    source: str | None = None
    wording: dict[Language, Wording] = {}
    stem: Words = {}
    items: dict[int, Words] = {}
    """By the publisher's item number: the question's, where it is asked about every substance."""
    options: dict[str, dict[int, Words]] = {}


@dataclass(frozen=True)
class Library:
    """Forms by id, and what the clinic decided about them."""

    forms: Mapping[str, Definition]
    cutoffs: Mapping[str, int]
    withheld: frozenset[str] = frozenset()

    def offered(self, language: Language) -> tuple[Definition, ...]:
        """The forms that can be filled in in this language, those first that were made in it."""
        able = [form for form in self.forms.values() if form.speaks(language) and form.id not in self.withheld]
        return tuple(sorted(able, key=lambda form: (form.first_in != language, list(self.forms).index(form.id))))

    def get(self, name: str, language: Language) -> Definition | None:
        """A form that is offered in this language."""
        return next((form for form in self.offered(language) if form.id == name), None)


@lru_cache(maxsize=4)
def library(directory: Path | None = None) -> Library:
    """Ours, with what `directory` adds. Raises `BadForm`: a mistake stops a start and not a conversation."""
    ours = _ours()
    owns = dict(_owns(directory)) if directory is not None else {}
    if unknown := owns.keys() - ours.keys():
        raise BadForm(f"no such form: {', '.join(sorted(unknown))}")
    forms = {name: _checked(unfolded(_with_own(form, owns.get(name)))) for name, form in ours.items()}
    cutoffs = {name: _cutoff(forms[name], own) for name, own in owns.items() if own.cutoff is not None}
    return Library(forms, cutoffs, frozenset(name for name, own in owns.items() if not own.offered))


def _ours() -> dict[str, Definition]:
    folder = resources.files(PACKAGE).joinpath("forms")
    read = (msgspec.yaml.decode(folder.joinpath(f"{name}.yaml").read_bytes(), type=Definition) for name in FORMS)
    return {form.id: form for form in read}


def _owns(directory: Path) -> Iterator[tuple[str, Own]]:
    if not directory.is_dir():
        raise BadForm("the directory of the clinic's forms is not there")
    for path in sorted(directory.glob("*.yaml")):
        if path.stat().st_size > OWN_FILE_BYTES_MAX:
            raise BadForm(f"{path.name} is larger than {OWN_FILE_BYTES_MAX} bytes")
        try:
            own = msgspec.yaml.decode(path.read_bytes(), type=Own)
        except msgspec.MsgspecError as error:
            raise BadForm(f"{path.name}: {error}") from None
        if own.id != path.stem:
            raise BadForm(f"{path.name} is about {own.id}")
        yield own.id, own


def _checked(form: Definition) -> Definition:
    if wrong := faults(form):
        raise BadForm(f"{form.id}: {'; '.join(wrong)}")
    return form


def _cutoff(form: Definition, own: Own) -> int:
    """A clinic's cut-off stays inside the form's range, and is for forms that have one."""
    most = form.scoring.max or 0
    if form.scoring.cutoff is None or own.cutoff is None or not 1 <= own.cutoff <= most:
        raise BadForm(f"{form.id}: a cut-off of {own.cutoff}")
    return own.cutoff


def _with_own(form: Definition, own: Own | None) -> Definition:
    """The form in the clinic's words, as far as it gave any."""
    if own is None or not (own.items or own.options or own.stem or own.wording):
        return form
    if own.version is None or own.source is None or not own.wording:
        raise BadForm(f"{form.id}: words need a version, a source, and for each language where they are from")
    if _VERSION.fullmatch(own.version) is None or own.version == form.version:
        raise BadForm(f"{form.id}: a version is at most 40 letters, digits, dots and dashes, and not ours")
    if unknown := own.items.keys() - {item.number for item in form.items}:
        raise BadForm(f"{form.id}: no item {', '.join(map(str, sorted(unknown)))}")
    if unknown_options := own.options.keys() - form.options.keys():
        raise BadForm(f"{form.id}: no options {', '.join(sorted(unknown_options))}")
    for language in LANGUAGES:
        owned = form.wording[language].kind == "owner" and language in own.wording
        if owned and any(language not in own.items.get(item.number, {}) for item in form.items):
            raise BadForm(f"{form.id}: the wording in {language} is not complete")
    return msgspec.structs.replace(
        form,
        version=own.version,
        source=own.source,
        wording={**form.wording, **own.wording},
        stem={**form.stem, **own.stem},
        items=tuple(_reworded(item, own) for item in form.items),
        options={name: _relabelled(options, own.options.get(name, {})) for name, options in form.options.items()},
    )


def _reworded(item: Item, own: Own) -> Item:
    return msgspec.structs.replace(item, text={**item.text, **own.items.get(item.number, {})})


def _relabelled(options: tuple[Option, ...], own: Mapping[int, Words]) -> tuple[Option, ...]:
    return tuple(Option(each.value, {**each.label, **own.get(each.value, {})}) for each in options)


def group_of(form: Definition, item: Item) -> Group | None:
    """The substance that an item is about."""
    return next((group for group in form.groups if group.id == item.group), None)
