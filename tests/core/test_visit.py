"""Whose requests limits count together."""

import pytest

from agent_platform.core.visit import place_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("::1", "::2", True),
        ("not an address", "another", False),
    ],
)
def test_a_place_is_what_one_customer_has(one, other, same):
    assert (place_of(one) == place_of(other)) is same
