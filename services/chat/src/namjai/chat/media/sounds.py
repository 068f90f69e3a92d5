"""Sounds both ways: what people say becomes FLAC for models, and what a model says becomes M4A that LINE plays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Final, Literal

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import FFmpegError

from namjai.chat.media.bench import Bench, Unreadable

HEARING_HZ: Final = 16_000
PLAYED_HZ: Final = (22_050, 24_000, 32_000, 44_100, 48_000)
"""Rates at which AAC's whole frames add less than 50 ms of silence; any other is turned into the last one."""
BROKEN_SHARE_MAX: Final = 0.05
"""So much of a voice message may be damaged and is skipped; more, and what is left is not what was said."""
PCM_PIECE_SAMPLES: Final = 4_096
PCM_HZ: Final = (8_000, 96_000)
_PCM: Final = re.compile(r"audio/(?:L16|pcm)\b", re.IGNORECASE)
_RATE: Final = re.compile(r";\s*rate=(\d{4,6})\b", re.IGNORECASE)
_CHANNELS: Final = re.compile(r";\s*channels=(\d{1,2})\b", re.IGNORECASE)
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A whole file and how long it plays; the length is counted in samples, never taken from a header."""

    data: bytes
    mime: str
    duration_ms: int


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a sound is written; `hz` None keeps its own rate, where phones can play it."""

    container: str
    codec: Literal["aac", "flac"]
    mime: str
    hz: int | None = None
    bits_per_s: int | None = None


FLAC: Final = Form(container="flac", codec="flac", mime="audio/flac", hz=HEARING_HZ)
M4A: Final = Form(container="ipod", codec="aac", mime="audio/mp4", bits_per_s=64_000)


class Sounds:
    """Turns sounds into each other, `at_once` at a time."""

    def __init__(self, *, at_once: int, minutes_max: float) -> None:
        self._bench = Bench(at_once)
        self._seconds_max = minutes_max * 60

    async def to_hear(self, data: bytes) -> Sound:
        """What a person said, for a model. Raises `Unreadable`."""
        return await self._bench.do(to_flac, data, seconds_max=self._seconds_max)

    async def to_play(self, data: bytes, mime: str) -> Sound:
        """What a model said, for LINE. Raises `Unreadable`."""
        return await self._bench.do(to_m4a, data, mime, seconds_max=self._seconds_max)


def to_flac(data: bytes, *, seconds_max: float = 300) -> Sound:
    """M4A, AAC, Ogg, MP3, WAV or FLAC as 16 kHz mono FLAC. Raises `Unreadable`."""
    return _turned(_decoded(data), FLAC, seconds_max)


def to_m4a(data: bytes, mime: str, *, seconds_max: float = 300) -> Sound:
    """Raw PCM (`audio/L16;rate=24000`) or any complete file as M4A. What the bytes are is asked first, then the type.

    Gemini answers with either, whatever was asked for. Its PCM is little-endian, though RFC 2586 would have it big.
    Raises `Unreadable`.
    """
    if data and _container(data) is None and _PCM.match(mime):
        rate = int(found.group(1)) if (found := _RATE.search(mime)) else 0
        channels = int(found.group(1)) if (found := _CHANNELS.search(mime)) else 1
        if channels not in _LAYOUTS or not PCM_HZ[0] <= rate <= PCM_HZ[1]:
            raise Unreadable
        return _turned(_pcm(data, rate, channels), M4A, seconds_max)
    return _turned(_decoded(data), M4A, seconds_max)


def _container(data: bytes) -> str | None:
    """Which demuxer these bytes are for. FFmpeg is never left to guess: some of its formats fetch other files.

    An `ftyp` says only that it is MPEG-4. Voice has the brand `M4A `; whether there is a sound in it, its tracks say.
    """
    if data[4:8] == b"ftyp":
        return "mov"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:3] == b"ID3":
        return "mp3"
    for beginning, name in ((b"OggS", "ogg"), (b"fLaC", "flac")):
        if data.startswith(beginning):
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:  # an MPEG audio frame; layer 0 means AAC
        return "mp3" if data[1] & 0x06 else "aac"
    return None


