import pytest

from agent_platform.core.storable import storable


def test_what_postgres_cannot_store_is_replaced_wherever_it_lies():
    assert storable({"a\0": ["b\ud800", 1, None]}) == {
        "a\N{REPLACEMENT CHARACTER}": ["b\N{REPLACEMENT CHARACTER}", 1, None]
    }


@pytest.mark.parametrize("kept", ["\N{GRINNING FACE}", "\t\n\x1b", ""])
def test_everything_else_is_kept(kept):
    assert storable(kept, instead="") == kept
