"""Lays a policy document over the rules that are shipped; what finds less of what is dangerous needs a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import yaml

from namjai.risk.domain.document import Document, ModelUse, Refusal, Rules, read, reference
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Effects, Policy, Rule
from namjai.risk.domain.screen import screen

_EFFECTS: Final = "policy.yaml"
_FOLDS: Final = "normalise.yaml"
_WORDS: Final = "/words.yaml"
ANY_LANGUAGE: Final = "any"
RISKY_SHOWN_MAX: Final = 5
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Shipped(msgspec.Struct, frozen=True):
    """What comes with the release: the texts of the rule files by name, and the version that they make."""

    files: Mapping[str, str]
    version: str
    thresholds: Mapping[str, Mapping[str, float]] = {}
    """Those of the learned model, by question and kind of text; empty where there is no model."""


class Overlaid(Policy):
    """A policy made of the shipped files and a document. `version` names both, so that a verdict can be repeated."""

    def __init__(self, files: Mapping[str, str], *, reference: str, base: str, model: ModelUse) -> None:
        super().__init__(files)
        self.version = f"{reference}/{base}"
        self.reference = reference
        self.files = files
        self.model = model


class Known(msgspec.Struct, frozen=True):
    """A rule as written, and the file it is written in."""

    rule: Rule
    file: str


def apply(shipped: Shipped, text: str) -> Overlaid:
    """The policy that a document makes of this release. Raises `Refusal`.

    The examples of its added rules are not tried here: see `check`.
    """
    document = read(text)
    rules = known_rules(shipped.files)
    _refuse_unknown(document.rules, rules)
    _refuse_bad_rules(document.rules, rules, shipped.files)
    _refuse_unknown_thresholds(document.model_use, shipped)
    _refuse_unreasoned_risk(document, rules, shipped)
    files = _changed(shipped.files, document, rules)
    try:
        return Overlaid(files, reference=reference(document.name, text), base=shipped.version, model=document.model_use)
    except Exception as wrong:
        raise _refusal_of(document.rules.add, shipped.files, wrong) from wrong


def check(shipped: Shipped, text: str) -> Overlaid:
    """`apply`, and every added rule must find its hits and leave its near misses alone. Raises `Refusal`."""
    policy = apply(shipped, text)
    failed = [line for rule in read(text).rules.add for line in failures(rule, policy)]
    if failed:
        raise Refusal("; ".join(failed))
    return policy


def failures(rule: Rule, policy: Policy) -> list[str]:
    """Which of a rule's own examples it fails, told by number: the words are in the document."""
    compiled = next(each for each in policy.rules if each.rule.id == rule.id)

    def matches(text: str) -> bool:
        return compiled.pattern.search(policy.normalise(text).text) is not None

    def finds(text: str, at_least: Level) -> bool:
        if rule.level == Level.NONE:
            return matches(text)  # a signal finds nothing by itself
        return any(found.rule == rule.id and found.level >= at_least for found in screen(text, policy))

    missed = [f"{rule.id} misses its hit {n}" for n, text in enumerate(rule.hits, 1) if not finds(text, Level.NONE)]
    caught = [
        f"{rule.id} finds its near miss {n}" for n, text in enumerate(rule.near_misses, 1) if finds(text, rule.level)
    ]
    return missed + caught


def known_rules(files: Mapping[str, str]) -> dict[str, Known]:
    """Every rule of the files, by id."""
    return {
        rule.id: Known(rule, name)
        for name, file in _parsed(files).items()
        for rule in (msgspec.convert(_head(file) | each, Rule) for each in file["rules"])
    }


def model_use(policy: Policy) -> ModelUse:
    """How the learned model is used under a policy."""
    return policy.model if isinstance(policy, Overlaid) else ModelUse()


def _refuse_unknown(change: Rules, rules: Mapping[str, Known]) -> None:
    for id_ in (*change.disable, *change.levels):
        if id_ not in rules:
            raise Refusal(f"there is no rule {id_!r} in this release")
    if both := set(change.disable) & set(change.levels):
        raise Refusal(f"{min(both)} is disabled and given a level; say one of them")


def _refuse_bad_rules(change: Rules, rules: Mapping[str, Known], files: Mapping[str, str]) -> None:
    languages = {ANY_LANGUAGE, *(name.split("/")[0] for name in files if "/" in name)}
    kinds = {known.rule.kind for known in rules.values()}
    seen = set(rules)
    for rule in change.add:
        if rule.id in seen:
            raise Refusal(f"{rule.id}: there is a rule of this id already")
        seen.add(rule.id)
        if rule.language not in languages:
            raise Refusal(f"{rule.id}: unknown language {rule.language!r}, known are {', '.join(sorted(languages))}")
        if not rule.id.startswith(f"{rule.language}."):
            raise Refusal(f"{rule.id}: the id must begin with the rule's language, {rule.language}.")
        if rule.kind not in kinds:  # readings act by kind: a new word would be read as nothing else is
            raise Refusal(f"{rule.id}: unknown kind {rule.kind!r}, known are {', '.join(sorted(kinds))}")
        if not rule.patterns or not rule.hits or not rule.near_misses:
            raise Refusal(f"{rule.id}: a rule needs patterns, at least one hit and at least one near miss")


