"""The way from a run to the reviews of its agent."""

from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.runs import RunState
from agent_platform.views.run import head_of
from tests.views.test_run import MARA, final


def test_a_good_run_of_somebody_elses_agent_leads_to_its_reviews():
    viewer = Caller(MARA.user_id, "Vito", MARA.tenant_id, "northwind", "viewer", (), new_id())
    good = {"state": RunState.SUCCEEDED, "release_id": new_id()}
    assert head_of(final(**good), MARA).review_href == "/agents/openworks/site-auditor?tab=reviews"
    others = ({"release_id": None}, {"state": RunState.FAILED}, {"is_dry_run": True}, {"origin": "demo"})
    assert {head_of(final(**good | one), MARA).review_href for one in others} == {""}
    assert head_of(final(**good), viewer).review_href == ""
