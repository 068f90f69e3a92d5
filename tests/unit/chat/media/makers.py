"""Sounds and pictures made on the spot, and a second look at what became of them."""

import math
import wave
from array import array
from fractions import Fraction
from io import BytesIO
from typing import Any, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from PIL import Image


def tone(seconds: float, rate: int, channels: int = 1) -> bytes:
    """A soft 440 Hz tone as raw 16-bit PCM."""
    wave_of_one = array("h", (round(9_000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(rate)))
    samples = round(seconds * rate)
    mono = (wave_of_one * (samples // rate + 1))[:samples]
    return array("h", (sample for sample in mono for _ in range(channels))).tobytes()


def wav(pcm: bytes, rate: int, channels: int = 1) -> bytes:
    """PCM as a complete WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()


def encoded(pcm: bytes, rate: int, form: str, codec: str) -> bytes:
    """PCM in another container: what people's apps send."""
    file = BytesIO()
    with av.open(file, "w", format=form) as out:
        stream = out.add_stream(codec, rate=rate)
        assert isinstance(stream, AudioStream)
        frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for each in (frame, None):
            out.mux(stream.encode(each))
    return file.getvalue()


class Played(NamedTuple):
    """What a player makes of a file."""

    ms: float
    rate: int
    channels: int
    codec: str
    videos: int


def played(data: bytes) -> Played:
    """Decode the whole of it with PyAV and count."""
    with av.open(BytesIO(data), "r") as file:
        stream = file.streams.audio[0]
        samples = sum(frame.samples for frame in file.decode(stream))
        return Played(
            samples * 1000 / stream.rate,
            stream.rate,
            stream.codec_context.layout.nb_channels,
            stream.codec_context.name,
            len(file.streams.video),
        )


def picture(width: int = 320, height: int = 240, form: str = "JPEG", mode: str = "RGB", **how: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    file = BytesIO()
    image.convert(mode).save(file, form, **how)
    return file.getvalue()
