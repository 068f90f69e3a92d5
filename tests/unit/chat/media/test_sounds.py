"""Sounds both ways: nothing is lost of them, and nothing that is no sound passes for one."""

import asyncio
import struct
from io import BytesIO

import av
import pytest
from av.video.frame import VideoFrame

from namjai.chat.media.bench import Unreadable
from namjai.chat.media.sounds import Sound, Sounds, to_flac, to_m4a
from tests.unit.chat.media.makers import encoded, played, tone, wav

RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000)
NEAR_MS = 50


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.25, 1.7, 12.345])
def test_a_models_pcm_plays_as_long_as_it_has_samples(rate: int, seconds: float) -> None:
    made = to_m4a(tone(seconds, rate), f"audio/L16;codec=pcm;rate={rate}")
    heard = played(made.data)
    assert made.duration_ms == pytest.approx(seconds * 1000, abs=1)
    assert heard.ms == pytest.approx(seconds * 1000, abs=NEAR_MS)
    assert (heard.codec, heard.channels, heard.videos) == ("aac", 1, 0)


@pytest.mark.parametrize("rate", RATES)
def test_a_models_wav_plays_as_long_as_it_has_samples_whatever_its_type_says(rate: int) -> None:
    made = to_m4a(wav(tone(2.5, rate), rate), f"audio/L16;codec=pcm;rate={rate * 2}")
    assert made.duration_ms == pytest.approx(2_500, abs=1)
    assert played(made.data).ms == pytest.approx(2_500, abs=NEAR_MS)


def test_a_wav_that_was_streamed_and_knows_no_length_is_read_to_its_end() -> None:
    streamed = bytearray(wav(tone(2, 24_000), 24_000))
    streamed[4:8] = streamed[40:44] = b"\xff\xff\xff\xff"
    assert to_m4a(bytes(streamed), "audio/wav").duration_ms == pytest.approx(2_000, abs=1)


def test_stereo_pcm_becomes_one_voice_of_the_same_length() -> None:
    made = to_m4a(tone(3, 24_000, channels=2), "audio/pcm; rate=24000; channels=2")
    assert (made.duration_ms, played(made.data).channels) == (3_000, 1)


def test_half_a_sample_at_the_end_is_left_out() -> None:
    assert to_m4a(tone(1, 24_000) + b"\1", "audio/L16;rate=24000").duration_ms == 1_000


def test_what_line_plays_is_an_m4a_that_can_begin_before_it_is_whole() -> None:
    made = to_m4a(tone(30, 24_000), "audio/L16;rate=24000")
    assert made.mime == "audio/mp4"
    assert made.data[4:12] == b"ftypM4A "
    assert made.data.find(b"moov") < made.data.find(b"mdat")


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [
        ("ipod", "aac", 44_100),
        ("ipod", "aac", 16_000),
        ("adts", "aac", 24_000),
        ("ogg", "libopus", 48_000),
        ("mp3", "libmp3lame", 22_050),
        ("wav", "pcm_s16le", 8_000),
        ("flac", "flac", 16_000),
    ],
)
def test_what_people_say_becomes_16_khz_flac_of_one_voice(form: str, codec: str, rate: int) -> None:
    made = to_flac(encoded(tone(2, rate), rate, form, codec))
    heard = played(made.data)
    assert (made.mime, heard.codec, heard.rate, heard.channels) == ("audio/flac", "flac", 16_000, 1)
    assert heard.ms == pytest.approx(made.duration_ms, abs=1)
    # MP3 and bare AAC have no word for the silence that their encoders put before and after.
    assert made.duration_ms == pytest.approx(2_000, abs=150 if form in ("mp3", "adts") else NEAR_MS)


def test_a_voice_of_brand_m4a_is_a_sound_and_a_film_without_sound_is_none() -> None:
    voice = encoded(tone(1, 16_000), 16_000, "ipod", "aac")
    assert voice[4:12] == b"ftypM4A "
    assert to_flac(voice).duration_ms == pytest.approx(1_000, abs=NEAR_MS)
    with pytest.raises(Unreadable):
        to_flac(_silent_film())


def _silent_film() -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(10):
            out.mux(stream.encode(VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    return file.getvalue()


VOICE = encoded(tone(4, 16_000), 16_000, "ipod", "aac")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello, this is no sound at all" * 40, "unreadable"),
        (VOICE[:600], "unreadable"),
        (to_m4a(tone(4, 16_000), "audio/L16;rate=16000").data[:12_000], "unreadable"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom\0\0\0\x08mdat", "unreadable"),
        (VOICE[:64] + bytes(len(VOICE) - 1_600) + VOICE[-1_536:], "unreadable"),
        (wav(b"", 16_000), "empty"),
        (b"RIFF\x24\0\0\0WAVE", "unreadable"),
        (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret.ts\n", "unreadable"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "unreadable"),
    ],
)
def test_what_is_broken_empty_or_no_sound_is_said_to_be_unreadable(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        to_flac(data)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("data", "mime", "reason"),
    [
        (b"", "audio/L16;rate=24000", "empty"),
        (b"\1", "audio/L16;rate=24000", "empty"),
        (bytes(4_800), "audio/L16;codec=pcm", "unreadable"),
        (bytes(4_800), "audio/L16;rate=999999", "unreadable"),
        (bytes(4_800), "audio/L16;rate=24000;channels=9", "unreadable"),
        (bytes(4_800), "application/json", "unreadable"),
        (b'{"error": "no voice today"}', "audio/wav", "unreadable"),
    ],
)
def test_a_model_that_sends_no_sound_is_told_from_one_that_does(data: bytes, mime: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        to_m4a(data, mime)
    assert refused.value.reason == reason


def test_a_voice_message_with_one_damaged_piece_is_still_heard() -> None:
    damaged = bytearray(encoded(tone(4, 16_000), 16_000, "adts", "aac"))
    damaged[6_000:6_012] = struct.pack("<3I", 1, 2, 3)
    assert to_flac(bytes(damaged)).duration_ms > 3_500


def test_longer_than_the_limit_is_too_long_and_is_not_decoded_to_its_end() -> None:
    with pytest.raises(Unreadable) as refused:
        to_flac(encoded(tone(10, 16_000), 16_000, "ipod", "aac"), seconds_max=5)
    assert refused.value.reason == "too_long"


async def test_several_sounds_are_worked_on_at_once_and_none_is_mixed_up() -> None:
    sounds = Sounds(at_once=2, minutes_max=1)

    async def said(seconds: int) -> Sound:
        return await sounds.to_play(tone(seconds, 24_000), "audio/L16;rate=24000")

    made = await asyncio.gather(*(said(seconds) for seconds in (1, 2, 3, 4)))
    assert [each.duration_ms for each in made] == [1_000, 2_000, 3_000, 4_000]
    heard = await asyncio.gather(*(sounds.to_hear(each.data) for each in made))
    assert [each.duration_ms for each in heard] == [
        pytest.approx(ms, abs=NEAR_MS) for ms in (1_000, 2_000, 3_000, 4_000)
    ]
    with pytest.raises(Unreadable):
        await sounds.to_hear(b"no sound")
