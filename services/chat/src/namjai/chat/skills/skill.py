"""What a skill is, and who of them takes a turn: the one that is asked for, the one that is at it, or support."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from namjai.chat.domain.composed import Composed, Scene, View, joined_buttons
from namjai.chat.domain.doing import Doors, Doorway
from namjai.chat.domain.messages import Action
from namjai.chat.domain.visit import Call, Visit
from namjai.chat.ports import Desk, Reader, Writer
from namjai.events.media import MediaKind

FALLBACK: Final = "support"
"""The skill that always has an answer, and cannot be switched off."""


Refuse = Callable[[Visit], Composed]
"""What is said to somebody whom the clinic does not know and who asks for what it keeps for those whom it knows."""


def _nothing() -> None:
    """A skill without content of its own has nothing to read at start."""


@dataclass(frozen=True, kw_only=True)
class Skill:
    """Something that Namjai can do in a conversation: one folder, one name.

    `turn` gives the words, or None where the turn is not this skill's: then the next one is asked. It decides from
    the visit alone and reaches the world only through the desk, so that the same visit gives the same turn.
    """

    name: str
    turn: Callable[[Visit, Desk], Coroutine[Any, Any, Composed | None]]
    doors: Doorway = field(default_factory=dict)
    for_everybody: bool = False
    """Whether it is there for people whom the clinic does not know, too, where it otherwise asks for registration."""
    for_others: bool = False
    """Whether words in its conversation may be somebody else's: they tell nothing of the person's own language."""
    between_languages: bool = False
    """Whether it asks for a language: while its conversation is open, "Japanese" is an answer to it."""
    topics: frozenset[str] = frozenset()
    """Parts of it that a clinic may switch off; a visit's scene has those that are on, as `skill.topic`."""
    hears: frozenset[str] = frozenset()
    """What it takes that is no text: LINE's message types."""
    reads: Mapping[MediaKind, Reader] = field(default_factory=dict)
    """How it reads pictures or voice messages before their turn, so that risk sees the words in them."""
    claims: Callable[[Visit], bool] | None = None
    """Whether words that nobody was asked for are its own, such as a question about an illness; and while its own
    conversation is open, words that would else open another skill: "translate" is about the leaflet that is being
    read. Pure and quick: it is asked about most messages, and must be sure."""
    frame: Callable[[Visit, Composed], Composed] | None = None
    """Adds to the words of any skill, such as what was heard in a voice message before the answer to it."""
    called: Callable[[Call], Composed | None] | None = None
    """What it says when a timer of its own asks for a turn, such as a reminder; None where it is another's."""
    writer: Writer | None = None
    """Writes its answers to questions that are nobody's own, which are kept for everybody."""
    resume: Callable[[View], Action] | None = None
    """The button that leads back to its open conversation."""
    preload: Callable[[], None] = _nothing
    """Reads its content at start, so that a broken file stops the service and nobody waits for it."""


