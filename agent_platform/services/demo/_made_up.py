"""One synthetic listing by its number: always the same, with figures as uneven as those of a real directory."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from agent_platform.services.demo._vocabulary import (
    AGENTS,
    ENDINGS,
    MANNERS,
    SERVICES,
    SHARES,
    SYLLABLES,
    WORK,
)

NAMESPACE = UUID("6f4fb7c1-3d0e-5d4e-9c0b-5b7a0c1d2e3f")
BEGAN_AT = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 1_000
LISTINGS_EACH = 8  # listings per publisher, on average
MOST_RUNS = 2_000_000
MODELS = ("free", "per_run", "per_event", "usage", "subscription")
README = "This listing was made by `seed --listings` to measure the directory. There is no agent behind it: it cannot be run."


@dataclass(frozen=True)
class MadeUp:
    """Rows of the catalogue, by table. The release is withdrawn from the start, so nothing runs it."""

    publisher: dict[str, Any]
    listing: dict[str, Any]
    release: dict[str, Any]


def made_up(number: int) -> MadeUp:
    dice = random.Random(f"listing {number}")  # noqa: S311  # sample data, no secret
    publisher = _publisher(dice.randrange(number // LISTINGS_EACH + 1))
    pricing = _pricing(dice)
    listing = _described(dice, number) | _priced(dice, pricing) | _asks(dice, pricing["model"]) | _used(dice)
    listing |= {
        "id": _id("listing", number),
        "tenant_id": publisher["tenant_id"],
        "publisher": publisher["handle"],
        "publisher_name": publisher["name"],
        "is_verified": publisher["is_verified"],
        "release_id": _id("release", number),
        "version": f"{dice.randint(1, 4)}.{dice.randint(0, 9)}.{dice.randint(0, 9)}",
        "visibility": "public",
        "is_synthetic": True,
    }
    return MadeUp(publisher, listing, _release(listing, pricing))


def _id(kind: str, number: int) -> UUID:
    return uuid5(NAMESPACE, f"{kind} {number}")


def _publisher(number: int) -> dict[str, Any]:
    """The handle has two hyphens in a row, which no workspace's address may have."""
    dice = random.Random(f"publisher {number}")  # noqa: S311
    name, ending = _coined(dice), dice.choice(ENDINGS)
    return {
        "tenant_id": _id("publisher", number),
        "handle": f"{name.lower()}--{number}",
        "name": f"{name} {ending}",
        "is_verified": dice.random() < 0.4,
        "is_synthetic": True,
    }


def _coined(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.choice((2, 2, 3)))).capitalize()


def _described(dice: random.Random, number: int) -> dict[str, Any]:
    category = dice.choices(tuple(WORK), SHARES)[0]
    things, verbs = WORK[category]
    thing, verb = _common_first(dice, things), _common_first(dice, verbs)
    also = _common_first(dice, things)
    service = dice.choice(SERVICES) if dice.random() < 0.35 else ""
    words = [_coined(dice) if dice.random() < 0.3 else "", service, _titled(thing), _doer(dice, verb)]
    name = " ".join(word for word in words if word)
    slug = "-".join(name.lower().replace("&", "").split())[:28].rstrip("-")
    source = f" from {service}" if service else ""
    return {
        "slug": f"{slug}-{number}",
        "name": name,
        "summary": f"{_does(verb).capitalize()} each {thing}{source} and {_does(_common_first(dice, verbs))} the {also} {dice.choice(MANNERS)}."[
            :120
        ],
        "category": category,
        "kind": "chat" if dice.random() < 0.08 else "job",
        "tags": _tags(thing, verb, also, service),
        "published_at": BEGAN_AT + timedelta(days=DAYS * math.sqrt(dice.random())),
    }


def _does(verb: str) -> str:
    first, *rest = verb.split()
    ending = "es" if first.endswith(("sh", "ch", "ss")) else "s"
    return " ".join([first.removesuffix("y") + "ies" if first.endswith("fy") else first + ending, *rest])


def _titled(thing: str) -> str:
    return " ".join(word if word != word.lower() else word.capitalize() for word in thing.split())


def _common_first(dice: random.Random, words: tuple[str, ...]) -> str:
    """The first is chosen most often, each later one less: as words are used."""
    return dice.choices(words, [1 / (place + 1) for place in range(len(words))])[0]


def _doer(dice: random.Random, verb: str) -> str:
    if dice.random() < 0.35:
        return dice.choice(AGENTS)
    stem = verb.split(maxsplit=1)[0].removesuffix("e")
    return f"{stem}er".title()


