"""Pictures become upright, modest and silent about everything but what is seen; bad ones are refused."""

import asyncio
import struct
import zlib
from io import BytesIO

import pi_heif
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from namjai.chat.media.bench import Unreadable
from namjai.chat.media.pictures import Pictures, normalise
from tests.unit.chat.media.makers import picture


def opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return image


def colour(image: Image.Image, x: int, y: int) -> str:
    red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return max({"red": red, "green": green, "blue": blue}.items(), key=lambda each: each[1])[0]


def test_a_large_picture_is_made_modest_and_keeps_its_shape() -> None:
    made = normalise(picture(4_000, 3_000))
    assert (made.width, made.height, made.mime) == (1_920, 1_440, "image/jpeg")
    assert opened(made.data).size == (1_920, 1_440)


def test_a_photograph_of_many_pixels_is_unpacked_no_larger_than_it_is_needed() -> None:
    made = normalise(picture(8_000, 6_000), pixels_max=15_000_000)
    assert (made.width, made.height) == (1_920, 1_440)
    with pytest.raises(Unreadable):
        normalise(picture(5_000, 4_000, form="PNG"), pixels_max=15_000_000)


def test_a_small_picture_stays_as_large_as_it_is() -> None:
    made = normalise(picture(320, 240))
    assert (made.width, made.height) == (320, 240)


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # the camera was turned: left of the file is the top of the scene
    seen = opened(normalise(picture(320, 240, exif=exif)).data)
    assert seen.size == (240, 320)
    assert (colour(seen, 120, 20), colour(seen, 120, 300)) == ("red", "blue")


def test_nothing_is_told_of_where_when_and_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.DateTime] = "Namjai Phone", "2026:11:21 10:00:00"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (13.0, 43.0, 50.0)
    told = picture(exif=exif, comment=b"my home", xmp=b"<x:xmpmeta>home</x:xmpmeta>", icc_profile=b"x" * 200)
    assert b"Namjai Phone" in told
    made = normalise(told)
    assert not opened(made.data).getexif()
    assert not any(word in made.data for word in (b"Exif", b"Namjai", b"home", b"http", b"ICC"))


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
    ],
)
def test_what_phones_send_can_be_read(form: str, mode: str) -> None:
    made = normalise(picture(form=form, mode=mode))
    assert opened(made.data).mode == "RGB"
    if mode in ("RGB", "RGBA", "P", "CMYK"):
        assert (colour(opened(made.data), 20, 100), colour(opened(made.data), 300, 100)) == ("red", "blue")


def test_what_is_transparent_is_seen_on_white() -> None:
    glass = BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(glass, "PNG")
    assert opened(normalise(glass.getvalue()).data).getpixel((32, 32)) == (255, 255, 255)


def test_the_pictures_of_iphones_can_be_read() -> None:
    # The library reads this format and does not write it; a file that only begins like one goes its way to the end.
    assert ".heic" in Image.registered_extensions()
    assert pi_heif.is_supported(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(Unreadable):
        normalise(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))


def test_the_same_picture_has_the_same_digest_however_it_came() -> None:
    png, other = normalise(picture(form="PNG")), normalise(picture(form="PNG", compress_level=1, dpi=(300, 300)))
    assert png.digest == other.digest
    assert png.digest != normalise(picture(width=322, form="PNG")).digest


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that unpacks to width times height."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def film(form: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), name) for name in ("red", "blue", "green")]
    file = BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


WHOLE = picture(800, 600)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"no picture" * 100, "unreadable"),
        (WHOLE[: len(WHOLE) // 2], "unreadable"),
        (WHOLE[:20], "unreadable"),
        (picture(form="PNG")[:-30], "unreadable"),
        (picture(1, 1, form="PNG"), "empty"),
        (picture(4_000, 8), "empty"),
        (bomb(30_000, 30_000), "too_large"),
        (bomb(2**31 - 1, 2**31 - 1), "too_large"),
        (picture(form="GIF"), "unreadable"),
        (picture(form="TIFF"), "unreadable"),
        (film("PNG"), "unreadable"),
        (film("WEBP"), "unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "unreadable"),
    ],
)
def test_what_is_broken_huge_moving_or_no_picture_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        normalise(data)
    assert refused.value.reason == reason


async def test_several_pictures_are_worked_on_at_once_and_none_is_mixed_up() -> None:
    pictures = Pictures(at_once=2, side_px_max=200, pixels_max=1_000_000)
    made = await asyncio.gather(*(pictures.ready(picture(width, 100)) for width in (100, 200, 400)))
    assert [(each.width, each.height) for each in made] == [(100, 100), (200, 100), (200, 50)]
    with pytest.raises(Unreadable):
        await pictures.ready(picture(2_000, 2_000, form="PNG"))
