"""What the edge knows about a request; endpoints find it as `request.state.ap`. And whose requests limits count together."""

from ipaddress import IPv6Network, ip_address
from typing import TypedDict
from uuid import UUID

NETWORK_BITS = 64  # what one customer of an IPv6 provider gets


class Visit(TypedDict):
    """`counted`: the page at hand may load Analytics. `host` is the validated Host header with its port; `address` the visitor's, behind as many proxies as configured."""

    request_id: str
    host: str
    address: str
    tenant_id: UUID | None
    tenant_slug: str | None
    counted: bool


def place_of(address: str) -> str:
    """One place for all addresses of one customer: what every limit by address counts by."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 4:
        return str(ip)
    return str(ip.ipv4_mapped) if ip.ipv4_mapped else str(IPv6Network((int(ip), NETWORK_BITS), strict=False))
