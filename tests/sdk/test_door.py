"""The connection to the broker: what it survives, and when it gives up."""

import threading

import pytest

from agent_platform.sdk import AgentError
from agent_platform.sdk._door import Door, quoted, refusal
from agent_platform.sdk._errors import AttemptOver
from tests.doubles.agent_broker import AgentBroker, Work


def test_a_dead_token_ends_the_attempt_at_once(door: Door, work: Work) -> None:
    work.dead = True
    with pytest.raises(AttemptOver, match="no longer valid"):
        door.request("GET", "/runtime/v1/input")


def test_many_calls_use_one_connection(door: Door, broker: AgentBroker) -> None:
    for _ in range(20):
        assert door.request("GET", "/runtime/v1/input")[0] == 200
    assert len(broker._server.open) == 1


def test_threads_may_call_at_the_same_time(door: Door, work: Work) -> None:
    def put(number: int) -> None:
        door.request("PUT", f"/runtime/v1/kv/{number}", b"%d" % number)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert work.kv == {str(number): number for number in range(16)}


def test_an_answer_without_content_is_empty(door: Door) -> None:
    assert door.request("DELETE", "/runtime/v1/kv/x") == (204, b"")
    assert door.request("GET", "/runtime/v1/kv?prefix=") == (200, b'{"keys": []}')


def test_a_path_segment_never_becomes_a_folder() -> None:
    assert quoted("..") == "%2E%2E"
    assert quoted("a/../b c") == "a%2F..%2Fb%20c"
    assert quoted("ü") == "%C3%BC"


@pytest.mark.sec
def test_a_media_type_cannot_add_a_header(door: Door, work: Work) -> None:
    import io

    status, _ = door.upload("/runtime/v1/files/a", io.BytesIO(b"x"), 1, "text/plain\r\nAuthorization: Bearer other")
    assert (status, work.files) == (200, {"a": b"x"})


def test_a_refusal_carries_the_brokers_sentence_and_code() -> None:
    error = refusal(413, b'{"code":"too_large","detail":"Too much."}')
    assert (error.text, error.code) == ("Too much.", "too_large")
    assert "418" in refusal(418, b"<html>").text
    assert isinstance(error, AgentError)
