"""What is sent to Gemini: turns, pictures and sounds, and the settings of each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from namjai.chat.adapters.models.backend import Schema, talk
from namjai.chat.ports import Attachment, ModelRequest

if TYPE_CHECKING:
    from google.genai import types

_HARMS: Final = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_THRESHOLD: Final = "BLOCK_ONLY_HIGH"
"""People here speak of drugs and self-harm; risk and the guard decide about that, the filter only about extremes."""
NOTHING_SAID: Final = "-"
_LISTEN: Final = (
    "Write down what is said in this recording, word for word, in the language and script in which it is spoken. "
    "Leave out filler sounds. Add nothing: no translation, no comment, no time stamps, no names of speakers. "
    f"If nobody speaks, write only {NOTHING_SAID}"
)
_TRANSCRIBERS: Final = "transcribe"
"""Models with this in their name take hints in a field of their own; the others read them."""
_LOCALES: Final = {"th": "th-TH", "en": "en-US", "zh-TW": "cmn-Hant-TW", "nan": "nan-TW", "ja": "ja-JP", "ko": "ko-KR"}
_MORE_LOCALES: Final = {"vi": "vi-VN", "id": "id-ID", "es": "es-US", "fr": "fr-FR"}


def locale(language: str) -> str:
    """The tag by which speech models know a language."""
    return {**_LOCALES, **_MORE_LOCALES}.get(language, language)


def contents(request: ModelRequest) -> list[types.Content]:
    """The talk so far, and the last words with what was sent along."""
    from google.genai import types  # in memory since `gemini`

    before, words = talk(request)
    turns = [
        types.Content(role="user" if said.who == "person" else "model", parts=[types.Part(text=said.text)])
        for said in before
    ]
    parts = [types.Part.from_bytes(data=each.data, mime_type=each.mime) for each in request.attachments]
    return [*turns, types.Content(role="user", parts=[*parts, types.Part(text=words)])]


def config(
    request: ModelRequest, schema: Schema | None, *, tokens_max: int, thinking: str | None
) -> types.GenerateContentConfig:
    """The settings of a call for words, or for JSON of a given shape."""
    from google.genai import types

    return types.GenerateContentConfig(
        system_instruction=request.system,
        max_output_tokens=request.tokens_max or tokens_max,
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(thinking)) if thinking else None,
        safety_settings=_safety(),
        tools=[types.Tool(google_search=types.GoogleSearch())] if request.search else None,
        response_mime_type="application/json" if schema is not None else None,
        response_json_schema=schema,
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def listening(
    model: str, sound: Attachment, languages: Sequence[str], *, tokens_max: int
) -> tuple[list[types.Content], types.GenerateContentConfig]:
    """A recording, and which languages to expect in it."""
    from google.genai import types

    parts = [types.Part.from_bytes(data=sound.data, mime_type=sound.mime)]
    hints = [locale(language) for language in languages]
    transcriber = _TRANSCRIBERS in model
    if not transcriber:
        expected = f" Probably it is one of: {', '.join(hints)}." if hints else ""
        parts.append(types.Part(text=_LISTEN + expected))
    return [types.Content(role="user", parts=parts)], types.GenerateContentConfig(
        max_output_tokens=tokens_max,
        safety_settings=_safety(),
        audio_transcription_config=types.AudioTranscriptionConfig(language_codes=hints) if transcriber else None,
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def speaking(words: str, language: str, *, voice: str) -> tuple[list[types.Content], types.GenerateContentConfig]:
    """Words to read out, exactly as they are."""
    from google.genai import types

    prebuilt = types.PrebuiltVoiceConfig(voice_name=voice)  # older speech models know no other field
    return [types.Content(role="user", parts=[types.Part(text=words)])], types.GenerateContentConfig(
        response_modalities=["AUDIO"],
        speech_config=types.SpeechConfig(
            voice_config=types.VoiceConfig(prebuilt_voice_config=prebuilt), language_code=locale(language)
        ),
        safety_settings=_safety(),
        automatic_continuation=False,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def _safety() -> list[types.SafetySetting]:
    from google.genai import types

    return [
        types.SafetySetting(
            category=types.HarmCategory(f"HARM_CATEGORY_{harm}"), threshold=types.HarmBlockThreshold(_THRESHOLD)
        )
        for harm in _HARMS
    ]
