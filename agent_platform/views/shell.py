"""What the frame around every page shows about the person and the workspace."""

from dataclasses import dataclass, field

DEV_SIGN_IN = "Development sign-in is on: anyone who reaches this address can sign in as anyone. Never expose it."
SETTINGS = "/settings/profile"  # where the settings begin
STRANGER = "This workspace does not know you"
STRANGER_NEXT = "Ask one of its admins for an invitation, or open a workspace of your own."
LOOKS_ON = "You are a viewer here: you see everything and run nothing. An admin can make you a member."


@dataclass(frozen=True)
class WorkspaceLink:
    """`href` leaves this host, so it is followed by a full page load."""

    name: str
    slug: str
    href: str
    initial: str = ""
    current: bool = False


@dataclass(frozen=True)
class ShellView:
    """`spent_share` is a CSS length (`61.4%`); `meter_level` is none, normal, warn or full."""

    workspace_name: str = ""
    workspace_slug: str = ""
    plan: str = ""
    initials: str = ""
    picture: str = ""  # the path of the person's picture, empty without one
    logo: str = ""  # the path of the workspace's logo, empty without one
    user_name: str = ""
    user_email: str = ""
    color_mode: str = ""  # empty for visitors
    role: str = ""
    looks_on: str = ""  # what stands in place of Run for somebody who may not start runs
    month_label: str = ""
    spent: str = ""
    cap_label: str = ""
    cap_note: str = ""
    spent_share: str = "0%"
    meter_level: str = "none"
    running: int = 0
    asking: int = 0
    workspaces: list[WorkspaceLink] = field(default_factory=list)
    reviews: bool = False
    leaving: str = ""  # when the account is to be deleted; empty for one that stays
    dev_sign_in: bool = False
    signed_in: bool = False
    is_stranger: bool = False  # signed in, on the host of a workspace that they are no member of
    sign_in: str = "/sign-in"  # a visitor comes back to the page on which it is pressed
