"""Why something is not found, published, run or accepted.

AppError
├── NotFound 404    AgentNotFound
├── Conflict 409    AgentNotRunnable (AgentSuspended) · PublicationRefused · BreakingChange · PermissionsNotAccepted · ReviewOvertaken
└── Forbidden 403   OwnReview · NotReviewer · ReviewRefused · AgentNotAllowed
"""

from agent_platform.core.errors import Conflict, Forbidden, NotFound, Problem


class AgentNotFound(NotFound):
    """No such agent is offered here; private ones of others read the same."""

    def __init__(self) -> None:
        super().__init__(
            "There is no agent at this address. It may have been withdrawn, or it belongs to another workspace."
        )


class AgentNotRunnable(Conflict):
    """The agent is there, but starts no new runs now."""

    code = "agent_not_runnable"


class AgentSuspended(AgentNotRunnable):
    """A reviewer of the installation has stopped the agent; `reason` is what they said."""

    code = "agent_suspended"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} is suspended by the operator of this installation and starts no new runs. Nothing was charged. The reason: {reason}"
        )
        self.reason = reason


class PublicationRefused(Conflict):
    """The version, agent or listing is in a state from which this step does not lead."""

    code = "publication_refused"


class BreakingChange(PublicationRefused):
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


class NotReviewer(Forbidden):
    """The person has no platform role that decides about the directory."""

    def __init__(self) -> None:
        super().__init__(
            "Only the operator, or a reviewer of theirs, decides what is in the directory. Nothing changed."
        )


class AgentNotAllowed(Forbidden):
    """The workspace's admins let in other agents, or none of others."""

    code = "agent_not_allowed"


class ReviewRefused(Forbidden):
    """This person, or their workspace, may not say what an agent is worth, or answer it."""


class ReviewOvertaken(Conflict):
    """A colleague has written the review of the workspace since this person began theirs."""

    code = "review_overtaken"

    def __init__(self, author: str) -> None:
        super().__init__(
            f"{author} has written the review of this workspace meanwhile, and it has one for each agent. Nothing of yours was saved."
        )
