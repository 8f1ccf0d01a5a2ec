"""An agent's page, as everybody may read it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from agent_platform.services import catalog
from agent_platform.views.agent import AgentView
from agent_platform.views.calls import call_view, repeatable
from agent_platform.views.directory import CATEGORIES
from agent_platform.views.examples import ExampleRowView
from agent_platform.views.form_reading import read_form
from agent_platform.views.format import count, plain_text
from agent_platform.views.forms import FieldView, fields_of, raw_of
from agent_platform.views.markdown import render_markdown
from agent_platform.views.parts import FactView
from agent_platform.views.pricing import PLUS_TIME
from agent_platform.views.site import data
from agent_platform.views.site.blocks import (
    Block,
    Facts,
    Heading,
    Link,
    Links,
    Picture,
    Quoted,
    SitePage,
    Table,
    Text,
    Trail,
    Words,
)
from agent_platform.views.site.directory import category_trail
from agent_platform.views.site.example import example_links

DEMO = "It can be tried without an account. The form for that needs JavaScript."
KEY = "A program runs it with a key of a workspace, here in AGENT_PLATFORM_KEY."
ACCEPTED = "A person of that workspace accepts first what the agent may do."
LONGEST_SHOWN = 12_000  # of a README on the page; the twin has all of it


def agent_page(
    view: AgentView,
    listing: catalog.ListingFacts,
    reviews: catalog.ReviewList,
    base_url: str,
    *,
    examples: Sequence[ExampleRowView] = (),
) -> SitePage:
    """The same facts as the visible page; what is not in the directory, or was made for measuring, is not for search engines."""
    path = f"/agents/{view.address}"
    trail = [*category_trail(_category(listing)), Link(view.name, path)]
    card = listing.card
    return SitePage(
        path=path,
        title=view.name,
        description=described(view),
        picture=picture_of(view),
        picture_path=f"/og{path}.png",
        twin=f"{path}.md",
        indexed=card.is_listed and not card.is_synthetic,
        current="agents",
        data=[
            data.application(listing, path, base_url, reviews=[data.review(one) for one in reviews.reviews]),
            data.breadcrumbs(trail, base_url),
        ],
        blocks=[
            Trail(trail),
            *_top(view, path, listing),
            *_price(view),
            *_permissions(view),
            *_quality(view),
            *_input(listing),
            *_call(view, listing, base_url),
            *example_links(examples),
            *_texts(view, listing),
            *_reviews(reviews),
        ],
    )


def described(view: AgentView) -> str:
    """What it does and costs, and how often it succeeds once that is known."""
    price = " ".join(part for part in (view.price, view.price_unit) if part)
    success = next((f" {fact.value} succeeded in 30 days." for fact in view.facts[:1] if "%" in fact.value), "")
    return f"{view.summary} {price}.{success}"


def picture_of(view: AgentView) -> Picture:
    price = (
        (view.price,) if view.price_unit == PLUS_TIME else (view.price, view.price_unit)
    )  # its cost stands beside it
    figures = [("price", " ".join(part for part in price if part))]
    figures += [
        (fact.label.partition(",")[0].lower(), fact.value) for fact in view.facts[:4] if fact.value != "\N{EM DASH}"
    ]
    return Picture(view.name, view.address, view.summary, tuple(figures[:4]), view.slug)


def _category(listing: catalog.ListingFacts) -> str:
    return listing.card.category if listing.card.category in CATEGORIES else ""


def _top(view: AgentView, path: str, listing: catalog.ListingFacts) -> list[Block]:
    publisher = plain_text(listing.publisher_name)
    by = f"{publisher}{', verified publisher' if view.verified else ''}"
    rating = f" Rated {view.rating} of 5 by {view.ratings}." if view.rating else ""
    resting = f" {view.resting}" if view.resting else ""
    price = " ".join(part for part in (view.price, view.price_unit) if part)
    run = Link("Sign in to run", f"/sign-in?{urlencode({'next': f'{path}?tab=run'})}")
    more = [Link(f"More by {publisher}", view.publisher_href)] if view.publisher_href else []
    return [
        Heading(view.name, 1),
        Words(view.summary, lead=True),
        Words(f"By {by}.{rating}{resting}"),
        Facts([FactView("Price", price), *view.facts]),
        Links([run, *more, Link("All agents", "/agents")], "What to do", buttons=True),
        *([Words(DEMO)] if listing.card.demo and view.state != "deprecated" else []),
    ]


def _price(view: AgentView) -> list[Block]:
    """With its volume prices, and what happens to the money if something goes wrong."""
    tiered = any(row.tiers for row in view.prices)
    head = ("Event", "Charged when", "Price", "For 1,000", *(("More units",) if tiered else ()))
    rows = [
        (row.title, row.when, row.price, row.thousand, *((row.tiers or "\N{EM DASH}",) if tiered else ()))
        for row in view.prices
    ]
    listed = [Table(head, rows)] if rows else []
    return [Heading("Pricing"), *listed, Words(view.price_note), *map(Words, view.promises)]


def _quality(view: AgentView) -> list[Block]:
    if not view.quality.score:
        return []
    rows = [
        (one.title, one.points, "; ".join(f"{check.title} {check.points}" for check in one.checks))
        for one in view.quality.factors
    ]
    formula = Links([Link("Open formula", "/quality")], "How it is computed")
    return [Heading(f"Quality: {view.quality.score} of 100"), Table(("Part", "Points", "Made of"), rows), formula]


def _permissions(view: AgentView) -> list[Block]:
    rows = [(one.title, " ".join(part for part in (one.sentence, one.mark) if part)) for one in view.permissions]
    return [Heading(f"What it may do: {view.level}"), Table(("Permission", "What it means"), rows)]


def _input(listing: catalog.ListingFacts) -> list[Block]:
    fields = fields_of(listing.manifest.input_schema, {})
    if not fields:
        return []
    return [Heading("Input"), Table(("Field", "Kind", "About"), [_field(one) for one in fields])]


def _field(one: FieldView) -> Sequence[str]:
    kind = f"{one.kind}{', required' if one.required else ''}"
    return plain_text(one.title), kind, plain_text(one.help)


def _call(view: AgentView, listing: catalog.ListingFacts, base_url: str) -> list[Block]:
    """The request that the form sends as it opens, unless that is very long; none where only workspaces that use it may run it."""
    if view.state == "deprecated":
        return []
    schema = listing.manifest.input_schema
    values, _ = read_form(schema, raw_of(fields_of(schema, {})))
    call = call_view(
        base=base_url, address=view.address, schema=schema, values=values, options={}, own=False, key_link=""
    )
    missing = ", ".join(name for name in schema.get("required", ()) if name not in repeatable(schema, values))
    said = (
        KEY,
        "" if listing.manifest.permission_level == "low" else ACCEPTED,
        call.placeholders,
        f"Add {missing}." if missing else "",
    )
    shown = [Text(plain_text(call.curl))] if len(call.curl) <= LONGEST_SHOWN else []
    more = Links([Link("OpenAPI", call.openapi.removeprefix(base_url)), Link("The API", "/docs/api")], "For programs")
    return [Heading("API"), Words(" ".join(part for part in said if part)), *shown, more]


def _texts(view: AgentView, listing: catalog.ListingFacts) -> list[Block]:
    written = [("README", view.readme, listing.readme), ("Changelog", view.changelog, listing.changelog)]
    return [
        block
        for title, html, source in written
        if html
        for block in (Heading(title), Quoted(_short(html, source), plain_text(source)))
    ]


def _reviews(found: catalog.ReviewList) -> list[Block]:
    """The newest ones, each with its stars and author."""
    if not found.reviews:
        return []
    shown: list[Block] = [Heading(f"Reviews: {found.average:.1f} of 5 by {count(found.total)}")]
    for one in found.reviews:
        shown.append(Words(f"{one.stars} of 5, {plain_text(one.reviewer_label)}, after running {one.version}"))
        shown.append(Quoted(render_markdown(one.text), plain_text(one.text)))
        if one.reply:
            shown += [Words("The publisher replied"), Quoted(render_markdown(one.reply), plain_text(one.reply))]
    return shown


def _short(html: str, source: str) -> str:
    """All of it, or as many paragraphs as a page bears."""
    if len(source) <= LONGEST_SHOWN:
        return html
    return render_markdown(source[:LONGEST_SHOWN].rpartition("\n\n")[0])
