"""What the rich menus are: within LINE's limits, whole in every language, readable, and drawn as they are defined."""

import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.ImageColor import getrgb

from namjai.chat.content.lines import lines
from namjai.chat.domain import commands
from namjai.chat.domain.crisis import country_of
from namjai.devkit.line.check import MENU, examine
from namjai.devkit.menus import FontMissing, Lettering, SystemFonts, draw, picture_of
from namjai.devkit.menus.fonts import Font, Script, Weight, runs
from namjai.notify.menus.book import LANGUAGES, Kind, Menu, alias_of, every_menu, layout, menus, texts

Judge = Callable[[str, object], bool | None]
MENUS = every_menu()
ALL_PICTURES_BYTES_MAX = 600_000
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA."""

each_menu = pytest.mark.parametrize("menu", MENUS, ids=[menu.picture for menu in MENUS])


class PlainFonts:
    """Pillow's own font in place of all: it has no Thai, but every letter takes room."""

    def font(self, script: Script, weight: Weight, size: int) -> Font:
        return ImageFont.load_default(size)


@each_menu
def test_line_would_take_it(menu: Menu, openapi_accepts: Judge) -> None:
    body = menu.body(menu.image())
    assert examine(body, MENU) == []
    assert openapi_accepts("RichMenuRequest", body) in (True, None)


@each_menu
def test_its_areas_cover_the_picture_and_none_covers_another(menu: Menu) -> None:
    boxes = [spot.bounds for spot in menu.spots]
    assert sum(box.width * box.height for box in boxes) == menu.size.width * menu.size.height
    for one, other in combinations(boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        above = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or above


@each_menu
def test_the_committed_picture_was_drawn_from_it(menu: Menu) -> None:
    with Image.open(io.BytesIO(menu.image())) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (menu.size.width, menu.size.height))
        assert picture.info["definition"] == menu.drawn_from(), "run: namjai line draw"
        drawn = picture.convert("RGB")
    for spot in menu.spots:
        box = spot.bounds
        middle = (box.x + box.width // 2, box.y + 24)
        assert drawn.getpixel(middle) == getrgb(spot.tone.fill)


def test_the_pictures_are_small() -> None:
    sizes = [len(menu.image()) for menu in MENUS]
    assert max(sizes) < 200_000
    assert sum(sizes) < ALL_PICTURES_BYTES_MAX


@each_menu
def test_it_can_be_drawn_with_whatever_font_there_is(menu: Menu) -> None:
    image = picture_of(menu, Lettering(PlainFonts()))
    with Image.open(io.BytesIO(image)) as picture:
        assert picture.size == (menu.size.width, menu.size.height)
        assert picture.info["definition"] == menu.drawn_from()


def test_every_word_and_icon_changes_the_picture() -> None:
    letters = Lettering(PlainFonts())
    menu = msgspec.structs.replace(MENUS[0], size=layout().size)
    before = draw(menu, letters).tobytes()
    for change in ({"title": "Other"}, {"below": "other"}, {"icon": "back"}):
        spots = (msgspec.structs.replace(menu.spots[0], **change), *menu.spots[1:])
        changed = msgspec.structs.replace(menu, spots=spots)
        assert changed.drawn_from() != menu.drawn_from()
        assert draw(changed, letters).tobytes() != before


def test_a_missing_font_names_the_package_that_has_it(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match="apt-get install fonts-noto-core"):
        SystemFonts([tmp_path]).font("thai", "bold", 20)
    with pytest.raises(FontMissing, match="apt-get install fonts-noto-cjk"):
        SystemFonts([tmp_path]).font("han", "regular", 20)


def test_words_too_long_for_their_tile_are_no_picture() -> None:
    spots = tuple(msgspec.structs.replace(spot, title="word " * 40) for spot in MENUS[0].spots)
    with pytest.raises(ValueError, match="too long"):
        draw(msgspec.structs.replace(MENUS[0], spots=spots), Lettering(PlainFonts()))


def test_a_line_is_cut_where_the_script_changes() -> None:
    assert list(runs("โทร 1323 安心")) == [("โทร ", "thai"), ("1323 ", "latin"), ("安心", "han")]
    assert list(runs("")) == []


def test_letters_are_written_side_by_side() -> None:
    canvas = Image.new("L", (400, 80))
    letters = Lettering(PlainFonts())
    letters.write(ImageDraw.Draw(canvas), (10, 60), "ab安", "bold", 40, "#FFFFFF")
    box = canvas.getbbox()
    assert box is not None
    assert box[0] >= 10
    assert box[2] <= 10 + letters.width("ab安", "bold", 40) + 2


@each_menu
def test_all_words_can_be_read_on_their_ground(menu: Menu) -> None:
    for spot in menu.spots:
        tone = spot.tone
        for words, ground in ((tone.ink, tone.fill), (tone.soft, tone.fill), (tone.icon, tone.mark)):
            assert _contrast(words, ground) >= READABLE, (spot.title, words, ground)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in getrgb(colour)[:3])
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_language_says_everything() -> None:
    wanted = {tile.name for tiles in layout().layouts.values() for tile in tiles if tile.call is None}
    for language in LANGUAGES:
        assert set(texts(language).tiles) == wanted
        assert texts(language).meta.status == "draft"
        for tiles in layout().layouts.values():
            assert all(texts(language).tiles[tile.name].says for tile in tiles if tile.says)


