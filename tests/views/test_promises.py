"""What pages promise about money is what settlement does."""

import itertools

import pytest

from agent_platform.models.runs import AttemptState, FailureClass, RunState
from agent_platform.services import billing
from agent_platform.services.runs._ending import Ending, compute_payable, refund_of
from agent_platform.views.promises import promises, when_agent_fails

MODELS = {
    "free": ("stored",),
    "own": ("stored",),
    "per_run": ("started", "succeeded", "valid_output"),
    "per_event": ("stored", "succeeded", "valid_output"),
}
CHARGES = {
    "all": ("given back", "nothing is due"),
    "unused": ("unused charges are given back",),
    "none": ("stored rows are kept and paid", "stays charged"),
}
PRICES = [
    {"model": model, "costs": costs, "charge_on": charge_on, "refund_on_agent_failure": policy, "events": {}}
    for model, moments in MODELS.items()
    for charge_on, policy, costs in itertools.product(moments, ("full", "unused", "none"), ("included", "pass_through"))
]


@pytest.mark.parametrize("price", PRICES, ids=lambda price: "-".join(str(value) for value in price.values()))
def test_the_words_for_a_failing_agent_say_what_its_settlement_does(price):
    failed = Ending(RunState.FAILED, AttemptState.FAILED, FailureClass.AGENT, "agent_error", "It broke.")
    words = when_agent_fails(price)
    if price["model"] not in {"free", "own"}:  # nothing but sandbox time is ever charged there
        assert any(sign in words for sign in CHARGES[refund_of(price, failed)]), words
    pays_time = compute_payable(price, failed, compute_micro_usd=100, room_micro_usd=1_000) == 100
    assert ("sandbox time" in words) == pays_time
    assert promises(price)[1] == f"Agent fails: {words}."


def test_an_own_agent_is_promised_what_an_own_run_keeps():
    assert when_agent_fails(billing.own_price()) == "you pay the sandbox time until then, and nothing else"
