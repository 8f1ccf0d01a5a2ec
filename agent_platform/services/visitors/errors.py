"""Why a visitor gets no demo. Each sentence says what can be done instead.

AppError
├── NotFound 404     DemoGone
├── Conflict 409     DemoRefused
├── TooLarge 413     DemoTooLarge
└── RateLimited 429  DemoLimit
"""

from agent_platform.core.errors import Conflict, NotFound, RateLimited, TooLarge


class DemoGone(NotFound):
    """It was deleted after its hour, or never was: both read the same."""

    def __init__(self) -> None:
        super().__init__("There is no demo at this address. A demo and all it left are deleted after an hour.")


class DemoRefused(Conflict):
    """The agent may not be tried without an account, or not with this input."""

    code = "demo_refused"


class DemoTooLarge(TooLarge):
    """The input is larger than what a demo takes."""

    code = "demo_too_large"


class DemoLimit(RateLimited):
    """The address, the agent or the installation has had its demos for now."""

    code = "demo_limit"