def test_the_numbers_are_those_of_the_crisis_card() -> None:
    known = {(line.country, line.number): line for line in lines()}
    for country, calls in layout().calls.items():
        for call in calls:
            line = known[country, call.number]
            assert call.names == {language: line.names[language] for language in call.names}


def test_a_menu_has_the_lines_of_the_country_that_the_crisis_card_would_take() -> None:
    for clinic in ("TH", "TW", "ZZ"):
        for menu in menus(clinic):
            if menu.kind != "crisis":
                continue
            country = country_of(menu.language, default=clinic)
            called = [spot.title for spot in menu.spots if spot.is_call]
            assert called == [call.number for call in layout().calls[country]]


def test_a_country_without_lines_of_ours_gets_the_number_for_anywhere() -> None:
    english = next(menu for menu in menus("BR") if menu.alias == "crisis-en")
    assert [spot.action["uri"] for spot in english.spots if spot.is_call] == ["tel:112"]


def test_the_panic_button_needs_nobody_s_consent_or_registration() -> None:
    """LINE shows the crisis menu by itself; chat answers the postback to anybody."""
    for menu in MENUS:
        if menu.kind == "main":
            [panic] = [spot for spot in menu.spots if spot.icon == "lifebuoy"]
            assert panic.action["type"] == "richmenuswitch"
            assert panic.action["richMenuAliasId"] == alias_of("crisis", menu.language)
            command = commands.parse(postback=panic.action["data"])
            assert command is not None
            assert command.name == "emergency"
            assert command.name in commands.RIGHTS


def test_every_command_on_a_menu_is_one_that_chat_knows() -> None:
    for menu in MENUS:
        for spot in menu.spots:
            data = str(spot.action.get("data", ""))
            if data.startswith("cmd="):
                assert commands.parse(postback=data) is not None, data


def test_a_menu_leads_only_to_menus_of_its_language() -> None:
    for country in layout().calls:
        aliases = {menu.alias for menu in menus(country)}
        assert len(aliases) == len(menus(country)) == 2 * len(LANGUAGES)
        for menu in menus(country):
            leads_to = {spot.action["richMenuAliasId"] for spot in menu.spots if "richMenuAliasId" in spot.action}
            other: Kind = "crisis" if menu.kind == "main" else "main"
            assert leads_to == {alias_of(other, menu.language)} <= aliases


def test_another_language_gets_the_english_menus() -> None:
    assert alias_of("main", "ja") == "main-en"
    assert alias_of("crisis", "zh-TW") == "crisis-zh-tw"


def test_the_name_tells_a_change_from_none() -> None:
    menu = MENUS[0]
    name = menu.body(b"picture")["name"]
    assert name == menu.body(b"picture")["name"]
    assert name.startswith(f"namjai {menu.alias} ")
    assert name != menu.body(b"another")["name"]
    assert name != msgspec.structs.replace(menu, bar="Other").body(b"picture")["name"]
