"""What the edge knows about a request; endpoints find it as `request.state.ap`."""

from typing import TypedDict
from uuid import UUID


class Visit(TypedDict):
    """`counted`: the page at hand may load Analytics. `host` is the validated Host header with its port; `address` the visitor's, behind as many proxies as configured."""

    request_id: str
    host: str
    address: str
    tenant_id: UUID | None
    tenant_slug: str | None
    counted: bool
