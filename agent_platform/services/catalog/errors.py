"""Why something is not published, found or accepted.

AppError
├── Conflict 409    NotPublishable · BreakingChange · PermissionsNotAccepted
└── Forbidden 403   OwnReview
"""

from agent_platform.core.errors import Conflict, Forbidden, Problem


class NotPublishable(Conflict):
    """The version, agent or listing is not in a state from which this step leads."""

    code = "not_publishable"


class BreakingChange(Conflict):
    """Input or output changed so that consumers' runs would break; that needs a new major version. `errors` names each field."""

    code = "breaking_change"

    def __init__(self, sentence: str, errors: tuple[Problem, ...]) -> None:
        super().__init__(sentence)
        self.errors = errors


class PermissionsNotAccepted(Conflict):
    """Nobody in the workspace has accepted what this release may do."""

    code = "permissions_not_accepted"


class OwnReview(Forbidden):
    """The reviewer belongs to the workspace that asks for publication."""