class Skills:
    """The skills that are on."""

    def __init__(
        self, skills: Iterable[Skill], *, refuse: Refuse | None = None, off: frozenset[str] = frozenset()
    ) -> None:
        self._by_name = {skill.name: skill for skill in skills}
        if FALLBACK not in self._by_name:
            raise ValueError(f"the skill {FALLBACK} must be on")
        self.doors: Final = Doors((skill.name, skill.doors) for skill in self._by_name.values())
        self.names: Final = frozenset(self._by_name)
        self.on: Final = self.names | (topics_of(self._by_name.values()) - off)
        """What a scene says is on: skills, and their topics."""
        self._refuse = refuse

    @property
    def readers(self) -> dict[MediaKind, Reader]:
        """Who reads what, the first skill of the table first."""
        return {kind: read for skill in reversed(self._by_name.values()) for kind, read in skill.reads.items()}

    @property
    def writers(self) -> dict[str, Writer]:
        """Who writes what is kept for everybody, by the skill's name."""
        return {name: skill.writer for name, skill in self._by_name.items() if skill.writer is not None}

    def scene(self, scene: Scene) -> Scene:
        """What a turn is composed in, with what these skills are and do in it."""
        every = self._by_name.values()
        return replace(
            scene,
            doors=self.doors,
            skills=self.on,
            for_others=frozenset(skill.name for skill in every if skill.for_others),
            between_languages=frozenset(skill.name for skill in every if skill.between_languages),
        )

    def preload(self) -> None:
        """Read all content."""
        for skill in self._by_name.values():
            skill.preload()

    async def turn(self, visit: Visit, desk: Desk) -> Composed:
        """The words of a turn."""
        for skill in self._asked(visit):
            if self._refuse is not None and not skill.for_everybody and not visit.person.registered:
                if visit.doing(skill.name) is None:
                    continue
                return self._refuse(visit)
            said = await skill.turn(visit.for_skill(skill.name), desk)
            if said is not None:
                return self._framed(visit, self._with_way_back(visit, skill, replace(said, skill=skill.name)))
        raise AssertionError(f"{FALLBACK} had no answer")

    def called(self, call: Call) -> Composed | None:
        """The words of a turn that a timer asked for; None where no skill that is on has any."""
        for skill in self._by_name.values():
            if skill.called is not None and (said := skill.called(call)) is not None:
                return replace(said, skill=skill.name)
        return None

    def _asked(self, visit: Visit) -> Iterator[Skill]:
        """Each once, and none looked for before it is needed; see `_in_turn`."""
        met: set[str] = set()
        for name in self._in_turn(visit):
            if name in self._by_name and name not in met:
                met.add(name)
                yield self._by_name[name]

    def _in_turn(self, visit: Visit) -> Iterator[str]:
        """What was asked for, what takes such a thing, what is open, what claims the words, and support. What is open
        comes before all of it where it claims the words."""
        at_it = self._by_name.get(visit.flow.skill) if visit.flow is not None else None
        if at_it is not None and _claims(at_it, visit):
            yield at_it.name
        yield from (doing.skill for doing in reversed(visit.heard.doings))
        yield from (skill.name for skill in self._by_name.values() if skill.hears.intersection(visit.kinds))
        if at_it is not None:
            yield at_it.name
        yield from (skill.name for skill in self._by_name.values() if skill is not at_it and _claims(skill, visit))
        yield FALLBACK

    def _framed(self, visit: Visit, said: Composed) -> Composed:
        for skill in self._by_name.values():
            said = skill.frame(visit, said) if skill.frame is not None else said
        return said

    def _with_way_back(self, visit: Visit, skill: Skill, said: Composed) -> Composed:
        """Who was interrupted in something finds a button back to it."""
        at_it = self._by_name.get(visit.flow.skill) if visit.flow is not None else None
        if at_it is None or at_it is skill or at_it.resume is None or _moves_on(said):
            return said
        return joined_buttons(said, [at_it.resume(visit.view)])


def _claims(skill: Skill, visit: Visit) -> bool:
    return skill.claims is not None and skill.claims(visit)


def _moves_on(said: Composed) -> bool:
    """Whether this turn opens or closes a conversation itself, which ends the one before."""
    return any(fact.TYPE.startswith("conversation.flow_moved") for fact in said.facts)


def topics_of(skills: Iterable[Skill]) -> frozenset[str]:
    """All parts of skills that can be switched off, as `skill.topic`."""
    return frozenset(f"{skill.name}.{topic}" for skill in skills for topic in skill.topics)


def ordered(skills: Sequence[Skill], names: Iterable[str]) -> list[Skill]:
    """Those of `skills` that are named, support always. Raises `ValueError` for a name that is no skill's."""
    wanted = {*names, FALLBACK}
    if unknown := wanted - {skill.name for skill in skills}:
        raise ValueError(f"unknown skills: {', '.join(sorted(unknown))}")
    return [skill for skill in skills if skill.name in wanted]
