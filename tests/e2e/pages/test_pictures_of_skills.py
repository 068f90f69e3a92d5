"""Each skill is used from the phone page, by clicking and typing, and photographed for docs/skills.md."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from PIL import Image

from namjai.chat.skills.table import ALL
from namjai.devkit.running import Running
from tests.e2e.pages.conftest import WIDTH, Phones

SCENES: Final[dict[str, dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("scenes.yaml").read_text("utf-8"))
COMMITTED: Final = Path(__file__).parents[3] / "docs" / "images" / "skills"
BESIDES: Final = {"crisis"}
"""What is no skill, but the first thing to be sure of."""
PICTURE_BYTES_MAX = 80_000
COLOURS = (128, 64, 32)
"""As many as fit into so many bytes."""


@pytest.fixture(scope="session")
def kept_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: nowhere, unless somebody wants to keep them."""
    folder = Path(os.environ.get("NAMJAI_PICTURES_DIR") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("name", SCENES)
async def test_it_can_be_used_from_the_phone(name: str, phones: Phones, talking: Running, kept_in: Path) -> None:
    scene = SCENES[name]
    await talking.script(*scene.get("model", ()))
    phone = await phones(*scene["who"])
    for step in scene["steps"]:
        ((verb, words),) = step.items()
        if verb == "code":
            verb, words = "write", words.format(await _code(talking))
        await getattr(phone, verb)(str(words))
    (kept_in / f"{name}.png").write_bytes(_looked_at(await phone.photographed()))


async def _code(talking: Running) -> str:
    """A registration code, from the clinic's hand."""
    done, printed = await talking.namjai("codes", "new", "--by", "ploy", "--json")
    assert done == 0, printed
    return str(json.loads(printed)["code"])


def _looked_at(png: bytes) -> bytes:
    """The picture, small enough for a repository, once it is clear that there is something on it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert picture.width == 2 * (WIDTH - 20)
    assert picture.height > picture.width
    colours = picture.getcolors(picture.width * picture.height) or []
    assert len(colours) > 200
    assert max(share for share, _ in colours) < 0.8 * picture.width * picture.height
    return next(small for number in COLOURS if len(small := _png(picture, number)) <= PICTURE_BYTES_MAX)


def _png(picture: Image.Image, colours: int) -> bytes:
    out = io.BytesIO()
    picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def test_every_skill_has_its_scene() -> None:
    assert set(SCENES) == {skill.name for skill in ALL} | BESIDES


def test_every_scene_has_its_picture_and_every_picture_its_scene() -> None:
    assert {picture.stem for picture in COMMITTED.iterdir()} == set(SCENES), "make pictures"


@pytest.mark.parametrize("name", SCENES)
def test_the_committed_picture_is_small_and_shown_in_the_document(name: str) -> None:
    picture = COMMITTED / f"{name}.png"
    assert picture.stat().st_size <= PICTURE_BYTES_MAX
    with Image.open(picture) as opened:
        assert opened.width == 2 * (WIDTH - 20)
    assert f"images/skills/{name}.png" in (COMMITTED.parents[1] / "skills.md").read_text("utf-8")
