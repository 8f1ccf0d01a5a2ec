"""Files of visitors as browsers and others send them: for a demo, within limits, and to nobody else's use."""

import asyncio
import contextlib
import io

import aiohttp
import pytest
from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import visitors
from tests.protocol.test_demos import AGENT, at_the_agent, newest, room, tried
from tests.services.visitors.stall import Stall

pytestmark = pytest.mark.sec
__all__ = ["room"]
INPUT = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "file", "title": "File"},
        "text": {"type": "string", "title": "Text", "maxLength": 1_000, "prefill": "hello"},
    },
}
PATH = "/uploads/demo/maker/counter"
MIB = 1 << 20


@pytest.fixture(scope="module")
def stall(server):
    made = Stall("per_event", input=INPUT)
    visitors.set_budget(visitors.Budget(900_000_000, 900_000_000))
    return made


def form(content: bytes = b"a,b\n", name: str = "a.csv") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


async def send(visitor, path=PATH, body=None, **headers):
    given = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "*/*"} | headers
    sent = form() if body is None else body
    return await visitor.request("POST", path, body=io.BytesIO(sent) if isinstance(sent, bytes) else sent, **given)


def stored(stall) -> int:
    with tenant_session(stall.consumer) as session:
        return session.execute(text("SELECT count(*) FROM app.run_files")).scalar_one()


async def test_a_chosen_file_is_what_the_demo_runs_on(visit, stall):
    visitor = visit()
    tab = await at_the_agent(visitor)
    field = tab.vars[AGENT]["fields"][0]
    assert (field["closed"], field["sends_to"], field["most_bytes"]) == ("", PATH, MIB)
    answer = await send(visitor, field["sends_to"])
    assert answer.status == 201
    assert (await answer.json())["name"] == "a.csv"
    await tab.send(f"{AGENT}.change", name="file", value=(await answer.json())["id"])
    assert await tried(tab), tab.vars[AGENT]["demo_refusal"]
    given = newest(stall).input
    assert given["file"].startswith("file_")
    assert "text" not in given  # a sample gives way to a file


async def test_a_file_that_is_gone_is_marked_at_its_field(visit, stall):
    tab = await at_the_agent(visit())
    await tab.send(f"{AGENT}.change", name="file", value="A" * 43)
    assert await tried(tab) == ""
    assert "Choose it again" in tab.vars[AGENT]["demo_refusal"]
    assert "Choose it again" in tab.vars[AGENT]["fields"][0]["error"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "http://acme.localhost:{port}"])
async def test_no_other_site_sends_a_file_through_a_visitor_s_browser(visit, stall, origin):
    visitor, before = visit(), stored(stall)
    answer = await send(visitor, Origin=origin and origin.format(port=visitor.port))
    assert (answer.status, answer.content_type) == (403, "application/problem+json")
    assert stored(stall) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/uploads/demo/maker/nothing", 404),
        ("/uploads/demo/nobody/counter", 404),
        ("/uploads/demo/maker/%00", 404),
        ("/uploads/demo/maker/../counter", 404),
        ("/uploads/demo/maker", 404),
        ("/uploads/demo/maker/counter/", 404),
        ("/uploads", 401),
        ("/people/picture", 401),
    ],
)
async def test_a_visitor_sends_files_to_agents_that_are_tried_and_nowhere_else(visit, stall, path, status):
    before = stored(stall)
    assert (await send(visit(), path)).status == status
    assert stored(stall) == before


async def test_an_agent_that_is_not_tried_is_named_before_the_file_is_read(visit, stall):
    stall.change(input=INPUT, demo=False)
    try:
        tab = await at_the_agent(visit())
        assert tab.vars[AGENT]["fields"][0]["closed"] == "Files need an account here."
        answer = await send(visit(), body=b"nonsense")
        assert (answer.status, "offers no demo" in await answer.text()) == (409, True)
    finally:
        stall.change(input=INPUT, demo=True)


async def test_a_megabyte_passes_and_a_byte_more_does_not(visit, stall):
    visitor = visit()
    assert (await send(visitor, body=form(b"x" * MIB))).status == 201
    before = stored(stall)
    refused = await send(visitor, body=form(b"x" * (MIB + 1)))
    assert (refused.status, "larger than 1 MiB" in (await refused.json())["detail"]) == (413, True)
    with contextlib.suppress(
        aiohttp.ClientOSError
    ):  # the answer came, and the line was shut, before all of it was sent
        giant = await send(visitor, body=form(b"x" * (8 * MIB)))
        assert (giant.status, "At most 1 MiB" in (await giant.json())["detail"]) == (413, True)
    assert stored(stall) == before


async def test_a_body_without_a_declared_length_is_counted_all_the_same(visit, stall):
    async def chunks():
        yield form()[:40]
        for _ in range(40):
            yield b"x" * 65_536

    before = stored(stall)
    with contextlib.suppress(OSError):  # the server ends the connection while more is on its way
        assert (await send(visit(), body=chunks())).status == 413
    assert stored(stall) == before


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        form().removesuffix(b"--x--\r\n") + form(),
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--x--\r\n',
        form(b""),
    ],
)
async def test_what_is_no_file_is_refused_in_words(visit, stall, body):
    before = stored(stall)
    answer = await send(visit(), body=body)
    assert (answer.status, answer.content_type) == (422, "application/problem+json")
    assert stored(stall) == before


async def test_many_files_without_a_demo_come_to_an_end(visit, stall):
    visitor, before = visit(), stored(stall)
    answers = [await send(visitor, body=form(str(number).encode())) for number in range(14)]
    assert [answer.status for answer in answers[:10]] == [201] * 10
    assert {answer.status for answer in answers[10:]} == {429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers[10:])
    assert stored(stall) == before + 10
    claimed = visit()
    claimed.address = f"192.0.2.9, {visitor.address}"  # the left part is what the client claims
    assert (await send(claimed)).status == 429


async def test_one_address_holds_two_files_in_the_air_and_others_still_send(visit, stall):
    visitor, gate = visit(), asyncio.Event()

    async def slow():
        yield form()[:20]
        await gate.wait()
        yield form()[20:]

    held = [asyncio.ensure_future(send(visitor, body=slow())) for _ in range(2)]
    await asyncio.sleep(1)
    refused = await send(visitor)
    assert (refused.status, "Too many files" in (await refused.json())["detail"]) == (429, True)
    assert (await send(visit())).status == 201
    gate.set()
    assert [answer.status for answer in await asyncio.gather(*held)] == [201, 201]


async def test_a_name_cannot_lead_anywhere(visit, stall):
    answer = await send(visit(), body=form(name="../../etc/pass\u202ewd"))
    assert (answer.status, (await answer.json())["name"]) == (201, "passwd")
