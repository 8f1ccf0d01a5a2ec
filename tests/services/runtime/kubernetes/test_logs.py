"""A log with an instant before each line, as chunks that can be resumed."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_platform.services.runtime._kubernetes.logs import chunks, position, since_second

MANY = 10**9


def stamped(lines: list[bytes], *, step: int = 1000, share: int = 1) -> bytes:
    """Each `share` lines have the same instant."""
    found = []
    for number, line in enumerate(lines):
        microseconds = number // share * step
        found.append(
            b"2026-03-01T12:%02d:%02d.%06dZ "
            % (microseconds // 60_000_000, microseconds // 1_000_000 % 60, microseconds % 1_000_000)
        )
        found.append(line)
    return b"".join(found)


def pieces(content: bytes, seed: int = 1) -> list[bytes]:
    order, found = random.Random(seed), []
    while content:
        size = order.randint(1, 5000)
        found.append(content[:size])
        content = content[size:]
    return found


def text(found) -> bytes:
    return b"".join(chunk.content for chunk in found)


@pytest.mark.parametrize("share", [1, 7, 5000])
def test_reading_on_from_any_chunk_repeats_and_loses_nothing(share):
    raw = stamped([b"%d\n" % n for n in range(40_000)], share=share)
    whole = list(chunks(pieces(raw), 0, MANY))
    assert text(whole).split() == [b"%d" % n for n in range(40_000)]
    assert len(whole) > 1
    for number in range(len(whole)):
        rest = chunks(pieces(raw, seed=number), whole[number].next, MANY)
        assert text(rest) == text(whole[number + 1 :])


def test_the_server_is_asked_from_the_second_of_the_last_line_on():
    raw = stamped([b"a\n", b"b\n"], step=1_500_000)
    [chunk] = chunks([raw], 0, MANY)
    assert since_second(0) == ""
    assert since_second(chunk.next) == "2026-03-01T12:00:01Z"
    assert position(chunk.next)[1] == 4
    assert list(chunks([raw], chunk.next, MANY)) == []


def test_the_limit_counts_over_several_readings_and_is_marked_once():
    raw = stamped([b"x" * 99 + b"\n" for _ in range(3000)], share=10)
    whole = list(chunks([raw], 0, 200_000))
    mark = b"\n[log limit of 200000 bytes reached: the rest is dropped]\n"
    assert text(whole).endswith(mark)
    assert len(text(whole)) == 200_000 + len(mark)
    assert text(chunks([raw], whole[0].next, 200_000)) == text(whole[1:])
    assert list(chunks([raw], whole[-1].next, 200_000)) == []


def test_an_endless_line_is_cut_and_its_memory_is_bounded():
    def endless():
        yield b"2026-03-01T12:00:00Z "
        for _ in range(400):
            yield b"y" * 65536
        yield b"\n2026-03-01T12:00:01Z next\n"

    found = text(chunks(endless(), 0, MANY))
    assert found == b"y" * 65536 + b" [line cut at 64 KiB]\nnext\n"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_come_through(content, size):
    raw = stamped(re.findall(rb"[^\n]*\n|[^\n]+", content))
    parts = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert text(chunks(parts, 0, MANY)) == content


def test_an_instant_with_another_zone_or_none_at_all_keeps_the_order():
    raw = b"2026-03-01T13:00:00+01:00 a\n2026-03-01T12:00:00.5Z b\nno instant\n"
    assert text(chunks([raw], 0, MANY)) == b"a\nb\nno instant\n"
