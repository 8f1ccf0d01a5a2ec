"""One product for all tests here, a browser for each module, a person for whoever asks."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import bundles
from tests.e2e.product import Product, build_front
from tests.e2e.records import Records
from tests.e2e.shelf import complain, publish, submit, try_sample
from tests.e2e.visitor import RESULTS, Visitor

FAILED = pytest.StashKey[bool]()
NEEDED = {"chromium": "apt-get install -y chromium", "bwrap": "apt-get install -y bubblewrap"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What kills and stops the product comes last."""
    items.sort(key=lambda item: item.path.name == "test_faults.py")


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Running and seeded; at the end it is stopped by Ctrl-C, and that must be clean."""
    for program, way in NEEDED.items():
        if shutil.which(program) is None:
            _cannot_run(f"{program} is not installed; type: {way}")
    if why := build_front():
        _cannot_run(f"the front end cannot be built (is Node there? type: make front): {why}")
    RESULTS.mkdir(exist_ok=True)
    running = Product()
    try:
        running.start()
        yield running
        (RESULTS / "product.log").write_text(running.output(), encoding="utf-8")
        running.stop()
    finally:
        running.remove()


@pytest.fixture(scope="session")
def records(product: Product) -> Records:
    return Records(product)


@pytest.fixture(scope="session")
def slow_counter(records: Records) -> str:
    """The address of an agent in the directory that counts slowly and charges $0.001 for each number."""
    return publish(records, bundles.slow_counter())


@pytest.fixture(scope="session")
def form_echo(records: Records) -> str:
    """The address of an agent that gives back its input: tags, key-value, a table and code."""
    return publish(records, bundles.form_echo())


@pytest.fixture(scope="session")
def file_echo(records: Records) -> str:
    """The address of an agent that says which files it was given, all of them optional."""
    return publish(records, bundles.file_echo())


@pytest.fixture(scope="session")
def order_totals(records: Records) -> str:
    """The address of the guide's agent, which needs a file."""
    return publish(records, bundles.packed({**bundles.ORDER_TOTALS}))


@pytest.fixture(scope="session")
def open_request(records: Records) -> str:
    """Waits for the operator's decision and never gets one."""
    return submit(records, bundles.packed({**bundles.ORDER_TOTALS}))


@pytest.fixture(scope="session")
def open_report(records: Records) -> str:
    """Waits for a reviewer's decision and never gets one."""
    return complain(records)


@pytest.fixture(scope="module")
def demo_key(records: Records) -> str:
    """Of a demo of a sample agent that a visitor has started a moment ago."""
    return try_sample(records)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of a module, not of the session: its event loop would stand in the way of tests that have their own."""
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses root otherwise
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium"), args=sandbox) as chromium,
    ):
        yield chromium


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def visit(browser: Browser, product: Product, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """`visit("ann")` is Ann with a browser of her own, not signed in. Complaints of her browser fail the test."""
    visitors: list[Visitor] = []

    def come(name: str, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, product, name, **options))
        return visitors[-1]

    yield come
    failed = request.node.stash.get(FAILED, False)
    for visitor in visitors:
        if failed:
            visitor.picture(f"failed-{request.node.name}-{visitor.name}")
        visitor.context.close()
    complaints = {visitor.name: visitor.complaints for visitor in visitors if visitor.complaints}
    assert not complaints, complaints


def _cannot_run(reason: str) -> None:
    if os.environ.get("CI") == "true" and os.geteuid() == 0:
        pytest.fail(f"CI must run this: {reason}")
    pytest.skip(reason)
