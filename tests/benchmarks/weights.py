"""Bytes a browser loads for a page: JavaScript and CSS after gzip."""

import gzip
import shutil

from playwright.sync_api import Response, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def page_weights(base: str, paths: tuple[str, ...]) -> dict[str, tuple[float, float, int]]:
    """path -> (JavaScript KB, CSS KB, requests)."""
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for path in paths:
            page = browser.new_context().new_page()
            answers: list[Response] = []
            page.on("response", lambda answer: answers.append(answer))  # noqa: B023,PLW0108 - Playwright marks its handlers
            page.goto(base + path)
            page.wait_for_load_state("networkidle")
            sizes = {"script": 0, "stylesheet": 0}
            for answer in answers:
                kind = answer.request.resource_type
                if kind in sizes and answer.ok:
                    sizes[kind] += len(gzip.compress(answer.body(), 6))
            found[path] = (sizes["script"] / 1000, sizes["stylesheet"] / 1000, len(answers))
        browser.close()
    return found
