"""The channel itself: quota, bot profile, webhook address, access tokens."""

import secrets

from namjai.devkit.line import people
from namjai.devkit.line.api.endpoint import Answer, Asked, Endpoint, answer
from namjai.devkit.line.check.rules import code_points, filled
from namjai.devkit.line.check.shape import record, string
from namjai.devkit.line.platform import Platform

_SHORT_LIVED_S = 30 * 86_400
_STATELESS_S = 900
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def quota(platform: Platform, _asked: Asked) -> Answer:
    most = platform.settings.monthly_quota
    return answer(200, {"type": "limited", "value": most} if most else {"type": "none"})


def consumption(platform: Platform, _asked: Asked) -> Answer:
    return answer(200, {"totalUsage": platform.sent_this_month})


def info(platform: Platform, _asked: Asked) -> Answer:
    return answer(
        200,
        {
            "userId": platform.settings.bot_user_id,
            "basicId": "@namjai",
            "displayName": "น้ำใจ Namjai",
            "chatMode": "bot",
            "markAsReadMode": "manual",
        },
    )


def followers(platform: Platform, _asked: Asked) -> Answer:
    friends = [chat for chat in platform.chats.seen() if platform.chats.of(chat).friend]
    ready_made = [person.user_id for person in people.PEOPLE if person.friend]
    return answer(200, {"userIds": list(dict.fromkeys([*ready_made, *friends]))[:1000]})


def webhook_endpoint(platform: Platform, _asked: Asked) -> Answer:
    return answer(200, {"endpoint": platform.webhook_url, "active": bool(platform.webhook_url)})


def set_webhook_endpoint(platform: Platform, asked: Asked) -> Answer:
    platform.webhook_url = asked.body["endpoint"]
    return answer(200, {})


def _issue(platform: Platform, asked: Asked, life_s: int) -> Answer:
    token = secrets.token_urlsafe(48)
    platform.access_tokens.put(token, asked.now + life_s)
    return answer(200, {"access_token": token, "expires_in": life_s, "token_type": "Bearer"})


def _refused(status: int, code: str, why: str) -> Answer:
    return answer(status, {"error": code, "error_description": why})


def _knows_the_secret(platform: Platform, form: dict[str, str]) -> bool:
    known = (platform.settings.channel_id, platform.settings.channel_secret)
    return (form.get("client_id"), form.get("client_secret")) == known


def _asserts(form: dict[str, str]) -> bool:
    return form.get("client_assertion_type") == _JWT_BEARER and form.get("client_assertion", "").count(".") == 2


def issue_short_lived(platform: Platform, asked: Asked) -> Answer:
    if asked.body.get("grant_type") != "client_credentials" or not _knows_the_secret(platform, asked.body):
        return _refused(400, "invalid_request", "some parameters missed or invalid")
    return _issue(platform, asked, _SHORT_LIVED_S)


def issue_by_assertion(platform: Platform, asked: Asked) -> Answer:
    """v2.1. The signature of the assertion is not verified: the simulator has no public key to hold it against."""
    if asked.body.get("grant_type") != "client_credentials" or not _asserts(asked.body):
        return _refused(400, "invalid_client", "Invalid client_assertion")
    issued = _issue(platform, asked, _SHORT_LIVED_S)
    return Answer(200, issued.body[:-1] + b',"key_id":"namjai-simulated-key"}')


def issue_stateless(platform: Platform, asked: Asked) -> Answer:
    known = _asserts(asked.body) or _knows_the_secret(platform, asked.body)
    if asked.body.get("grant_type") != "client_credentials" or not known:
        return _refused(400, "invalid_request", "some parameters missed or invalid")
    return _issue(platform, asked, _STATELESS_S)


def verify(platform: Platform, asked: Asked) -> Answer:
    until = platform.access_tokens.get(asked.body.get("access_token", ""))
    if until is None or until <= asked.now:
        return _refused(400, "invalid_request", "access token expired")
    left = min(until - asked.now, _SHORT_LIVED_S)
    return answer(200, {"client_id": platform.settings.channel_id, "expires_in": round(left), "scope": "P CM"})


def revoke(platform: Platform, asked: Asked) -> Answer:
    platform.access_tokens.drop(asked.body.get("access_token", ""))
    return Answer(200, b"")


# LINE takes https only; a simulated webhook runs on loopback, without TLS
_ADDRESS = record({"endpoint": string(filled, code_points(0, 500))}, required=("endpoint",))

ENDPOINTS = (
    Endpoint("GET", "/v2/bot/message/quota", quota),
    Endpoint("GET", "/v2/bot/message/quota/consumption", consumption),
    Endpoint("GET", "/v2/bot/info", info),
    Endpoint("GET", "/v2/bot/followers/ids", followers),
    Endpoint("GET", "/v2/bot/channel/webhook/endpoint", webhook_endpoint, most=1_000, per_s=60),
    Endpoint("PUT", "/v2/bot/channel/webhook/endpoint", set_webhook_endpoint, _ADDRESS, most=1_000, per_s=60),
    Endpoint("POST", "/v2/oauth/accessToken", issue_short_lived, most=370, bearer=False, form=True),
    Endpoint("POST", "/oauth2/v2.1/token", issue_by_assertion, bearer=False, form=True),
    Endpoint("POST", "/oauth2/v3/token", issue_stateless, bearer=False, form=True),
    Endpoint("POST", "/v2/oauth/verify", verify, bearer=False, form=True),
    Endpoint("POST", "/v2/oauth/revoke", revoke, bearer=False, form=True),
)
