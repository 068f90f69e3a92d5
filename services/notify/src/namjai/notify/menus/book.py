"""The rich menus as data: which there are, where their tiles stand, what each says and does."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeVar

import msgspec

Kind = Literal["main", "crisis"]
Language = Literal["th", "en", "zh-TW"]
T = TypeVar("T")

LANGUAGES: Final[tuple[Language, ...]] = ("th", "en", "zh-TW")
LINE_NAME: Final = "namjai"
"""Menus on LINE whose name begins so are ours; all others are left alone."""


class Size(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pixels."""

    width: int
    height: int


class Grid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Into how many parts the picture is cut."""

    columns: int
    rows: int


class Tile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in a layout: `call` is the n-th number of the country, else `name` is the tile's entry in the texts."""

    icon: str
    at: tuple[int, int, int, int]
    tone: str
    name: str = ""
    call: int | None = None
    postback: str | None = None
    switch: Kind | None = None
    says: bool = False


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number to call, and its name in the languages of its menus."""

    number: str
    names: dict[Language, str]


class Tone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The colours of a tile."""

    fill: str
    ink: str
    soft: str
    mark: str
    icon: str


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`layout.yaml`."""

    size: Size
    grid: Grid
    layouts: dict[str, tuple[Tile, ...]]
    calls: dict[str, tuple[Call, ...]]
    country_of: dict[Language, str]
    anywhere: str
    backdrop: dict[Kind, str]
    tones: dict[str, Tone]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tile's words; `says` is what it puts into the chat in the person's name."""

    title: str
    below: str
    says: str | None = None


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wrote it, and whether a clinician has read it."""

    status: Literal["draft", "reviewed"]
    author: str
    version: int


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`texts/<language>.yaml`."""

    meta: Meta
    bar: dict[Kind, str]
    call: str
    tiles: dict[str, Words]


class Bounds(msgspec.Struct, frozen=True):
    """A rectangle of the picture, in pixels."""

    x: int
    y: int
    width: int
    height: int


class Spot(msgspec.Struct, frozen=True):
    """A tile with everything known: where, what it says, how it looks, what a tap does (an action object of LINE)."""

    bounds: Bounds
    title: str
    below: str
    icon: str
    tone: Tone
    is_call: bool
    action: dict[str, Any]


class Menu(msgspec.Struct, frozen=True):
    """One rich menu. `alias` is what LINE knows it by, `picture` the name of its file."""

    alias: str
    picture: str
    kind: Kind
    language: Language
    size: Size
    bar: str
    backdrop: str
    spots: tuple[Spot, ...]

    def drawn_from(self) -> str:
        """Tells whether a picture belongs to this definition: it changes whenever anything here does."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    def body(self, image: bytes) -> dict[str, Any]:
        """The rich menu object for LINE. Its name holds a hash of all it is, so that a change can be told from none."""
        what: dict[str, Any] = {
            "size": msgspec.to_builtins(self.size),
            "selected": True,
            "chatBarText": self.bar,
            "areas": [{"bounds": msgspec.to_builtins(spot.bounds), "action": spot.action} for spot in self.spots],
        }
        digest = hashlib.sha256(msgspec.json.encode(what, order="deterministic") + image).hexdigest()[:16]
        return {"name": f"{LINE_NAME} {self.alias} {digest}", **what}

    def image(self) -> bytes:
        """The committed picture. Raises FileNotFoundError before it was drawn."""
        return files(__package__).joinpath("pictures", self.picture).read_bytes()


def alias_of(kind: Kind, language: str) -> str:
    """LINE takes lower-case letters only. A language without menus of its own gets the English ones."""
    known = language if language in LANGUAGES else "en"
    return f"{kind}-{known.lower()}"


def menus(country: str) -> tuple[Menu, ...]:
    """The menus of a clinic in this country: two a language."""
    return tuple(
        menu for language in LANGUAGES for menu in (_menu("main", language, ""), _crisis(language, country.upper()))
    )


def every_menu() -> tuple[Menu, ...]:
    """The menus of all clinics, each once: what has a picture."""
    found = {menu.picture: menu for country in layout().calls for menu in menus(country)}
    return tuple(found.values())


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Where everything stands."""
    return _load("layout.yaml", Layout)


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """What everything says."""
    return _load(f"texts/{language}.yaml", Texts)


def _load(name: str, shape: type[T]) -> T:
    return msgspec.yaml.decode(files(__package__).joinpath(name).read_bytes(), type=shape)


def _crisis(language: Language, clinic: str) -> Menu:
    known = layout().country_of.get(language, clinic)
    return _menu("crisis", language, known if known in layout().calls else layout().anywhere)


def _menu(kind: Kind, language: Language, country: str) -> Menu:
    book, words = layout(), texts(language)
    calls = book.calls[country] if country else ()
    shape = "crisis-one" if len(calls) == 1 else kind
    return Menu(
        alias=alias_of(kind, language),
        picture="-".join(filter(None, (kind, language.lower(), country.lower()))) + ".png",
        kind=kind,
        language=language,
        size=book.size,
        bar=words.bar[kind],
        backdrop=book.backdrop[kind],
        spots=tuple(_spot(tile, words, calls, language) for tile in book.layouts[shape]),
    )


def _spot(tile: Tile, words: Texts, calls: tuple[Call, ...], language: Language) -> Spot:
    if tile.call is not None:
        call = calls[tile.call]
        title, below = call.number, call.names[language]
        action = {"type": "uri", "label": words.call.format(number=call.number), "uri": f"tel:{call.number}"}
    else:
        said = words.tiles[tile.name]
        title, below = said.title, said.below
        action = _action(tile, said, language)
    return Spot(
        bounds=_bounds(tile.at),
        title=title,
        below=below,
        icon=tile.icon,
        tone=layout().tones[tile.tone],
        is_call=tile.call is not None,
        action=action,
    )


def _action(tile: Tile, words: Words, language: Language) -> dict[str, Any]:
    if tile.switch is not None:
        alias = alias_of(tile.switch, language)
        return {"type": "richmenuswitch", "label": words.title, "richMenuAliasId": alias, "data": tile.postback}
    if tile.says:
        return {"type": "message", "label": words.title, "text": words.says}
    return {"type": "postback", "label": words.title, "data": tile.postback, "displayText": words.title}


def _bounds(at: tuple[int, int, int, int]) -> Bounds:
    """Neighbours share an edge, and the outer edges are the picture's, whatever the grid divides into."""
    size, grid = layout().size, layout().grid
    column, row, columns, rows = at
    left, right = (size.width * each // grid.columns for each in (column, column + columns))
    top, bottom = (size.height * each // grid.rows for each in (row, row + rows))
    return Bounds(left, top, right - left, bottom - top)