def _decoded(data: bytes) -> Iterator[AudioFrame]:
    """The sound in a file, whatever else is in it."""
    if not data:
        raise Unreadable("empty")
    if (container := _container(data)) is None:
        raise Unreadable
    with av.open(BytesIO(data), "r", format=container) as file:
        if not file.streams.audio:
            raise Unreadable
        yield from _frames(file, promised_s=_promised_s(file) if container == "mov" else 0.0)


def _promised_s(file: InputContainer) -> float:
    """What the index of an MPEG-4 file says; other containers only guess."""
    track = file.streams.audio[0]
    return float(track.duration * track.time_base) if track.duration and track.time_base else 0.0


def _frames(file: InputContainer, promised_s: float) -> Iterator[AudioFrame]:
    broken = whole = 0
    heard_s = 0.0
    for packet in file.demux(file.streams.audio[0]):
        try:
            frames = packet.decode()
        except FFmpegError:
            broken += 1
            continue
        whole += 1
        for frame in frames:
            if isinstance(frame, AudioFrame):
                heard_s += frame.samples / frame.sample_rate
                yield frame
    if broken > BROKEN_SHARE_MAX * whole or heard_s < (1 - BROKEN_SHARE_MAX) * promised_s:
        raise Unreadable


def _pcm(data: bytes, rate: int, channels: int) -> Iterator[AudioFrame]:
    """16-bit samples as frames; half a sample at the end is left out."""
    width = 2 * channels
    for start in range(0, len(data) - width + 1, PCM_PIECE_SAMPLES * width):
        piece = data[start : start + PCM_PIECE_SAMPLES * width]
        samples = len(piece) // width
        frame = AudioFrame(format="s16", layout=_LAYOUTS[channels], samples=samples)
        frame.planes[0].update(piece[: samples * width])
        frame.rate = rate
        yield frame


def _turned(frames: Iterator[AudioFrame], form: Form, seconds_max: float) -> Sound:
    """Frames as a file, in one voice."""
    try:
        return _encoded(*_mono(frames, form.hz, seconds_max), form)
    except (FFmpegError, ValueError, OverflowError, MemoryError) as broken:
        raise Unreadable from broken


def _encoded(pieces: Sequence[AudioFrame], samples: int, hz: int, form: Form) -> Sound:
    file = BytesIO()
    # A reserved place for the index lets it stand first, so that a phone can begin to play before it has everything.
    options = {"moov_size": str(4_096 + 8 * (samples // 1_024))} if form is M4A else {}
    with av.open(file, "w", format=form.container, options=options) as output:
        stream = output.add_stream(form.codec, rate=hz)
        stream.layout = "mono"
        if form.bits_per_s:
            stream.bit_rate = form.bits_per_s
        for piece in (*pieces, None):
            output.mux(stream.encode(piece))
    return Sound(data=file.getvalue(), mime=form.mime, duration_ms=round(samples * 1000 / hz))


def _mono(frames: Iterator[AudioFrame], rate: int | None, seconds_max: float) -> tuple[list[AudioFrame], int, int]:
    """Everything in one voice and one rate, numbered by sample; how many samples, and how many of them a second."""
    pieces: list[AudioFrame] = []
    samples, hz = 0, rate or 0
    resampler: AudioResampler | None = None
    for frame in frames:
        if resampler is None:
            hz = rate or (frame.sample_rate if frame.sample_rate in PLAYED_HZ else PLAYED_HZ[-1])
            resampler = AudioResampler(format="s16", layout="mono", rate=hz)
        frame.pts = None
        for piece in resampler.resample(frame):
            pieces.append(piece)
            samples += piece.samples
        if samples > seconds_max * hz:
            raise Unreadable("too_long")
    if resampler is not None:
        for piece in resampler.resample(None):
            pieces.append(piece)
            samples += piece.samples
    if not samples:
        raise Unreadable("empty")
    position = 0
    for piece in pieces:
        piece.pts, piece.time_base = position, Fraction(1, hz)
        position += piece.samples
    return pieces, samples, hz
