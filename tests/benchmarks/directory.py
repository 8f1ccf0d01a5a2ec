"""B12: the directory with 1,000 and with 100,000 listings: the service through the web's own login, and the page over HTTP."""

import random
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.product import TICKS_PER_SECOND, Product
from tests.benchmarks.tables import quantile, say

SIZES = (1_000, 100_000)
QUESTIONS = 40  # different ones of each form
ROUNDS = 5
PAGES = 12  # of each form, over HTTP
FEW = 10  # questions whose counts are made anew
DEEP = 0.5  # the share of all listings that lies before a deep page
PAUSE = 0.21  # seconds before each page: one address may search five times a second
P99_MS, GROWTH = 30.0, 3.0


@dataclass(frozen=True)
class Form:
    """One way to ask: arguments for `catalog.search`, and the same as an address."""

    name: str
    asked: list[dict[str, Any]]
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """Milliseconds: of each call, and of processor time per call in this process and in its database process."""

    times: list[float]
    python_ms: float
    postgres_ms: float

    def __str__(self) -> str:
        return f"{quantile(self.times, 0.5):.1f} / {quantile(self.times, 0.99):.1f}"

    @property
    def cpu(self) -> str:
        return f"{self.python_ms:.1f} + {self.postgres_ms:.1f}"


HEAD = (
    "B12, ms",
    *(f"search p50 / p99, {size:,}" for size in SIZES),
    *(f"processor, Python + Postgres, {size:,}" for size in SIZES),
    *(f"counts anew p50 / p99, {size:,}" for size in SIZES),
    *(f"page p50 / p99, {size:,}" for size in SIZES),
    "growth",
    "gate",
)


def measure(product: Product) -> None:
    """Prints one line per form; the counts of the filters are forgotten before each call of theirs."""
    from agent_platform.services import demo

    base = f"http://localhost:{product.port}"
    taken: dict[int, dict[str, tuple[Taken, Taken, Taken]]] = {}
    try:
        for size in SIZES:
            started = time.perf_counter()
            added = demo.seed_synthetic(size)
            print(f"{added:,} listings added in {time.perf_counter() - started:.0f} s\n")
            settle()
            taken[size] = {form.name: _measured(form, base) for form in forms()}
        say(HEAD, [_line(name, *(taken[size][name] for size in SIZES)) for name in taken[SIZES[0]]])
    finally:
        demo.remove_synthetic()


def _measured(form: Form, base: str) -> tuple[Taken, Taken, Taken]:
    search, counts = called(_search, form.asked, ROUNDS), called(_count_anew, form.asked[:FEW], 1)
    return search, counts, called(_get, [f"{base}/agents?{urlencode(form.query)}"] * PAGES, 1, pause=PAUSE)


def _line(name: str, small: Any, large: Any) -> list[str]:
    growth = quantile(large[0].times, 0.5) / quantile(small[0].times, 0.5)
    holds = quantile(large[0].times, 0.99) <= P99_MS and growth <= GROWTH
    search, counts, page = zip(small, large, strict=True)
    cells = [*map(str, search), *(one.cpu for one in search), *map(str, counts), *map(str, page)]
    return [name, *cells, f"{growth:.1f}x", "held" if holds else "missed"]


