from agent_platform.core.errors import Conflict, NotFound


class AgentNotFound(NotFound):
    """No such agent is offered here; private ones of others read the same."""

    def __init__(self) -> None:
        super().__init__(
            "There is no agent at this address. It may have been withdrawn, or it belongs to another workspace."
        )


class AgentNotRunnable(Conflict):
    """The agent is there, but starts no new runs now."""

    code = "agent_not_runnable"


class PermissionsNotAccepted(Conflict):
    """Nobody in the workspace has accepted what this release may do."""

    code = "permissions_not_accepted"


class PublicationRefused(Conflict):
    """The version or request is in a state that does not allow it."""

    code = "publication_refused"
