"""The page itself: what goes wrong in it is noticed here, and its menu makes room for the keyboard as LINE's does."""

from __future__ import annotations

from playwright.async_api import expect

from namjai.devkit.running import until
from tests.e2e.pages.conftest import Phones


async def test_a_broken_script_a_missing_file_and_a_strangers_address_are_noticed(phones: Phones) -> None:
    phone = await phones("Alex", "en")
    for wrong, told in (
        ("setTimeout(() => { throw new Error('oh') })", "script: oh"),
        ("fetch('/_sim/content/none')", "404"),
        ("new Image().src = 'https://127.0.0.2/picture'", "asked somebody else: https://127.0.0.2/picture"),
        ("0", "https://127.0.0.2/picture: net::ERR"),  # and in vain
    ):
        await phone.page.evaluate(f"() => {{ {wrong}; }}")

        async def noticed(told: str = told) -> bool:
            return any(told in each for each in phone.complaints)

        await until(noticed)
    phone.complaints.clear()


async def test_the_menu_folds_for_the_keyboard_and_opens_for_a_crisis(phones: Phones) -> None:
    phone = await phones("มะลิ", "th")
    menu = phone.frame.locator(".rich")
    await expect(menu.locator(".rich-sheet")).to_be_visible()
    await phone.write("Hello, I want to drink less")
    await expect(menu).to_have_attribute("data-alias", "main-en")
    await expect(menu.locator(".rich-sheet")).to_be_hidden()
    await phone.write("I am going to kill myself tonight")
    await expect(menu).to_have_attribute("data-alias", "crisis-en")
    await expect(menu.get_by_role("button", name="Call 1323")).to_be_visible()


async def test_two_phones_show_two_chats(phones: Phones) -> None:
    first, second = await phones("Alex", "en"), await phones("Sam", "en")
    await first.write("Hello, my name is Alex")
    await expect(second.log.locator(".row")).to_have_count(0)
    await second.write("Hello, my name is Sam")
    await expect(first.log.get_by_text("Sam")).to_have_count(0)
