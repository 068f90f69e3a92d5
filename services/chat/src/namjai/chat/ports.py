"""What skills need of the world: models, a person's own facts, a voice, the clinic's codes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from namjai.chat.domain.context import Exchange
from namjai.chat.domain.faults import Guard
from namjai.chat.domain.remember import Memory
from namjai.chat.domain.state import Person
from namjai.events import Fact


@dataclass(frozen=True)
class Attachment:
    """A picture or a sound, with its media type. `digest` is of a picture's pixels: the same picture has the same."""

    data: bytes
    mime: str
    digest: str | None = None


@dataclass(frozen=True)
class Said:
    """One earlier word in a conversation."""

    who: Literal["person", "namjai"]
    text: str


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """What a model reads: our instruction and the words of one turn. Nothing that says whose words they are."""

    system: str
    text: str
    language: str
    """Of the answer, as a BCP 47 tag."""
    purpose: str = "support"
    guard: Guard = "talk"
    history: tuple[Said, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    search: bool = False
    """Whether the model may search the web, and must then name its sources."""
    tokens_max: int | None = None
    """None: as the settings say."""
    source: str | None = None
    """What a translation is held to: its numbers must be these. None: `text`."""


@dataclass(frozen=True)
class Source:
    """A page that an answer rests on."""

    uri: str
    title: str


@dataclass(frozen=True)
class Citation:
    """A stretch of the answer and the sources it rests on; `start` and `end` count UTF-8 bytes of the text."""

    start: int
    end: int
    sources: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ModelAnswer:
    """What a model wrote, which model that was, and what it cost."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    sources: tuple[Source, ...] = ()
    citations: tuple[Citation, ...] = ()
    searches: tuple[str, ...] = ()
    """What was looked up on the web, to be shown with the sources."""


ModelFailure = Literal[
    "unreachable",
    "deadline",
    "server",
    "quota",
    "denied",
    "refused",
    "unreadable",
    "blocked",
    "empty",
    "truncated",
    "stopped",
    "limited",
    "breaker",
    "misshapen",
    "guard",
    "unscreened",
    "unable",
    "elsewhere",
    "bug",
]
"""`misshapen`: not in the shape that was asked for. `guard`: not to be said. `unscreened`: risk could not read it.
`unable`: no model can do that at all. `elsewhere`: another replica asks."""


class ModelUnavailable(Exception):
    """No words that may be said came from the model; the person gets the curated answer.

    `spent` is what it cost all the same, where that is known.
    """

    def __init__(self, reason: ModelFailure, spent: ModelAnswer | None = None) -> None:
        super().__init__(reason)
        self.reason: ModelFailure = reason
        self.spent = spent


T = TypeVar("T", bound=msgspec.Struct)
F = TypeVar("F", bound=Fact)


class Mind(Protocol):
    """The models as a skill asks them: limits, fallbacks, guard and accounts are behind it.

    One is made for one turn: all that a turn asks shares its time. Every method raises `ModelUnavailable` and nothing
    else. It is there only for people who agreed to `model`.
    """

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """Words that may be said as they are."""
        ...

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """An answer in a given shape: validated, repaired once at most."""
        ...

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """The words in a sound; `languages` are the likely ones."""
        ...

    async def speak(self, words: str, *, language: str) -> Attachment:
        """The words as sound: `audio/wav`, or raw 16-bit mono samples as `audio/L16;rate=24000`."""
        ...

    async def count(self, words: str) -> int:
        """How many tokens the words are to the first model; about, where it does not count."""
        ...


@dataclass(frozen=True)
class Recorded(Generic[F]):
    """A fact of the person's own, when it was said, the id of its event and its place in the log."""

    fact: F
    at: datetime
    event: str
    sequence: int = 0


class Records(Protocol):
    """The person's own part of the log, opened with their key. Raises `LogUnavailable` or `KeysUnavailable`."""

    async def last(self, kind: type[F]) -> Recorded[F] | None:
        """The newest fact of a type."""
        ...

    async def all(self, kind: type[F]) -> Sequence[Recorded[F]]:
        """Every fact of a type, the oldest first."""
        ...

    async def times(self, kind: type[Fact], since: datetime) -> Sequence[datetime]:
        """When facts of a type were said, the oldest first; none of them is opened."""
        ...

    async def turns(self, memory: Memory) -> Sequence[Exchange]:
        """What was said in the turns that the memory names, as far as a model may read it, the oldest first."""
        ...


class Common(msgspec.Struct, frozen=True):
    """A question that is nobody's own, as its skill has normalised it: all that the answer depends on, but for the
    models. `version` is that of the content and instructions it is written with."""

    skill: str
    topic: str
    language: str
    level: str = "plain"
    version: str = ""


@dataclass(frozen=True)
class Written:
    """An answer in the skill's own form, and the model that wrote it."""

    body: bytes
    model: str


@dataclass(frozen=True, kw_only=True)
class Writer:
    """How a skill has such an answer written: a function of the question alone."""

    purpose: str
    version: Callable[[], str]
    write: Callable[[Common, Mind], Coroutine[Any, Any, Written]]


class Answers(Protocol):
    """The answers that are kept for everybody. Never for anything personal: what is asked here is the same for all."""

    async def get(self, asked: Common, writer: Writer) -> bytes:
        """The answer, written now if nobody has it. Raises `ModelUnavailable`, and what the writer raises."""
        ...


class MediaDoor(Protocol):
    """Where LINE fetches what we made: sealed, at an address that nobody can guess and that expires."""

    async def put(self, member: str, made: Attachment) -> str:
        """The address. Raises `MediaUnavailable`."""
        ...


@dataclass(frozen=True)
class Spoken:
    """Words as sound: where LINE fetches it, and how long it plays."""

    url: str
    duration_ms: int


class Speaker(Protocol):
    """Gives words a voice. It is there only for people who agreed to `model`."""

    async def speak(self, member: str, words: str, *, language: str) -> Spoken:
        """Raises `ModelUnavailable` or `MediaUnavailable`."""
        ...


@dataclass(frozen=True)
class Read:
    """What was found in a picture or a voice message: its words, and for a picture a reading in the skill's shape."""

    text: str
    reading: dict[str, Any] | None = None
    language: str | None = None


Reader = Callable[[Attachment, Person, Mind], Coroutine[Any, Any, Read]]
"""How a skill reads what it takes: an upright picture or a sound for models. Raises `ModelUnavailable`."""


class Addresses(Protocol):
    """Whether letters can get to where an e-mail address says."""

    async def takes_mail(self, domain: str) -> bool | None:
        """None where nobody could tell in time. Never raises."""
        ...


class Code(NamedTuple):
    """What a registration code stands for: its id, the clinic's reference and, where it asks for a second factor, the
    address that the clinic has on file."""

    id: str
    patient: str
    email: str


class CodesUnavailable(Exception):
    """The codes cannot be looked up now."""


class Taigi(NamedTuple):
    """Words in Taigi: in characters, and as they are spoken, romanised."""

    hanji: str
    romanised: str


class TaigiService(Protocol):
    """An outside service that knows Taigi. Raises `ModelUnavailable`; `speak` also `MediaUnavailable`."""

    @property
    def name(self) -> str:
        """Who is to be named beside its words."""
        ...

    async def translate(self, mandarin: str) -> Taigi:
        """Mandarin as Taigi."""
        ...

    async def speak(self, member: str, hanji: str) -> Spoken:
        """Taigi as sound."""
        ...


class Registrar(Protocol):
    """The clinic's registration codes. Raises `CodesUnavailable`."""

    async def may_try(self) -> bool:
        """Whether one more try is within what all people together may do."""
        ...

    async def look(self, code: str, member: str) -> Code | Literal["redeemed", "unknown", "used", "expired"]:
        """What a code stands for, if this member may redeem it; `redeemed`: this member has."""
        ...

    async def redeem(self, code: str, member: str) -> Code | Literal["redeemed", "unknown", "used", "expired"]:
        """Take it for this member, once; again for the same member gives the same."""
        ...

    def otp(self, code: str, seed: str) -> str:
        """The one-time code for one asking."""
        ...

    def is_otp(self, said: str, code: str, seed: str) -> bool:
        """Whether this is that code, compared in constant time."""
        ...


class MediaUnavailable(Exception):
    """What was made cannot be offered now; the words go without it."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a skill works with for one person and one turn. What is None is not there: the skill says so kindly."""

    records: Records
    mind: Mind | None = None
    media: MediaDoor | None = None
    speaker: Speaker | None = None
    registrar: Registrar | None = None
    taigi: TaigiService | None = None
    addresses: Addresses | None = None
    answers: Answers | None = None
    context_tokens_max: int = 1_200
    """How much of earlier talk a model reads at most, tokens."""
