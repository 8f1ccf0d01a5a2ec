"""What can be wrong with an agent, a version or a bundle.

AppError
├── InputInvalid 422     ManifestInvalid · BundleRefused
├── TooLarge 413         BundleTooLarge
├── Conflict 409         VersionTaken · StateMoved · AgentArchived
└── Unauthenticated 401  BuildOver
"""

from agent_platform.core.errors import Conflict, InputInvalid, Problem, TooLarge, Unauthenticated


class ManifestInvalid(InputInvalid):
    """agent.yaml breaks a rule; `errors` names every place and the fix."""

    code = "manifest_invalid"

    def __init__(self, errors: tuple[Problem, ...]) -> None:
        count = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
        super().__init__(f"agent.yaml has {count}. Nothing was stored. Correct it and upload again.", errors=errors)


class BundleRefused(InputInvalid):
    """The zip is damaged, dangerous or incomplete."""

    code = "bundle_refused"


class BundleTooLarge(TooLarge):
    """The zip, its content or the number of its entries is beyond a limit."""


class VersionTaken(Conflict):
    """This version number has other content already; versions never change."""

    code = "version_taken"


class StateMoved(Conflict):
    """Somebody else has changed the state meanwhile, or the step is not allowed from here."""


class AgentArchived(Conflict):
    """The agent takes no new versions until it is restored."""


class BuildOver(Unauthenticated):
    """The build this token belonged to has ended."""

    code = "token_dead"

    def __init__(self) -> None:
        super().__init__("This build token is dead: its build is over.")
