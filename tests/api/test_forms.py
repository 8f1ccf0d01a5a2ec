from starlette.requests import Request

from agent_platform.api._entry import form_of


async def test_a_form_holds_nothing_that_cannot_be_stored():
    async def receive():
        return {"type": "http.request", "body": b"message=a%00b", "more_body": False}

    kind = (b"content-type", b"application/x-www-form-urlencoded")
    request = Request({"type": "http", "method": "POST", "headers": [kind]}, receive)
    assert await form_of(request) == {"message": "ab"}