def _refuse_unknown_thresholds(use: ModelUse, shipped: Shipped) -> None:
    for question, kinds in use.thresholds.items():
        if unknown := set(kinds) - set(shipped.thresholds.get(question, {})):
            raise Refusal(f"the model of this release has no threshold {question}.{min(unknown)}")


def _refuse_unreasoned_risk(document: Document, rules: Mapping[str, Known], shipped: Shipped) -> None:
    if document.accept_risk is not None:
        return
    risky = [*_risks(document, rules, _effects(shipped.files)), *_shyer(document.model_use, shipped)]
    if risky:
        more = f" and {len(risky) - RISKY_SHOWN_MAX} more" if len(risky) > RISKY_SHOWN_MAX else ""
        raise Refusal(
            f"less of what is dangerous would be found ({', '.join(risky[:RISKY_SHOWN_MAX])}{more}): "
            "say why in `accept_risk`, or leave it"
        )


def _risks(document: Document, rules: Mapping[str, Known], effects: Effects) -> Iterable[str]:
    """What takes a crisis away: a crisis rule lowered or gone, a kind gone that makes one with another."""
    makes_crisis = {
        kind for each in effects.raises if each.level == Level.CRISIS for kind in (*each.kinds, *each.signal)
    }
    for id_ in document.rules.disable:
        rule = rules[id_].rule
        if rule.level == Level.CRISIS or rule.kind in makes_crisis:
            yield f"{id_} disabled"
    for id_, level in document.rules.levels.items():
        if level < rules[id_].rule.level == Level.CRISIS:
            yield f"{id_} lowered to {level}"


def _shyer(use: ModelUse, shipped: Shipped) -> Iterable[str]:
    if not use.enabled:
        yield "the model off"
    for question, kinds in use.thresholds.items():
        for kind, least in kinds.items():
            if least > shipped.thresholds[question][kind]:
                yield f"the model's threshold {question}.{kind} up to {least}"


def _changed(files: Mapping[str, str], document: Document, rules: Mapping[str, Known]) -> dict[str, str]:
    """The files with the document's changes in them."""
    changed = dict(files)
    change = document.rules
    for name in {rules[id_].file for id_ in (*change.disable, *change.levels)}:
        file = yaml.load(files[name], Loader=_Loader)  # noqa: S506 (a safe loader)
        file["rules"] = [
            rule | ({"level": change.levels[rule["id"]].value} if rule["id"] in change.levels else {})
            for rule in file["rules"]
            if rule["id"] not in change.disable
        ]
        # What was there stays as a comment: the normaliser learns its words from the files, and is not to forget any.
        before = "".join(f"# {line}\n" for line in files[name].splitlines())
        changed[name] = f"{_dump(file)}\n{before}"
    for language in {rule.language for rule in change.add}:
        added = [msgspec.to_builtins(rule) for rule in change.add if rule.language == language]
        changed[f"{language}/added-by-{document.name}.yaml"] = _dump({"rules": added})
    return changed


def _refusal_of(added: Sequence[Rule], files: Mapping[str, str], wrong: Exception) -> Refusal:
    """The refusal for rules that do not compile, with the id of the first one that does not do so by itself."""
    few = {_EFFECTS: "caps: {}\nraises: []\n", _FOLDS: files[_FOLDS]}
    few |= {name: text for name, text in files.items() if name.endswith(_WORDS)}
    for rule in added:
        try:
            Policy(few | {"one.yaml": _dump({"rules": [msgspec.to_builtins(rule)]})})
        except KeyError as missing:
            return Refusal(f"{rule.id}: there is no named part {missing} in {rule.language}{_WORDS}")
        except Exception as cause:
            return Refusal(f"{rule.id}: a pattern does not compile: {cause}")
    return Refusal(f"the rules do not compile together: {type(wrong).__name__}")


def _effects(files: Mapping[str, str]) -> Effects:
    return msgspec.convert(yaml.load(files[_EFFECTS], Loader=_Loader), Effects, strict=False)  # noqa: S506


def _parsed(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The rule files among the files."""
    parsed = {name: yaml.load(text, Loader=_Loader) for name, text in files.items()}  # noqa: S506 (a safe loader)
    return {name: file for name, file in parsed.items() if isinstance(file, dict) and "rules" in file}


def _head(file: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in file.items() if key != "rules"}


def _dump(value: object) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1 << 30))