def settle() -> None:
    """Statistics are those of the rows that are there, as autovacuum makes them within a minute."""
    import psycopg

    from agent_platform.core.embedded.addresses import known_addresses
    from agent_platform.core.settings import get_settings

    with psycopg.connect(known_addresses(get_settings().data_dir)["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE catalogue.listings")


def called(call: Callable[[Any], None], asked: Iterable[Any], rounds: int, *, pause: float = 0.0) -> Taken:
    """One call per question and round, after one round that only warms up. No time counts that passes before a call."""
    questions = list(asked)
    for question in questions:
        time.sleep(pause)
        call(question)
    here, there, times = time.thread_time(), _database_ms(), []
    for question in questions * rounds:
        time.sleep(pause)
        started = time.perf_counter()
        call(question)
        times.append((time.perf_counter() - started) * 1000)
    number = len(times)
    return Taken(times, (time.thread_time() - here) * 1000 / number, (_database_ms() - there) / number)


def _database_ms() -> float:
    """Processor time of the one connection that all calls here share."""
    from sqlalchemy import text

    from agent_platform.core.db.tenant import public_session

    with public_session() as session:
        process = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS_PER_SECOND


def _search(question: dict[str, Any]) -> None:
    from agent_platform.core.db.tenant import public_session
    from agent_platform.services import catalog

    with public_session() as session:
        catalog.search(session, **question)


def _count_anew(question: dict[str, Any]) -> None:
    from agent_platform.core.db.tenant import public_session
    from agent_platform.services import catalog

    catalog.forget_facets()
    with public_session() as session:
        catalog.facets(session, q=question.get("q", ""), filters=question.get("filters"))


def _get(address: str) -> None:
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
        answer.read()


def forms() -> list[Form]:
    """The same questions whatever the size, except where a page lies deep."""
    from agent_platform.services.catalog import LEVELS, NEEDS, PRICE_MODELS, SORTS, Filters

    dice = random.Random(12)
    pair = _pairs(dice)
    ticked = {
        "category": [Filters(categories=(one,)) for one in CATEGORIES],
        "price": [Filters(price_models=(one,)) for one in PRICE_MODELS],
        "needs": [Filters(needs=(one,)) for one in NEEDS],
        "permissions": [Filters(levels=(one,)) for one in LEVELS],
        "kind": [Filters(kind=one) for one in ("job", "chat")],
        "verified": [Filters(verified=True)],
        "typical cost": [Filters(max_cost_micro_usd=cost) for cost in (1_000, 10_000, 100_000)],
        "success": [Filters(success=share) for share in (0.95, 0.98, 0.99)],
        "rating": [Filters(rating=stars) for stars in (3.0, 4.0, 4.5)],
        "four at once": [
            Filters(categories=(one,), price_models=("free", "per_run"), needs=("no_model",), success=0.98)
            for one in CATEGORIES
        ],
    }
    return [
        Form("browse", [{"sort": sort} for sort in SORTS], {}),
        Form("rare word", [{"q": word} for word in _rare(dice)], {"q": "Olador"}),
        Form("common word", [{"q": word} for word in COMMON], {"q": COMMON[0]}),
        Form("common pair", [{"q": words} for words in pair], {"q": pair[0]}),
        Form(
            "common pair, filtered",
            [{"q": q, "filters": Filters(verified=True)} for q in pair],
            {"q": pair[0], "verified": "1"},
        ),
        *(Form(f"filter: {name}", [{"filters": one} for one in filters]) for name, filters in ticked.items()),
        Form("typing error", [{"q": word} for word in _mistyped(dice)], {"q": "Repositroy Reviwer"}),
        Form("deep page", _deep(), {}),
    ]


CATEGORIES = ("data", "engineering", "finance", "operations", "research", "support", "web", "other")
COMMON = ("file", "report", "data", "review", "page", "summarise", "document", "customer", "translate", "invoice")
THINGS = (
    "csv",
    "invoice",
    "repository",
    "ticket",
    "incident",
    "web page",
    "research paper",
    "log",
    "contract",
    "survey",
)
DEEDS = ("clean", "extract", "review", "triage", "monitor", "audit", "summarise", "translate", "check", "compare")


def _pairs(dice: random.Random) -> list[str]:
    return [f"{dice.choice(DEEDS)} {dice.choice(THINGS)}" for _ in range(QUESTIONS)]


def _names() -> list[str]:
    """Of listings that are there at every size."""
    from agent_platform.services.demo._made_up import made_up

    return [made_up(number).listing["name"] for number in range(SIZES[0])]


def _rare(dice: random.Random) -> list[str]:
    from agent_platform.services.demo._made_up import made_up

    return [made_up(dice.randrange(SIZES[0])).listing["publisher_name"].split()[0] for _ in range(QUESTIONS)]


def _mistyped(dice: random.Random) -> list[str]:
    """Two letters of each longer word change places, so that no word is found as it stands."""
    return [" ".join(map(_swapped, name.split())) for name in dice.sample(_names(), QUESTIONS)]


def _swapped(word: str) -> str:
    middle = max(1, len(word) // 2)
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :] if len(word) > 2 else "qx"


def _deep() -> list[dict[str, Any]]:
    from sqlalchemy import func, select
    from sqlmodel import col

    from agent_platform.core.db.tenant import public_session
    from agent_platform.models.catalogue import Listing
    from agent_platform.services.catalog import _cursor

    with public_session() as session:
        number = session.execute(select(func.count()).select_from(Listing)).scalar_one()
        newest = select(col(Listing.published_at), col(Listing.id)).order_by(
            col(Listing.published_at).desc(), col(Listing.id).desc()
        )
        seen = session.execute(newest.offset(int(number * DEEP)).limit(QUESTIONS)).all()
    return [{"sort": "newest", "cursor": _cursor.written("newest", at, listing)} for at, listing in seen]