def _tags(*words: str) -> list[str]:
    return list(dict.fromkeys("-".join(word.lower().split()) for word in words if word))[:5]


def _pricing(dice: random.Random) -> dict[str, Any]:
    """As a manifest has it; the label of the listing is made of the same."""
    cents = max(1, round(math.exp(dice.gauss(0.5, 1.4))))
    event = {"title": "Row", "price": f"0.00{dice.randint(1, 9)}"}
    match dice.choices(MODELS, (30, 25, 25, 12, 8))[0]:
        case "per_run":
            return {"model": "per_run", "price": f"{cents / 100:.2f}"}
        case "per_event":
            return {"model": "per_event", "events": {"row": event}}
        case "usage":
            return {"model": "usage", "factor": "1.2"}
        case "subscription":
            return {"model": "subscription", "monthly": f"{cents}.00", "events": {"row": event}}
        case _:
            return {"model": "free"}


def _priced(dice: random.Random, pricing: dict[str, Any]) -> dict[str, Any]:
    label, unit = {
        "free": ("Free", ""),
        "per_run": (f"${pricing.get('price')}", "run"),
        "per_event": (f"${pricing.get('events', {}).get('row', {}).get('price')}", "row"),
        "usage": (f"cost \N{MULTIPLICATION SIGN} {pricing.get('factor')}", ""),
        "subscription": (f"${pricing.get('monthly')}", "month"),
    }[pricing["model"]]
    return {
        "price_model": pricing["model"],
        "price_label": label,
        "price_unit": unit,
        "cost_p50_micro_usd": round(1_000 * math.exp(dice.gauss(2.5, 1.6))),
    }


def _asks(dice: random.Random, model: str) -> dict[str, Any]:
    needs_model = model == "usage" or dice.random() < 0.25
    needs_connection = dice.random() < 0.3
    needs_network = dice.random() < 0.55
    writes = needs_connection and dice.random() < 0.4
    level = "high" if writes else "medium" if needs_model or needs_connection else "low"
    return {
        "needs_model": needs_model,
        "needs_network": needs_network,
        "needs_connection": needs_connection,
        "permission_level": level,
        "demo": level == "low" and not needs_network and dice.random() < 0.5,
    }


def _used(dice: random.Random) -> dict[str, Any]:
    """A long tail: a few listings have most of the runs, a third has none."""
    runs = 0 if dice.random() < 0.33 else min(MOST_RUNS, int(dice.paretovariate(0.75)))
    users = math.ceil(runs * dice.uniform(0.05, 0.6))
    rated = int(users * dice.uniform(0, 0.1))
    median = int(math.exp(dice.gauss(9, 1.3)))
    return {
        "state": "maintenance" if dice.random() < 0.02 else "published",
        "runs_30d": runs,
        "users_30d": users,
        "judged_30d": runs,
        "success_30d": round(1 - min(0.9, dice.expovariate(40)), 4) if runs else None,
        "median_ms": median if runs else None,
        "p95_ms": int(median * dice.uniform(1.2, 4)) if runs else None,
        "rating": round(min(5.0, dice.gauss(4.2, 0.5)), 1) if rated else None,
        "rating_count": rated,
        "quality": round(min(98, max(20, dice.gauss(70, 14)))),
    }


def _release(listing: dict[str, Any], pricing: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": listing["release_id"],
        "tenant_id": listing["tenant_id"],
        "listing_id": listing["id"],
        "number": listing["version"],
        "state": "withdrawn",
        "manifest": _manifest(listing, pricing),
        "digest": "",
        "readme": README,
        "changelog": "",
        "published_at": listing["published_at"],
    }


def _manifest(listing: dict[str, Any], pricing: dict[str, Any]) -> dict[str, Any]:
    """What its page shows, in agreement with its card."""
    action = "create_row" if listing["permission_level"] == "high" else "list_rows"
    slot = {"connector": "airtable", "actions": [action], "why": "Reads the rows."}
    return {
        "schema": "agentplatform.dev/agent/v1",
        **{name: listing[name] for name in ("slug", "name", "version", "summary", "category", "tags", "kind")},
        "source": {"type": "code", "entry": "main:nothing"},
        "input": {"type": "object", "properties": {}},
        "output": {"result": {"type": "object", "properties": {}}},
        "permissions": {
            "network": [{"host": "api.example.com", "why": "Reads the source."}] if listing["needs_network"] else [],
            "connections": {"account": slot} if listing["needs_connection"] else {},
            "models": ["default"] if listing["needs_model"] else [],
        },
        "demo": listing["demo"],
        "pricing": pricing,
    }
