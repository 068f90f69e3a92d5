"""A turn about pictures: medicines and plants, and kind words for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from namjai.chat.content import LANGUAGES
from namjai.chat.content.words import fold
from namjai.chat.domain.composed import Composed, View
from namjai.chat.domain.doing import Doing, do, doorway
from namjai.chat.domain.messages import Action
from namjai.chat.domain.visit import Flow, Visit, closed, moved
from namjai.chat.ports import Desk
from namjai.chat.skills.pictures import leaf as leaves
from namjai.chat.skills.pictures import medicine, plants
from namjai.chat.skills.pictures.leaf import Leaf, Slot
from namjai.chat.skills.pictures.look import Look
from namjai.chat.skills.pictures.medicine import NAME, NOTHING, RATHER_NOT
from namjai.chat.skills.pictures.mixing import mixes_of, mixing, risky_with, substances_in, told
from namjai.chat.skills.pictures.own_words import label_speech
from namjai.chat.skills.pictures.parts import MEDICINE, PLANT, TOPICS, Part, is_on, nothing_to_tell, opened, tell
from namjai.chat.skills.pictures.plants import Plants
from namjai.chat.skills.pictures.reading import PACKAGE, Reading, prompt, reading_of
from namjai.chat.skills.pictures.texts import texts
from namjai.chat.skills.skill import Skill
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentCompleted

LIFE: Final = timedelta(minutes=5)
"""How long a picture that we have a question about is remembered."""
MIXING, WHICH = "mixing", "which"
ANSWER_CHARS_MAX: Final = 80
"""Nobody answers our questions in more words than that; what is longer is talk."""
TRY_CHARS_MAX: Final = 16
BUTTONS_MAX: Final = 12


@dataclass(frozen=True)
class Pictures:
    """The skill with one table of plants, and the time for which it remembers a picture."""

    plants: Plants
    life: timedelta

    async def turn(self, visit: Visit, desk: Desk) -> Composed | None:
        """Pictures first, then what was pressed, then words, if they answer an open question."""
        if "image" in visit.kinds:
            return await self._shown(visit, desk)
        if (doing := visit.doing(NAME)) is not None:
            return self._asked(doing, visit)
        if visit.flow is None or not visit.heard.words:
            return None
        return self._answered(visit.flow, visit.heard.words[-1], visit)

    async def _shown(self, visit: Visit, desk: Desk) -> Composed | None:
        images = [media for media in visit.heard.media if media.kind == "image"]
        found = [reading for media in images if (reading := reading_of(media.reading)) is not None]
        words, sent = texts(visit.view.language), visit.kinds.count("image")
        parts = [*await self._medicines(found, visit, desk), *self._leaf(found, visit)]
        if any(reading.kind == "loose_pills" for reading in found):
            number = medicine.emergency_number(visit)
            parts.insert(0, Part((words.loose_pills.format(number=number),)))
        if not parts:
            kinds = {reading.kind for reading in found}
            if "other" in kinds and "unclear" not in kinds and visit.words:
                return None  # a picture beside the words: the words are what is to be answered
            parts = [nothing_to_tell(images, found, visit)]
        if images and sent > len(images):
            parts.append(Part((words.several.format(sent=sent, read=len(images)),)))
        return tell(visit, *parts)

    async def _medicines(self, found: Sequence[Reading], visit: Visit, desk: Desk) -> list[Part]:
        shown = [reading for reading in found if reading.kind == MEDICINE]
        if not shown:
            return []
        words = texts(visit.view.language)
        if not is_on(MEDICINE, visit):
            return [Part((words.off_medicine,))]
        packets = "\n\n".join(medicine.printed(reading, visit) for reading in shown)
        by_packet = [medicine.kinds_of(reading) for reading in shown]
        kinds = tuple(dict.fromkeys(kind for each in by_packet for kind in each))[: medicine.KINDS_MAX]
        if not any(reading.names for reading in shown):
            return [Part((packets,))]
        taken = await _taken(visit, desk)
        shown_together = medicine.together(by_packet)
        mixes = (*shown_together, *(mix for mix in mixes_of(kinds, taken) if mix not in shown_together))
        told_of = [medicine.about(kinds, visit)]
        if mixes:
            meant = [each for each in taken if each in risky_with(kinds)]
            told_of.append(medicine.warned(mixes, visit, meant))
        told_of.append(words.pharmacist)
        leaflet = medicine.leaflets(kinds, taken, visit)
        if mixes or not risky_with(kinds):
            return [Part((packets, "\n\n".join(told_of)), tuple(leaflet))]
        flow = () if _pending(visit.flow) else (moved(NAME, MIXING, {"kinds": list(kinds)}, until=self._until(visit)),)
        buttons = (*medicine.asked(kinds, visit), *leaflet)
        return [Part((packets, "\n\n".join([*told_of, words.ask_taking])), buttons, flow)]

    def _leaf(self, found: Sequence[Reading], visit: Visit) -> list[Part]:
        shown = next((reading for reading in found if reading.kind == PLANT), None)
        if shown is None:
            return []
        words = texts(visit.view.language)
        if not is_on(PLANT, visit):
            return [Part((words.off_plant,))]
        seen = leaves.leaf_of(shown, self.plants)
        before = _pending(visit.flow)
        return [self._which(before, seen, visit) if before is not None else self._next(seen, visit)]

    def _which(self, old: Leaf, new: Leaf, visit: Visit) -> Part:
        words = texts(visit.view.language)
        actions = tuple(do(words.labels[each], NAME, "use", which=each) for each in ("new", "old"))
        flow = moved(NAME, WHICH, {"old": old.slots, "new": new.slots}, until=self._until(visit))
        return Part((words.new_or_old,), actions, (flow,))

    def _next(self, leaf: Leaf, visit: Visit, lead: str = "", *, tried: bool = False) -> Part:
        """The next question, or the advice."""
        slot = leaves.missing(leaf, self.plants)
        if slot is None:
            closing = (closed(NAME),) if visit.flow is not None else ()
            advice = leaves.advised(leaf, self.plants, visit)
            return Part((advice,), tuple(leaves.corrections(leaf, self.plants, visit)), closing)
        ask, actions = leaves.question(slot, leaf, self.plants, visit)
        stop = do(texts(visit.view.language).labels["stop"], NAME, "stop")
        flow = moved(NAME, slot, {"leaf": leaf.slots, "tried": tried}, until=self._until(visit))
        return Part(("\n".join(filter(None, (lead, ask))),), (*actions[:BUTTONS_MAX], stop), (flow,))

    def _asked(self, doing: Doing, visit: Visit) -> Composed:
        words, flow = texts(visit.view.language), visit.flow
        match doing.action:
            case "mix":
                return self._mixed(doing.args.get("of", "").split(","), [doing.args.get("with", "")], visit)
            case "correct":
                slot = doing.args.get("slot", "")
                plant = doing.args.get("p", "") if slot == "stage" else ""
                leaf = leaves.leaf_coded(plant, doing.args.get("d", ""))
                return tell(visit, self._next(leaf, visit))
            case "stop":
                return tell(visit, Part((words.stopped,), facts=(closed(NAME),) if flow is not None else ()))
            case "plant" | "stage" | "use" | "resume" if flow is None:
                return tell(visit, Part((words.forgotten,)))
            case "use" if flow is not None and flow.step == WHICH:
                return self._chosen(flow, doing.args.get("which", ""), visit)
            case "plant" | "stage" as slot if flow is not None and flow.step == slot:
                return self._filled(flow, slot, doing.args.get("id", ""), visit)
            case "resume" | "plant" | "stage" | "use" if flow is not None:
                return self._again(flow, visit, words.resumed)
            case _:
                return opened(visit)

    def _answered(self, flow: Flow, said: str, visit: Visit) -> Composed | None:
        """Typed words as the answer to what we asked; None where they are talk."""
        if len(said) > ANSWER_CHARS_MAX or said.rstrip().endswith(("?", "？")):
            return None
        words = texts(visit.view.language)
        match flow.step:
            case "mixing":
                kinds = [str(each) for each in flow.slots.get("kinds", ())]
                typed = fold(said).strip(" .!。！")
                if typed in map(fold, (*words.nothing_words, words.labels["nothing"])):
                    return self._mixed(kinds, [NOTHING], visit)
                if typed == fold(words.labels["rather_not"]):
                    return self._mixed(kinds, [RATHER_NOT], visit)
                taken = substances_in([said])
                return self._mixed(kinds, taken, visit) if taken else None
            case "which":
                which = next((each for each in ("new", "old") if fold(said) == fold(words.labels[each])), None)
                return self._chosen(flow, which, visit) if which is not None else None
            case "plant" | "stage" as slot:
                leaf = leaves.leaf_kept(flow.slots.get("leaf", {}))
                value = leaves.value_in(said, slot, leaf, self.plants, visit)
                if value is not None:
                    return tell(visit, self._next(leaves.filled(leaf, slot, value), visit))
                if flow.slots.get("tried") or not _is_a_try(said):
                    return None
                return self._again(flow, visit, words.again, tried=True)
            case _:
                return None

    def _mixed(self, kinds: Sequence[str], taken: Sequence[str], visit: Visit) -> Composed:
        """What the person takes, and what that means for the medicine."""
        words = texts(visit.view.language)
        known = [kind for kind in kinds if kind in mixing().kinds]
        closing = (closed(NAME),) if visit.flow is not None and visit.flow.step == MIXING else ()
        substances = [each for each in taken if each in mixing().substances]
        if RATHER_NOT in taken:
            said = words.no_telling
        elif NOTHING in taken or not known:
            said = words.pharmacist
        elif mixes := mixes_of(known, substances):
            said = f"{medicine.warned(mixes, visit, substances)}\n\n{words.pharmacist}"
        else:
            said = words.no_mix
        return tell(visit, Part((said,), tuple(medicine.leaflets(known, substances, visit)), closing))

    def _chosen(self, flow: Flow, which: str, visit: Visit) -> Composed:
        kept = flow.slots.get("old" if which == "old" else "new", {})
        return tell(visit, self._next(leaves.leaf_kept(kept), visit))

    def _filled(self, flow: Flow, slot: Slot, value: str, visit: Visit) -> Composed:
        leaf = leaves.leaf_kept(flow.slots.get("leaf", {}))
        if not leaves.can_be(value, slot, leaf, self.plants):
            return self._again(flow, visit, texts(visit.view.language).again)
        return tell(visit, self._next(leaves.filled(leaf, slot, value), visit))

    def _again(self, flow: Flow, visit: Visit, lead: str, *, tried: bool = False) -> Composed:
        """The open question once more."""
        if flow.step == MIXING:
            kinds = [str(each) for each in flow.slots.get("kinds", ())]
            words = texts(visit.view.language)
            return tell(visit, Part((f"{lead}\n{words.ask_taking}",), tuple(medicine.asked(kinds, visit))))
        if flow.step == WHICH:
            old, new = (leaves.leaf_kept(flow.slots.get(each, {})) for each in ("old", "new"))
            return tell(visit, self._which(old, new, visit))
        return tell(visit, self._next(leaves.leaf_kept(flow.slots.get("leaf", {})), visit, lead, tried=tried))

    def _until(self, visit: Visit) -> datetime:
        return visit.now + self.life

    def preload(self) -> None:
        """Read every language, the instructions, and the tables."""
        for language in LANGUAGES:
            texts(language)
        prompt()
        mixing()
        label_speech()


async def _taken(visit: Visit, desk: Desk) -> tuple[str, ...]:
    """What the person takes: by what they write now and, if earlier talk may be used, by diary and questionnaires."""
    now = substances_in(visit.heard.texts)
    if "chat" not in visit.view.consents:
        return now
    notes = [each.fact for each in await desk.records.all(CheckInRecorded)]
    forms = [each.fact for each in await desk.records.all(InstrumentCompleted)]
    return tuple(dict.fromkeys((*now, *told(notes, forms))))


def _pending(flow: Flow | None) -> Leaf | None:
    """The plant that we have a question about."""
    if flow is None or flow.step not in ("plant", "stage", WHICH):
        return None
    return leaves.leaf_kept(flow.slots.get("old" if flow.step == WHICH else "leaf", {}))


def _is_a_try(said: str) -> bool:
    """Whether somebody seems to have meant one of the choices: a word and nothing else."""
    return len(said.strip()) <= TRY_CHARS_MAX and len(said.split()) == 1


def _resume(view: View) -> Action:
    return do(texts(view.language).labels["resume"], NAME, "resume")


def pictures(file: Path | None = None, *, life: timedelta = LIFE) -> Skill:
    """The skill with a clinic's own table of plants, or with the shipped one. Raises `BadPlants`."""
    skill = Pictures(plants.shipped() if file is None else plants.read(file), life)
    return Skill(
        name=NAME,
        turn=skill.turn,
        topics=TOPICS,
        doors=doorway(PACKAGE),
        hears=frozenset({"image"}),
        reads={"image": Look(skill.plants)},
        resume=_resume,
        preload=skill.preload,
    )


SKILL: Final = pictures()
"""With the plants as they are shipped."""
