"""API keys as the settings show them, and what their form says."""

from agent_platform.views.keys import ENDS, chosen_scopes, days_until


def test_the_form_says_scopes_and_days():
    assert chosen_scopes(reads=True, writes=False) == ["runs:read"]
    assert chosen_scopes(reads=True, writes=True) == ["runs:read", "runs:write"]
    assert [days_until(one) for one in ENDS] == [30, 90, 365, None]
