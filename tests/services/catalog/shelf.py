"""A directory of twenty-two agents, as the publisher role would have written them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session
from agent_platform.core.ids import new_id
from agent_platform.models.catalogue import Listing, Publisher
from agent_platform.services import catalog

FIRST_AT = datetime(2026, 11, 1, tzinfo=UTC)
# slug, name, summary, category, tags, price model, runs in 30 days
AGENTS = (
    (
        "data-profiler",
        "Data Profiler & Cleaner",
        "Describes every column of a CSV, JSON or Excel table and writes a cleaned copy.",
        "data",
        ["csv", "excel", "json", "cleaning"],
        "free",
        1940,
    ),
    (
        "pii-redactor",
        "PII Finder & Redactor",
        "Finds e-mail, phone, IBAN and card numbers and returns the masked text.",
        "data",
        ["pii", "privacy", "gdpr"],
        "per_run",
        1206,
    ),
    (
        "tls-monitor",
        "Website & TLS Monitor",
        "Checks status, redirects, certificate days left and security headers.",
        "operations",
        ["tls", "certificate", "uptime"],
        "per_event",
        1122,
    ),
    (
        "site-auditor",
        "Site Auditor",
        "Polite same-host crawl for broken links, titles, meta, sitemap and page weight.",
        "web",
        ["links", "seo", "crawl"],
        "per_event",
        1481,
    ),
    (
        "log-triage",
        "Log Triage",
        "Clusters log lines by template, ranks errors and spikes, and writes an incident note.",
        "operations",
        ["logs", "incident"],
        "per_run",
        604,
    ),
    (
        "repo-digest",
        "Repo Digest",
        "Weekly summary of issues, pull requests and releases of a repository.",
        "engineering",
        ["github", "changelog"],
        "subscription",
        300,
    ),
    (
        "ask-my-documents",
        "Ask My Documents",
        "Answers questions about your files with exact citations.",
        "research",
        ["chat", "citations"],
        "usage",
        900,
    ),
    (
        "support-triage",
        "Support Triage with Approval",
        "Classifies tickets, drafts the reply and waits for a person to approve.",
        "support",
        ["tickets", "helpdesk"],
        "per_event",
        412,
    ),
    (
        "invoice-reader",
        "Invoice Reader",
        "Reads totals, taxes and due dates from invoices.",
        "finance",
        ["invoice", "receipts"],
        "per_run",
        210,
    ),
    (
        "bank-reconciler",
        "Bank Reconciler",
        "Matches bank lines with open invoices.",
        "finance",
        ["bank", "accounting"],
        "per_run",
        95,
    ),
    (
        "schema-diff",
        "Schema Diff",
        "Compares two JSON Schemas and names breaking changes.",
        "engineering",
        ["json-schema", "api"],
        "free",
        80,
    ),
    (
        "sql-explainer",
        "SQL Explainer",
        "Explains a query plan and proposes an index.",
        "engineering",
        ["sql", "postgres"],
        "free",
        150,
    ),
    (
        "image-alt-text",
        "Image Alt Text",
        "Proposes alternative texts for images of a page.",
        "web",
        ["accessibility", "images"],
        "per_event",
        60,
    ),
    (
        "page-weight",
        "Page Weight",
        "Measures the weight of pages and names the heaviest files.",
        "web",
        ["performance"],
        "free",
        45,
    ),
    (
        "translator",
        "Document Translator",
        "Translates documents and keeps their layout.",
        "research",
        ["translation", "language"],
        "per_event",
        530,
    ),
    (
        "meeting-notes",
        "Meeting Notes",
        "Turns a transcript into decisions and tasks.",
        "operations",
        ["meetings"],
        "per_run",
        340,
    ),
    ("csv-merger", "CSV Merger", "Joins CSV files by a key column.", "data", ["csv", "join"], "free", 130),
    (
        "geo-coder",
        "Address Geocoder",
        "Finds coordinates of postal addresses.",
        "data",
        ["geo", "maps"],
        "per_event",
        70,
    ),
    (
        "license-check",
        "License Check",
        "Lists the licences of dependencies and flags conflicts.",
        "engineering",
        ["licenses", "sbom"],
        "free",
        55,
    ),
    (
        "broken-redirects",
        "Redirect Tracer",
        "Follows redirect chains and reports loops.",
        "web",
        ["redirects"],
        "free",
        20,
    ),
    (
        "survey-summary",
        "Survey Summary",
        "Groups free answers of a survey by theme.",
        "research",
        ["survey"],
        "per_run",
        33,
    ),
    (
        "churn-explainer",
        "Churn Explainer",
        "Explains which customers leave and why.",
        "data",
        ["churn", "analytics"],
        "usage",
        12,
    ),
)


def fill(**changes: dict[str, Any]) -> dict[str, UUID]:
    """The agents above are listed; `changes` by slug with underscores, further agents by a slug of their own. Returns ids by slug."""
    tenant = new_id()
    more = [slug.replace("_", "-") for slug in changes]
    known = {facts[0] for facts in AGENTS}
    further = [(slug, slug, "Does one more thing.", "other", [], "free", 1) for slug in more if slug not in known]
    rows = [_row(number, tenant, *facts) for number, facts in enumerate([*AGENTS, *further])]
    rows = [row | changes.get(row["slug"].replace("-", "_"), {}) for row in rows]
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=tenant, handle="harbor", name="Harbor"))
        session.execute(insert(Listing), rows)
    return {row["slug"]: row["id"] for row in rows}


def search(**how) -> catalog.Page:
    with public_session() as session:
        return catalog.search(session, **how)


def slugs(page: catalog.Page) -> list[str]:
    return [card.slug for card in page.listings]


def _row(number, tenant, slug, name, summary, category, tags, price_model, runs) -> dict[str, Any]:
    free = price_model == "free"
    return {
        "id": new_id(),
        "tenant_id": tenant,
        "publisher": "harbor",
        "slug": slug,
        "name": name,
        "summary": summary,
        "category": category,
        "kind": "chat" if "chat" in tags else "job",
        "tags": tags,
        "visibility": "public",
        "state": "published",
        "release_id": new_id(),
        "version": "1.0.0",
        "price_model": price_model,
        "price_label": "Free" if free else "$0.02",
        "price_unit": "" if free else "run",
        "needs_network": category == "web",
        "needs_connection": slug == "repo-digest",
        "needs_model": price_model == "usage",
        "permission_level": "medium" if price_model == "usage" else "low",
        "is_verified": runs > 100,
        "runs_30d": runs,
        "users_30d": runs // 2,
        "judged_30d": runs,
        "success_30d": 0.9 + number / 1000,
        "cost_p50_micro_usd": None if free else 1000 * (number + 1),
        "rating": None if number % 3 else 4.0 + number / 100,
        "published_at": FIRST_AT + timedelta(hours=number),
    }
