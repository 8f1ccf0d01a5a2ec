"""Facts that stop a sign-in or a change of an account. `code` names the sentence that the sign-in page shows."""

from collections.abc import Sequence

from agent_platform.core.errors import AppError, Conflict, Forbidden


class CodeRefused(AppError):
    """Unknown, used, expired, of another host, browser or purpose: all read the same."""

    status = 403
    code = "refused"

    def __init__(self) -> None:
        super().__init__(
            "This link or sign-in is used up, too old, or was begun in another browser. Nothing was changed. Begin again."
        )


class AccountBanned(Forbidden):
    code = "banned"

    def __init__(self) -> None:
        super().__init__("This account is closed. Write to the operator if you think this is a mistake.")


class IdentityTaken(Conflict):
    """Accounts are never merged, neither by address nor by wish."""

    code = "identity_taken"

    def __init__(self) -> None:
        super().__init__("This sign-in belongs to another account. Remove it there first. Nothing was changed.")


class LastIdentity(Conflict):
    code = "last_identity"

    def __init__(self) -> None:
        super().__init__("This is your only way to sign in. Add another one first. Nothing was changed.")


class SignInTooOld(Forbidden):
    """The act needs a sign-in of the last 10 minutes."""

    code = "sign_in_too_old"

    def __init__(self) -> None:
        super().__init__(
            "This needs a sign-in of the last 10 minutes. Sign out, sign in and try again. Nothing was changed."
        )


class SoleOwner(Conflict):
    """Others would be left in a workspace that nobody owns. `workspaces` are their names."""

    code = "sole_owner"

    def __init__(self, workspaces: Sequence[str]) -> None:
        self.workspaces = tuple(workspaces)
        super().__init__(
            f"You are the only owner of {', '.join(workspaces)}, where others are members. Make somebody else owner there,"
            " or remove the others, then try again. Nothing was changed."
        )


class OperatorStays(Conflict):
    code = "operator_stays"

    def __init__(self) -> None:
        super().__init__("The operator's account keeps the installation and cannot be deleted. Nothing was changed.")
