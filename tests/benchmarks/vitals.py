"""B15: Core Web Vitals of public pages in a headless Chromium with a processor four times slower, at both widths."""

import shutil

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.pages import PAGES
from tests.benchmarks.product import Product
from tests.benchmarks.tables import say
from tests.benchmarks.weights import FLAGS

WIDTHS = (1440, 390)
ROUNDS = 3
SLOWER = 4
QUIET_MS = 1_500  # what shifts later than that after the network is quiet is not seen
GOALS = (2_500, 0.1, 200)  # ms until the largest paint, shift, ms from a press to the next paint
# Where a press changes something at once; elsewhere the page itself is pressed.
PRESSED = {"/agents": "select[name=sort]"}
OBSERVE = """
window.vitals = {paint: 0, shift: 0, press: 0};
new PerformanceObserver(list => { for (const one of list.getEntries()) vitals.paint = one.startTime })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) vitals.shift += one.value })
  .observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) vitals.press = Math.max(vitals.press, one.duration) })
  .observe({type: 'event', buffered: true, durationThreshold: 16});
"""


def measure(product: Product) -> None:
    lines = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for path in PAGES:
            for width in WIDTHS:
                seen = [_vitals(browser, f"http://localhost:{product.port}", path, width) for _ in range(ROUNDS)]
                worst = [max(one) for one in zip(*seen, strict=True)]
                met = all(value <= goal for value, goal in zip(worst, GOALS, strict=True))
                lines.append((f"`{path}`, {width}", f"{worst[0]:.0f}", f"{worst[1]:.3f}", f"{worst[2]:.0f}", _met(met)))
        browser.close()
    say(("B15, the worst of three", "LCP, ms", "CLS", "INP, ms", "2,500; 0.1; 200"), lines)


def _vitals(browser: Browser, base: str, path: str, width: int) -> tuple[float, float, float]:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(base + path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    _press(page, path)
    found = page.evaluate("window.vitals")
    context.close()
    return found["paint"], found["shift"], found["press"]


def _press(page: Page, path: str) -> None:
    target = page.locator(PRESSED.get(path, "h1")).first
    target.click(timeout=5_000)
    page.wait_for_timeout(QUIET_MS)


def _met(met: bool) -> str:
    return "met" if met else "missed"
