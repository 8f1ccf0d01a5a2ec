"""The headline of a run that failed names who was at fault, and nobody where nobody was."""

from datetime import UTC, datetime

import pytest

from agent_platform.models.runs import Run, RunState
from agent_platform.views.run_words import message_of


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
    run = Run(state=RunState.FAILED, failure_class=failure_class, failure_code=code)
    assert message_of(run, place=0, now=datetime(2026, 12, 1, tzinfo=UTC), zone=UTC) == message
