"""What Postgres cannot store is replaced, and only that."""

import json

import pytest

from agent_platform.core.storable import DEEPEST, read_storable, storable

HOSTILE = {"a\0": ["b\ud800", "ü\udfff\0", 1, None]}
STORED = {
    "a\N{REPLACEMENT CHARACTER}": [
        "b\N{REPLACEMENT CHARACTER}",
        "ü\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}",
        1,
        None,
    ]
}


def test_what_postgres_cannot_store_is_replaced_wherever_it_lies():
    assert storable(HOSTILE) == STORED


def test_it_is_replaced_when_it_is_read():
    assert read_storable(json.dumps(HOSTILE).encode()) == STORED


@pytest.mark.parametrize("kept", ["\N{GRINNING FACE}", "\t\n\x1b", "", "\\u0000", "ü"])
@pytest.mark.parametrize("escaped", [True, False])
def test_everything_else_is_kept(kept, escaped):
    assert storable(kept, instead="") == kept
    assert read_storable(json.dumps({kept: [kept]}, ensure_ascii=escaped).encode()) == {kept: [kept]}


@pytest.mark.parametrize("body", [b'"\xed\xa0\x80"', b'"\xff"', b'"\0"', b'{"a": 1', b""])
def test_what_is_no_json_in_utf_8_is_refused(body):
    with pytest.raises(ValueError):
        read_storable(body)


def test_a_mark_of_the_byte_order_is_no_part_of_the_text():
    assert read_storable(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("word", ["1", '"\\u00fc"'])
def test_what_is_nested_too_deep_for_its_readers_is_refused(opened, closed, word):
    deepest = opened * DEEPEST + word + closed * DEEPEST
    assert read_storable(deepest.encode())
    with pytest.raises(RecursionError):
        read_storable(f"[{deepest}]".encode())


def test_brackets_in_text_are_not_levels():
    assert read_storable(f'"{"[" * 1_000}"'.encode()) == "[" * 1_000
    assert read_storable(f"[{'[],' * 1_000}[]]".encode()) == [[]] * 1_001
