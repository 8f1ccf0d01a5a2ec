"""An agent that hangs up in the middle of what it sends."""

from agent_platform.broker.app import make_app

HALF = {"type": "http.request", "body": b'{"key": ', "more_body": True}
SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "path": "/runtime/v1/approvals",
    "raw_path": b"/runtime/v1/approvals",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"content-length", b"1000000")],
}


async def test_nothing_fails_when_only_half_a_body_comes():
    """What escapes from here is a traceback in the log for each time that somebody hangs up."""
    coming, sent = [HALF, {"type": "http.disconnect"}], []

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    await make_app()(SCOPE, receive, send)
    assert [message["status"] for message in sent if "status" in message] == [400]
