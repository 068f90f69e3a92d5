"""The menu under the chat: there for everybody from the start, in their language, and the crisis menu in a crisis."""

from __future__ import annotations

import json
from typing import Any

from namjai.devkit.running import Running, until

CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"


async def menu(namjai: Running, user: str) -> dict[str, Any]:
    return dict(await namjai.sim("GET", f"menu/{user}"))


async def sees(namjai: Running, user: str, alias: str) -> bool:
    return bool((await menu(namjai, user))["aliases"] == [alias])


async def tap(namjai: Running, user: str, label: str) -> None:
    """What the phone does for a tap on an area."""
    areas = (await menu(namjai, user))["areas"]
    [action] = [area["action"] for area in areas if area["action"]["label"] == label]
    match action["type"]:
        case "richmenuswitch":
            told = {"alias": action["richMenuAliasId"], "data": action["data"]}
            assert (await namjai.sim("POST", f"menu/{user}/switch", told))["status"] == 200
        case "postback":
            await press(namjai, user, action["data"])
        case "message":
            await namjai.send(user, action["text"])


async def press(namjai: Running, user: str, data: str) -> None:
    source = {"type": "user", "userId": user}
    await namjai.event({"type": "postback", "source": source, "postback": {"data": data}})


async def test_everybody_has_a_menu_in_the_clinics_language_before_they_write(namjai: Running, user: str) -> None:
    shown = await menu(namjai, user)
    assert shown["aliases"] == ["main-th"]
    assert len(shown["areas"]) == 7
    async with namjai.http.get(f"{namjai.run['simulator_url']}/_sim/menu/{user}/picture") as picture:
        assert picture.headers["Content-Type"] == "image/png"
        assert len(await picture.read()) > 10_000


async def test_the_menu_follows_the_language_that_a_person_writes(namjai: Running, user: str) -> None:
    await namjai.send(user, "Hello, I want to drink less")
    await until(lambda: sees(namjai, user, "main-en"))


async def test_a_crisis_brings_the_menu_to_call_from_and_safety_takes_it_away(namjai: Running, user: str) -> None:
    await namjai.send(user, CRISIS)
    await until(lambda: sees(namjai, user, "crisis-th"))
    calls = [area["action"].get("uri") for area in (await menu(namjai, user))["areas"]]
    assert "tel:1323" in calls
    await tap(namjai, user, "ปลอดภัยแล้ว")
    sure = await until(lambda: _button(namjai, user, "q=confirm_safe&a=yes"))
    assert await sees(namjai, user, "crisis-th"), "until they have said that they are sure"
    await press(namjai, user, sure)
    await until(lambda: sees(namjai, user, "main-th"))


async def _button(namjai: Running, user: str, data: str) -> str | None:
    """The button under the newest message, once it is there."""
    items = (await namjai.chat(user))[-1]["message"].get("quickReply", {}).get("items", [])
    return next((item["action"]["data"] for item in items if item["action"].get("data") == data), None)


async def test_the_panic_button_works_for_somebody_who_never_wrote(namjai: Running, user: str) -> None:
    await tap(namjai, user, "ฉุกเฉิน")
    assert await sees(namjai, user, "crisis-th"), "LINE switches by itself, before we have heard of it"
    answered = await until(lambda: namjai.chat(user))
    assert "1323" in json.dumps(answered, ensure_ascii=False)
    await tap(namjai, user, "กลับ")
    assert await sees(namjai, user, "main-th")


async def test_words_sent_from_the_menu_are_answered_like_any_others(namjai: Running, user: str) -> None:
    await tap(namjai, user, "ฉุกเฉิน")
    before = len(await until(lambda: namjai.chat(user)))
    await tap(namjai, user, "อยากคุยกับคน")

    async def more() -> bool:
        return len(await namjai.chat(user)) > before

    await until(more)


async def test_the_command_knows_the_menus_of_the_run_and_may_be_repeated(namjai: Running) -> None:
    code, shown = await namjai.namjai("line", "status")
    assert (code, shown.count("in place")) == (0, 6), shown
    code, shown = await namjai.namjai("line", "setup")
    assert (code, shown.count("is as it should be")) == (0, 6), shown


async def test_nothing_about_menus_breaks_a_rule_of_line(namjai: Running) -> None:
    calls = [call for call in await namjai.calls() if "richmenu" in call["path"]]
    assert calls
    assert [(call["path"], call["findings"]) for call in calls if call["findings"]] == []
