"""Facts about workspaces and members that stop an action."""

from agent_platform.core.errors import Conflict, Forbidden, InputInvalid, NotFound


class SlugRefused(InputInvalid):
    """The address is malformed, reserved, taken, or looks like another."""


class SlugInUse(Conflict):
    """Something is published beneath the address."""


class LastOwner(Conflict):
    """The workspace would be left without an owner."""


class RoleTooLow(Forbidden):
    """The actor's role does not reach so far."""


class AlreadyMember(Conflict):
    """The person is in the workspace."""


class MembersFull(Conflict):
    """The plan's number of members is reached."""


class WorkspacesFull(Conflict):
    """One person owns as many workspaces as one may."""


class KeysFull(Conflict):
    """One person has as many living keys in the workspace as one may."""


class InvitationInvalid(NotFound):
    """Unknown, used, revoked and expired read the same."""

    def __init__(self) -> None:
        super().__init__("This invitation is used up, withdrawn or older than 7 days. Ask for a new one.")


class InvitationForAnother(Forbidden):
    """The person has not proved the invited address. It is shown in part: they may hold the link by accident."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"This invitation is for {address}, and nothing shows that this is you. Sign in with that address, or enter it"
            " as the notice address of your profile and confirm it; then open the invitation again."
        )
