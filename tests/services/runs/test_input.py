"""What a run is given, held against the schema of its agent."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs
from tests.factories import make_tenant

NUMBERS = {"type": "object", "properties": {"xs": {"type": "array", "items": {"type": "integer"}}}}


def test_of_an_input_that_is_wrong_everywhere_only_its_beginning_is_looked_at(settings):
    with tenant_session(make_tenant()) as session, pytest.raises(runs.RunInputInvalid) as refused:
        runs.checked_input(session, NUMBERS, {"xs": ["x"] * 2_000})
    places = [int(problem.path.partition(".")[2]) for problem in refused.value.errors]
    assert len(places) == 20
    assert max(places) < 200
