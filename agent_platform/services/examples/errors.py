"""Why a run does not become an example.

AppError
├── Conflict 409    ExampleRefused (the run, its agent, or their number) · TooManyExamples
└── Forbidden 403   NotPublisher
"""

from agent_platform.core.errors import Conflict, Forbidden


class ExampleRefused(Conflict):
    """The run cannot be shown to everybody, or its agent is not public."""

    code = "example_refused"


class TooManyExamples(Conflict):
    """The agent has as many examples as an agent may have."""

    code = "too_many_examples"


class NotPublisher(Forbidden):
    """The person may not speak for the workspace that publishes the agent."""

    def __init__(self) -> None:
        super().__init__("Only an admin, or somebody who builds here, keeps the examples of an agent. Nothing changed.")
