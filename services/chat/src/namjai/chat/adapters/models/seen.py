"""What a model found in a picture, kept for the next time the same picture is shown: sealed by the picture itself."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from namjai.chat.adapters.models.account import Note
from namjai.chat.adapters.models.shapes import filled, schema_of
from namjai.chat.ports import Attachment, Mind, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.events.uses import ModelUse
from namjai.runtime.cache import Cache

T = TypeVar("T", bound=msgspec.Struct)
MindFor = Callable[[Note], Mind]
NONCE_BYTES: Final = 12
_NAME: Final = b"namjai picture reading: name\0"
_KEY: Final = b"namjai picture reading: key\0"


class _Kept(msgspec.Struct, frozen=True):
    """What the model wrote, and which one it was; nothing of who showed the picture."""

    text: str
    model: str


@dataclass(frozen=True)
class Secret:
    """Names an entry and opens it. Both follow from the pixels, from what is asked about them and from the clinic's
    own key, so that neither the store alone nor a guessed picture alone tells anything (G7)."""

    name: str
    key: bytes

    @classmethod
    def of(cls, request: ModelRequest, schema: object, models: str, pepper: bytes) -> Secret:
        """For a request about pictures that all have a digest."""
        asked = ([each.digest for each in request.attachments], replace(request, attachments=()), schema, models)
        seed = hmac.digest(pepper, msgspec.json.encode(asked, order="sorted"), sha256)
        return cls(hmac.digest(seed, _NAME, sha256).hex(), hmac.digest(seed, _KEY, sha256))

    def seal(self, kept: _Kept) -> bytes:
        """For the store."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, msgspec.json.encode(kept), self.name.encode())

    def open(self, box: bytes) -> _Kept | None:
        """None for what is damaged, or was put there by somebody else."""
        try:
            clear = AESGCM(self.key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], self.name.encode())
            return msgspec.json.decode(clear, type=_Kept)
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            return None


class SeenBefore(Mind):
    """A mind that looks at the same picture once, whoever shows it; all else it asks as ever.

    `make` gives the mind behind it, with somebody who takes down its uses. `models` are the names of those that may
    look: another one would see something else.
    """

    def __init__(self, make: MindFor, cache: Cache, note: Note, *, models: Sequence[str], pepper: bytes) -> None:
        self._note = note
        self._looking = False
        self._mind = make(self._marked)
        self._cache = cache
        self._models = "+".join(models)
        self._pepper = pepper

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says; from the cache where it is there."""
        if not request.attachments or any(each.digest is None for each in request.attachments):
            return await self._mind.fill(request, shape)
        secret = Secret.of(request, schema_of(shape), self._models, self._pepper)
        found = await self._find(secret, request, shape)
        if found is None:  # damaged, or of another release: looked at again
            await self._cache.invalidate(secret.name)
            found = await self._find(secret, request, shape)
        if found is None:
            raise ModelUnavailable("misshapen")
        return found

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        return await self._mind.write(request)

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """As the port says."""
        return await self._mind.listen(sound, languages=languages)

    async def speak(self, words: str, *, language: str) -> Attachment:
        """As the port says."""
        return await self._mind.speak(words, language=language)

    async def count(self, words: str) -> int:
        """As the port says."""
        return await self._mind.count(words)

    async def _find(self, secret: Secret, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer] | None:
        looked: list[tuple[T, ModelAnswer]] = []

        async def look() -> bytes:
            self._looking = True
            try:
                found = await self._mind.fill(request, shape)
            finally:
                self._looking = False
            looked.append(found)
            return secret.seal(_Kept(found[1].text, found[1].model))

        try:
            box = await self._cache.get_or_load(secret.name, look)
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        if looked:
            return looked[0]
        if (kept := secret.open(box)) is None:
            return None
        answer = ModelAnswer(text=kept.text, model=kept.model)
        try:
            found = filled(answer, shape)
        except ModelUnavailable:
            return None
        self._note(ModelUse(purpose=request.purpose, model=kept.model, cache="hit"))
        return found, answer

    def _marked(self, use: ModelUse) -> None:
        """What is asked because it was not in the cache says so on record."""
        self._note(msgspec.structs.replace(use, cache="miss") if self._looking else use)
