"""The headline of a run that failed names who was at fault, and nobody where nobody was."""

import pytest

from agent_platform.models.runs import RunState
from tests.views.test_run import run_of, strip


@pytest.mark.parametrize(
    ("failure_class", "code", "message"),
    [
        ("platform", "launch_failed", "We were at fault"),
        ("input", "input_invalid", "The input was at fault"),
        ("platform", "agent_suspended", "Its agent was suspended before it began"),
        ("input", "agent_not_allowed", "Its agent was taken off the workspace's list before it began"),
        (None, None, "It failed"),
    ],
)
def test_the_headline_of_a_failed_run(failure_class, code, message):
    assert strip(run_of(state=RunState.FAILED, failure_class=failure_class, failure_code=code)).message == message
