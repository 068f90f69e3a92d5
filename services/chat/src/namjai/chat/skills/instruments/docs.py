"""Writes the forms as a document: `python -m namjai.chat.skills.instruments.docs` makes docs/instruments.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from namjai.chat.content import LANGUAGES
from namjai.chat.skills.instruments.bubbles import FORM_OPEN
from namjai.chat.skills.instruments.definition import GROUPED, Band, Definition, Test, When
from namjai.chat.skills.instruments.library import library

FILE: Final = "instruments.md"
OPENING: Final = f"""# Questionnaires

Generated from `services/chat/src/namjai/chat/skills/instruments/forms/` by `make docs`; a test compares.

Every form is a screen, not a diagnosis, and says so before its first question. Items are shown as the definition has
them; no model ever words them. A form in which something was left out has no score, which is not the same as 0. An
answer about death or self-harm above zero goes to risk at that answer, whether or not the form is ever finished. An
unfinished form can be gone on with for {FORM_OPEN.days} days.

*Scoring checked*: structure and scoring were read in a published source. *Wording*: where the words of a language come
from, and whether somebody compared them with the publisher's. Until a clinic has done that, a form says so itself.
All words round the items, what a band means in plain words, the cut-offs of DAST-10, BSRS-5 and 8Q, and the step from
PHQ-9 to ASQ where C-SSRS has no wording are drafts of ours that no clinician has reviewed.
"""
CLINIC: Final = """## What a clinic may change

Point `NAMJAI_INSTRUMENTS_DIR` to a directory with one file a form, named by its id. Everything but `id` may be left
out. A mistake stops the start of chat and says which file and why.

```yaml
# phq-9.yaml: the cut-off of the Thai study
id: phq-9
cutoff: 9
```

```yaml
# dast-10.yaml: not offered here
id: dast-10
offered: false
```

```yaml
# c-ssrs.yaml: only with its owner's words is it offered at all, in the languages that are complete
id: c-ssrs
version: screener-th-1
source: official form, received from its owner on 2026-01-15
wording:
  th: {kind: official, verified: true}
items:
  1: {th: "…"}
  2: {th: "…"}
  3: {th: "…"}
  4: {th: "…"}
  5: {th: "…"}
  6: {th: "…"}
  61: {th: "…"}   # whether the behaviour of item 6 was in the past three months
```

The words of any form can be replaced in the same way, with `stem` (what all items begin with) and `options` (labels by
set and points) beside `items`. Words need a `version` of their own, a `source`, and for each language a `wording` line.
Points, skips and bands cannot be changed: that would be another instrument.
"""


def document() -> str:
    """The whole file."""
    forms = list(library().forms.values())
    rows = [_row(form) for form in forms]
    head = "| form | asks about | items | result | positive | then | scoring checked | wording th · en · zh-TW |"
    table = [head, "|---|---|---|---|---|---|---|---|", *rows, ""]
    details = [line for form in forms for line in _details(form)]
    return "\n".join([OPENING, *table, *details, CLINIC])


def _row(form: Definition) -> str:
    wording = " · ".join(_wording(form, language) for language in LANGUAGES)
    then = "; ".join(_leads(form)) or "–"
    checked = "yes" if form.verified else "**no**"
    cells = (
        f"[{form.name['en']}](#{form.id}) `{form.version}`",
        f"{form.about['en']} ({form.recall['en']})",
        str(len({_question(form, item.number) for item in form.items})),
        _result(form),
        _positive(form),
        then,
        checked,
        wording,
    )
    return f"| {' | '.join(cells)} |"


def _wording(form: Definition, language: str) -> str:
    wording = next(each for name, each in form.wording.items() if name == language)
    return f"{wording.kind}, {'checked' if wording.verified else 'unchecked'}"


def _result(form: Definition) -> str:
    match form.scoring.method:
        case "sum":
            return f"0–{form.scoring.max}"
        case "per_group":
            limits = [f"{name} {most}" for name, most in form.scoring.max_for.items()]
            return f"0–{form.scoring.max} for each of {len(form.groups)} substances ({', '.join(limits)})"
        case "triage":
            return "a level, no sum"


def _positive(form: Definition) -> str:
    scoring = form.scoring
    if scoring.cutoff is None:
        return ", ".join(band.id for band in form.bands if band.positive)
    by_sex = ", ".join(f"{sex} ≥ {cutoff}" for sex, cutoff in scoring.cutoff_by_sex.items())
    said = f"{by_sex}, unknown ≥ {scoring.cutoff}" if by_sex else f"≥ {scoring.cutoff}"
    return f"{said}, or {_when(form, scoring.positive_when)}" if scoring.positive_when else said


def _leads(form: Definition) -> Iterator[str]:
    for lead in form.leads_to:
        yield f"{' or '.join(lead.forms)} when {_when(form, lead.when) if lead.when else 'positive'}"


def _details(form: Definition) -> list[str]:
    grave = [str(item.number) for item in form.items if item.about_death]
    skips = list(dict.fromkeys(_skips(form)))
    unscored = sorted({_question(form, item.number) for item in form.items if not item.scored})
    return [
        f'## <a id="{form.id}"></a>{form.name["en"]}',
        "",
        f"{form.licence['en']} Source: {form.source}.",
        "",
        *([form.caution["en"], ""] if form.caution else []),
        *(f"- {_band(form, band)}" for band in form.bands),
        *([f"- items about death or self-harm: {', '.join(grave)}"] if grave else []),
        *([f"- not in the score: {', '.join(map(str, unscored))}"] if unscored else []),
        *(f"- {skip}" for skip in skips),
        *(f"- flag `{flag.id}` when {_when(form, flag.when)}" for flag in form.flags),
        f"- a question may be left out: {'yes, and there is no score then' if form.skippable else 'no'}",
        "",
    ]


def _band(form: Definition, band: Band) -> str:
    if band.at_least is not None:
        others = "".join(f", {name} from {first}" for name, first in band.at_least_for.items())
        where = f"from {band.at_least}{others}"
    elif form.scoring.method == "triage":
        where = f"when {_when(form, band.when)}" if band.when else "otherwise"
    else:
        where = "from the cut-off on"
    return f"`{band.id}` {where}"


def _skips(form: Definition) -> Iterator[str]:
    for item in form.items:
        if item.when is not None:
            yield f"item {_question(form, item.number)} only when {_when(form, item.when)}"


def _when(form: Definition, when: When | None) -> str:
    if when is None:
        return ""
    some = " or ".join(dict.fromkeys(_test(form, test) for test in when.any))
    every = " and ".join(_test(form, test) for test in when.all)
    return " and ".join(part for part in (some, every) if part)


def _test(form: Definition, test: Test) -> str:
    limit = f"≤ {test.at_most}" if test.at_most is not None else f"≥ {test.at_least}"
    return f"item {_question(form, test.item)} {limit}"


def _question(form: Definition, number: int) -> int:
    """The publisher's number, also of an item that is asked about every substance."""
    return number // GROUPED if form.groups else number


def main(arguments: list[str] | None = None) -> int:
    """Write the document into a folder, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m namjai.chat.skills.instruments.docs", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the file is not up to date")
    chosen = parser.parse_args(arguments)
    path, content = chosen.folder / FILE, document()
    if not chosen.check:
        path.write_text(content, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != content:
        sys.stderr.write(f"not up to date: {FILE}; run `make docs`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
