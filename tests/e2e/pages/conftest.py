"""Phones in a real browser: Chromium without a window, one for the run, a fresh profile for each phone."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.async_api import Browser, Request, async_playwright

from namjai.devkit.running import Running
from tests.e2e.pages.phone import Phone

FINDER: Final = Path(__file__).parents[2] / "chromium.sh"
WIDTH, HEIGHT = 410, 860
"""Of the window, in CSS pixels: the phone in it is twenty narrower."""
QUIET: Final = ("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync")
"""A browser that asks nobody but our own servers."""

Phones = Callable[..., Awaitable[Phone]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, or the one that was named; who comes while it is being installed waits."""
    finding = await asyncio.create_subprocess_exec(FINDER, "install", stdout=-1, stderr=-1)
    found, wrong = await finding.communicate()
    assert finding.returncode == 0, wrong.decode()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.decode().strip(),
            args=["--disable-gpu", "--no-first-run", *QUIET],
            chromium_sandbox=os.getuid() != 0,  # root has none
        )
        yield browser
        await browser.close()


@pytest.fixture
async def phones(talking: Running, browser: Browser) -> AsyncIterator[Phones]:
    """Gives phones of people whom Namjai has never met; at the end, nothing may have gone wrong in their pages."""
    contexts, taken = [], []
    ours = {urlsplit(address).netloc for address in (talking.run["simulator_url"], talking.run["webhook_url"])}

    async def take(name: str, language: str) -> Phone:
        context = await browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            device_scale_factor=2,
            locale=language,
            timezone_id="Asia/Bangkok",
        )
        contexts.append(context)
        phone = Phone(await context.new_page())
        taken.append(phone)

        def watch(request: Request) -> None:
            where = urlsplit(request.url)
            if where.scheme not in ("data", "blob") and where.netloc not in ours:
                phone.complaints.append(f"asked somebody else: {request.url}")

        context.on("request", watch)
        who = urlencode({"id": "U" + secrets.token_hex(16), "name": name, "language": language})
        await phone.open(f"{talking.run['simulator_url']}/_sim/#{who}")
        return phone

    yield take
    complaints = [said for phone in taken for said in phone.complaints]
    for context in contexts:
        await context.close()
    assert not complaints
