"""The hands and eyes of a person at the phone page: what they write, tap and send, and what they can see."""

from __future__ import annotations

from typing import Final

from playwright.async_api import ConsoleMessage, FilePayload, Locator, Page, Request, expect

from tests.e2e.pages.things import hum, photograph

VISIBLE_MS_MAX: Final = 20_000
PASSING: Final = "#toast, .row:has(.dots) { display: none !important; }"
"""What comes and goes by itself, a hint of the page and the dots of an answer to come, is in no picture."""
expect.set_options(timeout=VISIBLE_MS_MAX)


class Phone:
    """One phone in a browser; whatever goes wrong in the page is remembered in `complaints`."""

    def __init__(self, page: Page) -> None:
        self.page: Final = page
        self.frame: Final = page.locator("#main-phone .phone")
        self.log: Final = self.frame.locator(".log")
        self._answers: Final = self.log.locator(".row.bot:not(:has(.dots))")
        self.complaints: Final[list[str]] = []
        page.set_default_timeout(VISIBLE_MS_MAX)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._said)
        page.on("requestfailed", self._failed)

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def _failed(self, request: Request) -> None:
        # A sound that is not played to its end is no failure: the browser has what it shows.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    async def open(self, address: str) -> None:
        """Take the phone in hand."""
        await self.page.goto(address)
        await expect(self.frame).to_be_visible()
        await expect(self.frame.locator(".rich")).to_be_visible()

    # What a person does; each waits until it is answered, and `sees` for more.

    async def write(self, words: str) -> None:
        """Write words and send them."""
        field = self.frame.get_by_role("textbox")
        await field.click()
        await field.fill(words)
        await self._answered(self.page.keyboard.press("Enter"))

    async def tap(self, label: str) -> None:
        """Tap a button in a bubble or below the chat; the newest of that name."""
        within = self.frame.locator(".log, .quick")
        await self._answered(within.get_by_role("button", name=label, exact=True).last.click())

    async def menu(self, title: str) -> None:
        """Tap an area of the picture at the bottom, which may be folded away."""
        rich = self.frame.locator(".rich")
        if await rich.locator(".rich-sheet").is_hidden():
            await rich.locator(".rich-bar").click()
        await self._answered(rich.locator(".rich-sheet").get_by_role("button", name=title, exact=True).click())

    async def picture(self, of: str) -> None:
        """Send a photograph from the phone."""
        await self._attach("Picture", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photograph(of)})

    async def voice(self, seconds: str) -> None:
        """Send a voice message of this length."""
        await self._attach("Voice", {"name": "voice.m4a", "mimeType": "audio/mp4", "buffer": hum(float(seconds))})

    async def more(self, label: str) -> None:
        """Send what the sheet behind the plus has ready: a place, a sticker."""
        await self.frame.get_by_title("More").click()
        await self._answered(self._sheet(label).click())

    async def _attach(self, label: str, file: FilePayload) -> None:
        await self.frame.get_by_title("More").click()
        async with self.page.expect_file_chooser() as choosing:
            await self._sheet(label).click()
        await self._answered((await choosing.value).set_files(file))

    def _sheet(self, label: str) -> Locator:
        return self.frame.locator(".sheet").get_by_role("button", name=label)

    async def _answered(self, doing: object) -> None:
        before = await self._answers.count()
        await doing  # type: ignore[misc]  # playwright's coroutines
        await expect(self._answers).not_to_have_count(before)

    # What a person sees.

    async def sees(self, words: str) -> None:
        """These words are in a bubble, or on a button below."""
        await expect(self.frame.locator(".log, .quick").get_by_text(words).last).to_be_visible()

    async def folds(self, _: str) -> None:
        """Fold the picture at the bottom away."""
        if await self.frame.locator(".rich-sheet").is_visible():
            await self.frame.locator(".rich-bar").click()

    async def photographed(self) -> bytes:
        """The phone as a PNG."""
        await self.frame.get_by_role("textbox").blur()
        await expect(self.log.locator(".meta.bad")).to_have_count(0)
        await self.page.mouse.move(0, 0)
        return await self.frame.screenshot(animations="disabled", caret="hide", style=PASSING)
