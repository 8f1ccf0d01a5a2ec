"""Control folders: who has a container, and what its agent can touch."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent_platform.services.runtime import Reason
from agent_platform.services.runtime._docker.boxes import Boxes, Gone


@pytest.fixture
def boxes(tmp_path: Path) -> Boxes:
    return Boxes(tmp_path / "boxes")


def waiting_reader(path: Path) -> int:
    return os.open(path / "claim", os.O_RDWR | os.O_NONBLOCK)


def test_a_warm_folder_is_taken_by_exactly_one(boxes: Boxes) -> None:
    warm = boxes.make_warm()
    with ThreadPoolExecutor(8) as clients:
        taken = list(clients.map(lambda number: boxes.take(warm, f"ap-r{number}-1"), range(8)))
    assert len([box for box in taken if box]) == 1
    assert len(boxes.claimed()) == 1
    assert boxes.waiting() == []


def test_an_attempt_has_one_folder_however_many_ask(boxes: Boxes) -> None:
    with ThreadPoolExecutor(8) as clients:
        found = list(clients.map(lambda _: boxes.reserve("ap-r-1"), range(8)))
    assert {box.path for box in found} == {boxes.of("ap-r-1").path}
    assert boxes.take(boxes.make_warm(), "ap-r-1") is None
    assert boxes.thrown_away() == []


def test_a_claim_goes_to_who_waits_and_closes_the_folder(boxes: Boxes) -> None:
    box = boxes.reserve("ap-r-1")
    assert (box.is_ready(), box.hand_over(b"{}\n"), box.is_handed_over()) == (False, False, False)
    reader = waiting_reader(box.path)
    assert box.is_ready()
    assert box.hand_over(b"{}\n")
    assert os.read(reader, 100) == b"{}\n"
    os.close(reader)
    assert {name: stat.S_IMODE((box.path / name).stat().st_mode) for name in ("journal", "log")} == {
        "journal": 0o644,
        "log": 0o644,
    }
    assert stat.S_IMODE(box.path.stat().st_mode) == 0o755
    assert box.is_handed_over()
    assert (box.is_ready(), box.hand_over(b"{}\n")) == (False, False)


def test_the_first_reason_and_the_earliest_kill_count(boxes: Boxes) -> None:
    box = boxes.reserve("ap-r-1")
    box.ask_stop(Reason.TIMEOUT, 10)
    first = box.stop()
    box.ask_stop(Reason.CANCELLED, 100)
    assert box.stop() == first | {"grace_seconds": 100}
    box.ask_stop(Reason.CANCELLED, 0)
    assert (box.stop()["reason"], box.stop()["at"]) == ("timeout", first["at"])
    assert box.stop()["kill_at"] < first["kill_at"]


@pytest.mark.sec
def test_only_notes_that_we_know_are_read_and_never_more_than_a_little(boxes: Boxes) -> None:
    box = boxes.reserve("ap-r-1")
    lines = [
        b'{"what":"running","at":1}',
        b'{"what":"root","at":1}',
        b'{"what":"exit","at":true}',
        b'{"what":"running","at":NaN}',
        b"[]",
        b"\xff",
        b"{",
    ]
    (box.path / "journal").write_bytes(b"\n".join(lines) + b"\n" + b"x" * 1_000_000)
    assert box.notes() == ({"what": "running", "at": 1},)


def test_a_folder_that_is_gone_reads_as_nothing_and_takes_nothing(boxes: Boxes) -> None:
    box = boxes.reserve("ap-r-1")
    thrown = boxes.throw_away(box)
    assert boxes.throw_away(box) is None
    boxes.forget(thrown)
    assert (box.container(), box.record(), box.stop(), box.notes(), box.exists) == ("", {}, None, (), False)
    with pytest.raises(Gone):
        box.set_container("c")
    with pytest.raises(Gone), box.locked():
        pass


def test_the_lock_keeps_others_out_until_its_holder_is_done(boxes: Boxes) -> None:
    box = boxes.reserve("ap-r-1")
    order = []

    def hold(number: int) -> None:
        with box.locked():
            order.append((number, "in"))
            order.append((number, "out"))

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(hold, range(20)))
    assert [pair[0] for pair in order[::2]] == [pair[0] for pair in order[1::2]]


@pytest.mark.fault
def test_a_claim_that_was_taken_counts_even_if_its_pipe_is_still_there(boxes: Boxes) -> None:
    """Its client died in between."""
    box = boxes.reserve("ap-r-1")
    (box.path / "journal").write_text('{"what":"claimed","at":1}\n')
    assert box.is_handed_over()
