"""Around a chat: loading animation, read marks, profiles."""

from namjai.devkit.line import check, people
from namjai.devkit.line.api.endpoint import Answer, Asked, Endpoint, answer, error
from namjai.devkit.line.platform import Platform

NOT_FOUND = "Not found"


def start_loading(platform: Platform, asked: Asked) -> Answer:
    """Three dots until the next message, or for so many seconds; a second call starts the time again."""
    chat = platform.chats.of(asked.body["chatId"])
    platform.chats.loading(chat, asked.now + asked.body.get("loadingSeconds", 20), asked.now)
    return answer(202, {})


def mark_as_read(platform: Platform, asked: Asked) -> Answer:
    chat = platform.read_tokens.get(asked.body["markAsReadToken"])
    if chat is None:
        return error(400, "Invalid markAsReadToken")
    platform.stream.tell("read", {"chat": chat})
    return answer(200, {})


def profile(platform: Platform, asked: Asked) -> Answer:
    """Of friends and of people who wrote; everyone else is 404, whatever the reason."""
    user_id = asked.params["user"]
    chat = platform.chats.find(user_id)
    person = people.someone(user_id)
    reachable = chat is not None and (chat.friend or chat.wrote) and not chat.blocked
    if not reachable and not (chat is None and person.friend):
        return error(404, NOT_FOUND)
    about = {"statusMessage": person.about} if person.about else {}
    return answer(200, {"displayName": person.name, "userId": user_id, "language": person.language, **about})


def member(_platform: Platform, asked: Asked) -> Answer:
    """A profile within a group or room."""
    user_id = asked.params["user"]
    if not people.USER_ID.fullmatch(user_id):
        return error(404, NOT_FOUND)
    return answer(200, {"displayName": people.someone(user_id).name, "userId": user_id})


def group_summary(_platform: Platform, asked: Asked) -> Answer:
    return answer(200, {"groupId": asked.params["group"], "groupName": "A group"})


def leave(_platform: Platform, _asked: Asked) -> Answer:
    return answer(200, {})


ENDPOINTS = (
    Endpoint("POST", "/v2/bot/chat/loading/start", start_loading, check.LOADING, most=100),
    Endpoint("POST", "/v2/bot/chat/markAsRead", mark_as_read, check.MARK_AS_READ),
    Endpoint("GET", "/v2/bot/profile/{user}", profile),
    Endpoint("GET", "/v2/bot/group/{group}/member/{user}", member),
    Endpoint("GET", "/v2/bot/room/{room}/member/{user}", member),
    Endpoint("GET", "/v2/bot/group/{group}/summary", group_summary),
    Endpoint("POST", "/v2/bot/group/{group}/leave", leave),
    Endpoint("POST", "/v2/bot/room/{room}/leave", leave),
)
