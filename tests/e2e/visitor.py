"""A person with a browser of their own."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from tests.e2e.product import ROOT, Product

RESULTS = ROOT / "test-results"
DESKTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Visitor:
    """`complaints` holds every error of the console, page and content policy.

    `expected` names texts that a test provokes on purpose.
    """

    def __init__(
        self, browser: Browser, product: Product, name: str, *, expected: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.product = product
        self.name = name
        self.expected = expected
        self.complaints: list[str] = []
        self.context = browser.new_context(**{"viewport": DESKTOP, "accept_downloads": True, **options})
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.open_tab()

    @property
    def email(self) -> str:
        return f"{self.name}@people.example"

    @property
    def slug(self) -> str:
        """The address of the personal workspace."""
        return self.name

    @property
    def home(self) -> str:
        return self.product.tenant(self.slug)

    def open_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"page error: {error}"))
        page.on("response", self._answered)
        return page

    def go(self, path: str) -> None:
        """A page of the own workspace, connected: its first state has come."""
        self.page.goto(self.home + path)
        self.wait_until_ready()

    def wait_until_ready(self, page: Page | None = None) -> None:
        """The page is drawn and nothing on it is loading."""
        page = page or self.page
        expect(page.locator("#content")).not_to_be_empty()
        expect(page.locator("[aria-busy='true']")).to_have_count(0)

    def sign_in(self) -> None:
        """Signed in by a link in a mail, and in the own workspace; the second time by the cookies of the first."""
        if known := self.product.signed_in.get(self.name):
            self.context.add_cookies(known)
        else:
            self.page.goto(f"{self.product.base}/sign-in")
            self.ask_for_link()
            self.follow_link()
        self.open_workspace(self.slug)
        self.product.signed_in[self.name] = self.context.cookies()

    def sign_in_as_operator(self, *workspaces: str) -> None:
        """Signed in by the link of the administrator, the second time by the cookies of the first; in each workspace, in the last one now."""
        if known := self.product.signed_in.get("operator"):
            self.context.add_cookies(known)
        else:
            self.page.goto(self.product.sign_in_link())
        for slug in workspaces:
            self.open_workspace(slug)
        self.product.signed_in["operator"] = self.context.cookies()

    def ask_for_link(self) -> None:
        self.page.locator("input[name='email']").fill(self.email)
        self.page.locator("form[action^='/auth/email'] button").click()
        self.page.wait_for_url(re.compile(r"sent=1"))

    def follow_link(self) -> None:
        """The newest mail to this person is opened and its link pressed."""
        self.page.get_by_role("link", name="Open the outbox").click()
        letter = self.page.locator("article", has_text=f"To {self.email},").first
        letter.get_by_role("link").click()
        self.page.wait_for_load_state()

    def open_workspace(self, slug: str) -> None:
        """Led from the first page of the installation to the workspace's own host."""
        self.page.goto(self.product.base)
        self.page.get_by_role("banner").get_by_text("Open workspace").click()
        self.page.locator(f"a[href^='/auth/switch?to={slug}']:visible").first.click()
        self.page.wait_for_url(f"{self.product.tenant(slug)}/overview")
        expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()

    def upload(self, field: str, *files: Path | dict[str, Any]) -> None:
        """The file is chosen in this field and has arrived."""
        self.page.locator(f"input[type=file][id='{field}']").set_input_files(list(files))  # pyright: ignore[reportArgumentType]

    def fetch(self, path: str) -> tuple[int, str]:
        """Status and text of what this browser gets from the host it is on."""
        status, text = self.page.evaluate(
            "async path => { const r = await fetch(path); return [r.status, await r.text()] }", path
        )
        return status, text

    def toast(self) -> Locator:
        return self.page.locator("[data-sonner-toast]")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=RESULTS / f"{name}.png", full_page=True)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._complain(f"{response.status} of {response.url}")

    def _complain(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.complaints.append(text)


def micro_usd(text: str) -> int:
    """`$1.234500` as shown, in micro-USD."""
    whole, _, fraction = re.sub(r"[^0-9.]", "", text).partition(".")
    return int(whole or "0") * 1_000_000 + int(f"{fraction:0<6}"[:6] or "0")
