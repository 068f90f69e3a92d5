"""The people of the simulator: a few to chat as, two of the staff, and anyone else by LINE user id."""

import re
from dataclasses import dataclass
from hashlib import sha256

USER_ID = re.compile(r"U[0-9a-f]{32}")
CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}")


@dataclass(frozen=True)
class Person:
    """Someone with a phone. `key` is how a command line names them."""

    key: str
    name: str
    language: str
    about: str
    colour: str
    staff: bool = False
    friend: bool = False  # has added the account before the simulation starts

    @property
    def user_id(self) -> str:
        return user_id(self.key)


def user_id(key: str) -> str:
    """The same key has the same LINE user id on every machine."""
    return "U" + sha256(f"namjai simulator: {key}".encode()).hexdigest()[:32]


SOMCHAI = Person("somchai", "สมชาย", "th", "34, Bangkok, wants to stop ya ba", "#2f7d6b")
AFANG = Person("afang", "阿芳", "zh-TW", "45, Taipei, drinks at night", "#b5543c")
ALEX = Person("alex", "Alex", "en", "29, Chiang Mai, cutting down on alcohol", "#3c63b5")
NONG_FAH = Person("fah", "น้องฟ้า", "th", "15, a minor, worried about a friend", "#8a4fa8")
XIAOLI = Person("xiaoli", "小丽", "zh-CN", "38, sister of someone who uses", "#a8862f")
NURSE_PLOY = Person("ploy", "Staff: Nurse Ploy", "th", "on call, first line", "#c2406b", staff=True, friend=True)
DR_CHEN = Person("chen", "Staff: Dr. Chen", "zh-TW", "on call, second line", "#4a5a6a", staff=True, friend=True)

PEOPLE = (SOMCHAI, AFANG, ALEX, NONG_FAH, XIAOLI, NURSE_PLOY, DR_CHEN)
STAFF = (NURSE_PLOY, DR_CHEN)
_BY_NAME = {name: person for person in PEOPLE for name in (person.key, person.name.lower())}
_BY_ID = {person.user_id: person for person in PEOPLE}


def find(name_or_id: str) -> str | None:
    """The chat id meant by a key, a name or an id; None if it is neither."""
    if CHAT_ID.fullmatch(name_or_id):
        return name_or_id
    person = _BY_NAME.get(name_or_id.strip().lower())
    return person.user_id if person else None


def known(chat: str) -> Person | None:
    return _BY_ID.get(chat)


def someone(chat: str) -> Person:
    """The person of an id, known or invented."""
    return _BY_ID.get(chat) or Person(chat, f"Person {chat[1:5]}", "en", "", "#6b7280")
