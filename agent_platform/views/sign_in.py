"""What the sign-in page and the page for a new workspace show."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from agent_platform.services import identity

LONGEST_NEXT = 2_000


@dataclass(frozen=True)
class SignInView:
    """`workspace` is the address of the one that is being entered, `host` its host; both may be empty.

    `next` goes back to the server, which alone judges it. `away` is where a person goes on who is signed in already.
    """

    title: str = "Sign in"
    workspace: str = ""
    host: str = ""
    seed: str = "agent-platform"
    github: bool = False
    email: bool = False
    outbox: bool = False
    sent: bool = False
    problem: str = ""
    reference: str = ""
    next: str = ""
    github_href: str = ""
    again_href: str = ""
    away: str = ""


def sign_in_view(query: dict[str, str], doors: identity.SignInDoors, *, base_netloc: str) -> SignInView:
    """The page on the base domain."""
    target = query.get("next", "")[:LONGEST_NEXT]
    workspace = workspace_of(target)
    onward = f"?{urlencode({'next': target})}" if target else ""
    return SignInView(
        title=f"Sign in to {workspace}" if workspace else "Sign in",
        workspace=workspace,
        host=f"{workspace}.{base_netloc}" if workspace else base_netloc,
        seed=workspace or "agent-platform",
        github=doors.github,
        email=doors.email,
        outbox=doors.outbox,
        sent=query.get("sent") == "1",
        problem=problem_of(query),
        reference=query.get("ref", "")[:64],
        next=target,
        github_href=f"/auth/github{onward}",
        again_href=f"/sign-in{onward}",
        away=f"/auth/start{onward}",
    )


def door_view(query: dict[str, str], workspace: str, *, host: str) -> SignInView:
    """The page on a workspace's host: what went wrong there, and the way to the real one."""
    target = query.get("next", "")[:LONGEST_NEXT]
    return SignInView(
        title=f"Sign in to {workspace}",
        workspace=workspace,
        host=host,
        seed=workspace,
        problem=problem_of(query),
        reference=query.get("ref", "")[:64],
        away="/auth/start" + (f"?{urlencode({'next': target})}" if target else ""),
    )


def problem_of(query: dict[str, str]) -> str:
    """The neutral sentence of a known outcome; anything unknown reads as refused."""
    code = query.get("problem", "")
    return identity.PROBLEMS.get(code, identity.PROBLEMS["refused"]) if code else ""


def workspace_of(target: str) -> str:
    """The address of the workspace that a hand-over or switch leads to; empty for any other path."""
    parts = urlsplit(target) if target.startswith("/auth/") else None
    if parts is None or parts.path not in {"/auth/hand-off", "/auth/switch"}:
        return ""
    slug = parse_qs(parts.query).get("to", [""])[0]
    return slug if len(slug) <= 40 and slug.replace("-", "").isalnum() and slug.isascii() else ""


@dataclass(frozen=True)
class AddressView:
    """What is known about the address as typed: `free`, or a `fault` with another one to offer."""

    shown: str = ""
    free: bool = False
    fault: str = ""
    offer: str = ""


def address_view(typed: str, free: str, *, suffix: str) -> AddressView:
    """`free` is the nearest free address to what was typed."""
    if not typed:
        return AddressView()
    if typed == free:
        return AddressView(shown=f"{free}{suffix}", free=True)
    return AddressView(
        fault=f"{typed[:40]} is taken, reserved, or not made of 3 to 32 lower-case letters, digits and single hyphens.",
        offer=free,
    )
