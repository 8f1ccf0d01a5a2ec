"""The tenant comes from the Host header: the base domain, or a known `<slug>.<base domain>`."""

import asyncio
import re
from dataclasses import dataclass
from uuid import UUID

from agent_platform.core.recent import Recent
from agent_platform.core.settings import Settings
from agent_platform.edge.refusals import Refusal
from agent_platform.services import tenancy

LABEL = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,31}")
NETLOC = re.compile(r"([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,45}\])(?::([0-9]{1,5}))?")
CACHE_SECONDS = 1.0
CACHED_SLUGS = 10_000


@dataclass(frozen=True)
class Host:
    """`netloc` is the header in lower case; tenant fields are None on the base domain."""

    netloc: str
    tenant_id: UUID | None = None
    tenant_slug: str | None = None


class Hosts:
    """Knows which hosts are ours, at most a second late."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._recent: Recent[str, tenancy.TenantFacts | None] = Recent(seconds=CACHE_SECONDS, most=CACHED_SLUGS)

    async def of(self, header: str | None) -> Host:
        """Raises: Refusal 400 for a malformed header, 421 for a host that is not ours, 308 for an address given up."""
        netloc = (header or "").lower()
        name = host_name(netloc)
        if name is None:
            raise Refusal(400, "The Host header of this request is malformed.")
        if name == self._settings.base_host:
            return Host(netloc)
        slug, dot, base = name.partition(".")
        if not dot or base != self._settings.base_host or LABEL.fullmatch(slug) is None:
            raise self._not_ours()
        facts = await self._find(slug)
        if facts is None:
            raise self._not_ours()
        if facts.slug != slug:
            raise Moved(self._settings.tenant_url(facts.slug))
        return Host(netloc, facts.id, facts.slug)

    def forget(self) -> None:
        self._recent.clear()

    async def _find(self, slug: str) -> "tenancy.TenantFacts | None":
        if found := self._recent.find(slug):
            return found[0]
        facts = await asyncio.to_thread(tenancy.in_platform, tenancy.find_tenant_by_slug, slug=slug)
        return self._recent.keep(slug, facts)

    def _not_ours(self) -> Refusal:
        return Refusal(421, "There is no workspace at this address. Start here:", link=self._settings.base_url)


def host_name(netloc: str) -> str | None:
    """The name without the port; None for what no browser sends."""
    match = NETLOC.fullmatch(netloc.lower())
    return match[1] if match else None


class Moved(Refusal):
    """The workspace has a new address; `origin` is its URL without a path."""

    def __init__(self, origin: str) -> None:
        super().__init__(308, "This workspace has moved to", link=origin)
        self.origin = origin
