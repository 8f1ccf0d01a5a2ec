"""A server whose answers take as long as a test says."""

import re

from playwright.sync_api import Page, WebSocketRoute

PAGE_OPENS = re.compile("on_load_internal|hydrate_and_load")
ANSWER = "42"  # as socket.io writes it


class SlowServer:
    """Between a page and its server.

    Once `armed`, what the server says of the next page that opens is kept back until `let_go`, but for the first `spared`
    answers. `asked` holds what the page has said so far; while it is `deaf` nothing of that arrives.
    """

    def __init__(self, page: Page) -> None:
        self.armed = self.holding = self.deaf = False
        self.spared = 0
        self.asked: list[str] = []
        self.held: list[str | bytes] = []
        page.route_web_socket(re.compile("/_event/"), self._between)

    def hold(self) -> None:
        """Nothing that the server says from now on comes before `let_go`."""
        self.holding = True

    def let_go(self, most: int | None = None) -> None:
        """What was kept back comes, all of it or so many messages."""
        due, self.held = self.held[:most], self.held[len(self.held) if most is None else most :]
        for message in due:
            self.browser.send(message)
        if most is None:
            self.armed = self.holding = False

    def break_off(self) -> None:
        """The page loses this connection and makes another."""
        self.browser.close()

    def _between(self, browser: WebSocketRoute) -> None:
        self.browser = browser
        server = browser.connect_to_server()
        browser.on_message(lambda message: self._ask(server, message))
        server.on_message(self._answer)

    def _ask(self, server: WebSocketRoute, message: str | bytes) -> None:
        self.holding = self.holding or (self.armed and PAGE_OPENS.search(str(message)) is not None)
        self.asked.append(str(message))
        if not self.deaf:
            server.send(message)

    def _answer(self, message: str | bytes) -> None:
        waits = self.holding and str(message).startswith(ANSWER)
        if waits and not self.spared:
            self.held.append(message)
            return
        self.spared -= waits
        self.browser.send(message)
