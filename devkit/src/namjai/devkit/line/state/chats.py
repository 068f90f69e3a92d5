"""What each person sees: the chat, in order, and whether the account is blocked or typing."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import msgspec


class Entry(msgspec.Struct, kw_only=True, rename={"author": "from", "event": "webhookEventId"}, omit_defaults=True):
    """One line of a chat."""

    n: int
    time: int  # ms since 1970
    author: str  # user, bot or system
    message: dict[str, Any]
    via: str = ""  # reply, push, multicast, broadcast; webhook for what the person sent
    id: str = ""  # of the message
    event: str = ""  # of the webhook
    status: int | None = None  # what the webhook was answered; None while it waits
    ms: float | None = None


class Chat:
    """One person's (or group's) chat with the account."""

    def __init__(self, chat_id: str, friend: bool, entries_max: int) -> None:
        self.id = chat_id
        self.entries: deque[Entry] = deque(maxlen=entries_max)
        self.friend = friend
        self.blocked = False
        self.standby = False
        self.wrote = False
        self.loading_until = 0.0
        self.hidden: dict[bytes, float] = {}  # digests of replies whose 200 the bot never saw → when

    def hide(self, digest: bytes, now: float) -> None:
        """Remember a delivery that the bot could not know of; only a few of the last ten minutes matter."""
        self.hidden = {key: at for key, at in self.hidden.items() if now - at < 600}
        if len(self.hidden) < 100:
            self.hidden[digest] = now


Listener = Callable[[str, dict[str, Any]], None]


class Chats:
    """All chats; the one longest without a word is forgotten first."""

    def __init__(self, chats_max: int, entries_max: int, friends: frozenset[str], tell: Listener) -> None:
        self._chats: OrderedDict[str, Chat] = OrderedDict()
        self._chats_max = chats_max
        self._entries_max = entries_max
        self._friends = friends
        self._tell = tell
        self._count = 0

    def seen(self) -> list[str]:
        return list(self._chats)

    def find(self, chat_id: str) -> Chat | None:
        return self._chats.get(chat_id)

    def of(self, chat_id: str) -> Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = Chat(chat_id, chat_id in self._friends, self._entries_max)
            if len(self._chats) > self._chats_max:
                self._chats.popitem(last=False)
        return chat

    def add(self, chat: Chat, *, time_ms: int, author: str, message: dict[str, Any], **rest: Any) -> Entry:
        self._count += 1
        entry = Entry(n=self._count, time=time_ms, author=author, message=message, **rest)
        chat.entries.append(entry)
        self._chats.move_to_end(chat.id)
        self.changed(chat, entry)
        return entry

    def changed(self, chat: Chat, entry: Entry) -> None:
        self._tell("entry", {"chat": chat.id, "entry": entry})

    def loading(self, chat: Chat, until: float, now: float) -> None:
        """Show or hide the three dots."""
        if until > now or chat.loading_until > now:
            self._tell("loading", {"chat": chat.id, "ms": max(0, round((until - now) * 1000))})
        chat.loading_until = until

    def unsend(self, chat: Chat, message_id: str) -> None:
        for entry in chat.entries:
            if entry.id == message_id and entry.author == "user":
                entry.message = {"type": "unsent"}
                self.changed(chat, entry)
