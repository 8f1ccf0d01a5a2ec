"""Facts as JSON-LD in the vocabulary of schema.org: only what the visible page says too."""

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from agent_platform.services import catalog
from agent_platform.views.format import plain_text
from agent_platform.views.parts import AgentCardView
from agent_platform.views.publisher import PublisherView
from agent_platform.views.site.blocks import Link
from agent_platform.views.site.words import LANDING, NAME

MICRO = 1_000_000
CONTEXT = "https://schema.org"
CATEGORIES = {
    "data": "BusinessApplication",
    "engineering": "DeveloperApplication",
    "finance": "FinanceApplication",
    "operations": "BusinessApplication",
    "support": "BusinessApplication",
    "web": "DeveloperApplication",
}
Object = dict[str, Any]


def script(one: Object) -> Markup:
    """A data block that no text in it can end, and that no reader takes for code."""
    written = json.dumps({"@context": CONTEXT, **one}, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        written = written.replace(letter, f"\\u{ord(letter):04x}")
    return Markup('<script data-served type="application/ld+json">{}</script>').format(Markup(written))  # noqa: S704


def organization(base_url: str) -> Object:
    return {
        "@type": "Organization",
        "@id": f"{base_url}/#organization",
        "name": NAME,
        "url": f"{base_url}/",
        "logo": f"{base_url}/favicon.svg",
    }


def publisher(view: PublisherView, path: str, base_url: str) -> Object:
    return {
        "@type": "Organization",
        "@id": f"{base_url}{path}#publisher",
        "name": view.name,
        "alternateName": view.handle,
        "url": f"{base_url}{path}",
    }


def workspace(name: str, address: str, logo: str = "") -> Object:
    """Of a workspace with a front page of its own."""
    known: Object = {"@type": "Organization", "@id": f"{address}/#organization", "name": name, "url": f"{address}/"}
    return {**known, "logo": logo} if logo else known


def website(base_url: str) -> Object:
    """With the search of the directory, which any address may ask."""
    return {
        "@type": "WebSite",
        "@id": f"{base_url}/#site",
        "name": NAME,
        "description": LANDING.description,
        "url": f"{base_url}/",
        "publisher": {"@id": f"{base_url}/#organization"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{base_url}/agents?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(trail: Sequence[Link], base_url: str) -> Object:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": one.words, "item": f"{base_url}{one.href}"}
            for place, one in enumerate(trail, 1)
        ],
    }


def item_list(cards: Sequence[AgentCardView], name: str, base_url: str) -> Object:
    return {
        "@type": "ItemList",
        "name": name,
        "numberOfItems": len(cards),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": card.title, "url": f"{base_url}{card.href}"}
            for place, card in enumerate(cards, 1)
        ],
    }


def article(title: str, summary: str, path: str, base_url: str) -> Object:
    return {
        "@type": "TechArticle",
        "headline": title,
        "description": summary,
        "url": f"{base_url}{path}",
        "publisher": organization(base_url),
    }


def application(listing: catalog.ListingFacts, path: str, base_url: str, *, reviews: Sequence[Object] = ()) -> Object:
    """One agent with its offers. `reviews` are `Review` objects; none is claimed that the page does not show, and no invented figure."""
    card = listing.card
    known: Object = {
        "@type": "SoftwareApplication",
        "@id": f"{base_url}{path}#agent",
        "name": plain_text(card.name),
        "description": plain_text(card.summary),
        "url": f"{base_url}{path}",
        "applicationCategory": CATEGORIES.get(card.category, "UtilitiesApplication"),
        "operatingSystem": "Any, in the browser",
        "softwareVersion": card.version,
        "datePublished": card.published_at.date().isoformat(),
        "keywords": ", ".join(plain_text(tag) for tag in card.tags),
        "author": {
            "@type": "Organization",
            "@id": f"{base_url}/publishers/{card.publisher}#publisher",
            "name": plain_text(listing.publisher_name),
        },
        "provider": organization(base_url),
        "offers": offers(listing.manifest.price, f"{base_url}{path}"),
    }
    if card.is_synthetic:
        return known
    if card.runs_30d:
        known["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": f"{CONTEXT}/UseAction",
            "userInteractionCount": card.runs_30d,
        }
    if card.rating and card.rating_count:
        known["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(card.rating, 1),
            "ratingCount": card.rating_count,
            "bestRating": 5,
            "worstRating": 1,
        }
    return {**known, "review": list(reviews)} if reviews else known


def review(one: catalog.ReviewFacts) -> Object:
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": plain_text(one.reviewer_label)},
        "datePublished": one.written_at.date().isoformat(),
        "reviewBody": plain_text(one.text),
        "reviewRating": {"@type": "Rating", "ratingValue": one.stars, "bestRating": 5, "worstRating": 1},
    }


def offers(price: dict[str, Any], url: str) -> list[Object]:
    """The price list, one offer per event, exact to the micro-dollar."""
    match price["model"]:
        case "free":
            return [_offer("Free of charge; sandbox time is extra", 0, url)]
        case "subscription":
            return [_offer("Subscription", price["monthly_micro_usd"], url, unit="month")]
        case "usage":
            factor = f"{price['factor_thousandths'] / 1000:g}"
            return [
                {"@type": "Offer", "priceCurrency": "USD", "url": url, "description": f"Metered cost times {factor}"}
            ]
        case _:
            return [
                _offer(plain_text(event["title"]), event["price_micro_usd"], url, unit=plain_text(event["title"]))
                for event in price["events"].values()
            ]


def decimal(micro_usd: int) -> str:
    """Exact, without an exponent: `0.002`, `4`."""
    whole, fraction = divmod(micro_usd, MICRO)
    return f"{whole}.{fraction:06d}".rstrip("0").rstrip(".")


def _offer(name: str, micro_usd: int, url: str, *, unit: str = "") -> Object:
    amount = {"price": decimal(micro_usd), "priceCurrency": "USD"}
    offer: Object = {"@type": "Offer", "name": name, **amount, "url": url, "availability": f"{CONTEXT}/InStock"}
    if unit:
        offer["priceSpecification"] = {"@type": "UnitPriceSpecification", **amount, "unitText": unit}
    return offer
