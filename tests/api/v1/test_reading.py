"""What programs read: agents, runs, rows in three notations, files, receipts; each answer as its schema says."""

import base64
import csv
import io
import json
from datetime import UTC, datetime

import psycopg
import pytest

from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.tenant import public_session
from agent_platform.core.ids import shown
from agent_platform.services import catalog
from tests.api.site.listed import list_agent
from tests.api.v1.conftest import is_a
from tests.doubles.running import end, make_run, pages, put, speak
from tests.factories import make_reviewer


async def test_anybody_reads_the_directory_and_pages_through_it(program):
    for number in range(3):
        list_agent(f"agent-{number}", runs_30d=number)
    client = program()
    first = is_a("AgentPage", (await client.get("/agents?limit=2&sort=used")).json())
    assert [one["agent"] for one in first["data"]] == ["harbor/agent-2", "harbor/agent-1"]
    second = is_a("AgentPage", (await client.get(f"/agents?limit=2&sort=used&cursor={first['next_cursor']}")).json())
    assert [one["agent"] for one in second["data"]] == ["harbor/agent-0"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query", ["sort=worst", "category=x", "limit=25", "limit=0", "limit=x", "max_micro_usd=-1", "page=2"]
)
async def test_a_filter_that_is_not_known_is_named(program, query):
    answer = await program().get(f"/agents?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == query.partition("=")[0]
    is_a("Problem", answer.json())


async def test_one_agent_has_what_a_caller_needs(program, key):
    list_agent("site-auditor")
    public = is_a("Agent", (await program().get("/agents/harbor/site-auditor")).json())
    assert public["input_schema"]["type"] == "object"
    assert "permissions_accepted" not in public
    assert public["links"]["runs"] == "http://localhost:3000/v1/agents/harbor/site-auditor/runs"
    inside = is_a("Agent", (await program(key, "northwind").get("/agents/harbor/site-auditor")).json())
    assert inside["permissions_accepted"] is False
    own = is_a("Agent", (await program(key).get("/agents/northwind/site-auditor")).json())
    assert (own["price"]["model"], own["state"], inside["state"]) == ("own", "own", "published")
    assert (await program().get("/agents/northwind/site-auditor")).status_code == 404


async def test_runs_are_listed_by_pages_and_filters(mara, northwind):
    made = [make_run(northwind) for _ in range(3)]
    first = is_a("RunPage", (await mara.get("/runs?limit=2")).json())
    second = is_a("RunPage", (await mara.get(f"/runs?limit=2&cursor={first['next_cursor']}")).json())
    assert [one["id"] for one in first["data"] + second["data"]] == [shown("run", one) for one in reversed(made)]
    assert (await mara.get("/runs?state=queued")).json()["data"] == []
    assert len((await mara.get("/runs?state=queued&state=running")).json()["data"]) == 3
    assert len((await mara.get("/runs?agent=northwind/site-auditor")).json()["data"]) == 3
    assert (await mara.get("/runs?agent=northwind/other")).json()["data"] == []
    later = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert (await mara.get(f"/runs?from={later}")).json()["data"] == []
    for query in ("state=done", "from=yesterday", "cursor=%21", "limit=201"):
        assert (await mara.get(f"/runs?{query}")).status_code == 422


@pytest.mark.parametrize(
    "text", ['["2026-01-01T00:00:00Z", 5]', "[" * 5_000, '["2026-01-01T00:00:00Z", null]', "5", "[1, 2, 3]", '{"a": 1}']
)
async def test_a_cursor_that_was_not_given_out_is_refused(mara, text):
    cursor = base64.urlsafe_b64encode(text.encode()).decode()
    answer = await mara.get(f"/runs?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "cursor")


async def test_one_run_says_how_it_went(mara, northwind):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(3), {"type": "result", "value": {"pages": 3}})
    put(northwind, run_id, "report.html", b"<p>3</p>", "text/html")
    running = is_a("Run", (await mara.get(f"/runs/{shown('run', run_id)}")).json())
    assert (running["state"], running["finished"], running["item_count"]) == ("running", False, 3)
    end(northwind, run_id)
    done = is_a("Run", (await mara.get(f"/runs/{shown('run', run_id)}")).json())
    assert (done["state"], done["finished"], done["result"]) == ("succeeded", True, {"pages": 3})
    assert done["charged_micro_usd"] == 6_000
    [file] = done["files"]
    assert done["links"]["page"].startswith("http://northwind.localhost:3000/runs/run_")
    answer = await mara.http.get(file["href"], headers=mara.key)
    assert (answer.status_code, answer.content) == (200, b"<p>3</p>")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_failed_run_says_why(mara, northwind):
    run_id = make_run(northwind)
    end(northwind, run_id, exit_code=1)
    run = is_a("Run", (await mara.get(f"/runs/{shown('run', run_id)}")).json())
    assert run["state"] == "failed"
    assert run["failure"]["class"]


@pytest.mark.sec
async def test_a_secret_of_an_input_is_not_repeated(mara, northwind, database):
    run_id = make_run(northwind, input={"start_url": "https://a.example/", "max_pages": 1})
    with psycopg.connect(database.superuser) as connection:
        connection.execute(
            "UPDATE app.agent_versions SET manifest = jsonb_set(manifest::jsonb, '{input,properties,start_url,secret}', 'true')"
        )
    run = (await mara.get(f"/runs/{shown('run', run_id)}")).json()
    assert run["input"] == {"start_url": "***", "max_pages": 1}


async def test_rows_come_as_pages_or_whole(mara, northwind):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(5))
    path = f"/runs/{shown('run', run_id)}/items"
    first = is_a("ItemPage", (await mara.get(f"{path}?limit=3")).json())
    second = is_a("ItemPage", (await mara.get(f"{path}?limit=3&cursor={first['next_cursor']}")).json())
    assert [one["item"]["path"] for one in first["data"] + second["data"]] == [f"/page/{n}" for n in range(1, 6)]
    assert second["next_cursor"] is None
    as_csv = await mara.get(path, Accept="text/csv")
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(list(csv.DictReader(io.StringIO(as_csv.text)))) == 5
    lines = await mara.get(path, Accept="application/jsonl, */*;q=0.1")
    assert [json.loads(line)["path"] for line in lines.text.splitlines()][-1] == "/page/5"
    assert (await mara.get(path, Accept="text/html")).headers["content-type"] == "application/json"
    assert (await mara.get(f"{path}?cursor=after-x")).status_code == 422


async def test_the_receipt_is_there_when_the_run_has_ended(mara, northwind):
    run_id = make_run(northwind)
    path = f"/runs/{shown('run', run_id)}/receipt"
    assert (await mara.get(path)).status_code == 404
    end(northwind, run_id)
    receipt = is_a("Receipt", (await mara.get(path)).json())
    assert json.loads(receipt["signed"])["run"] == shown("run", run_id)


async def test_stopping_is_harmless_to_repeat(mara, northwind):
    run_id = make_run(northwind)
    path = f"/runs/{shown('run', run_id)}/cancel"
    for _ in range(2):
        answer = await mara.post(path)
        assert (answer.status_code, answer.json()["state"]) == (202, "stopping")
    end(northwind, run_id)
    answer = await mara.post(path)
    assert (answer.status_code, is_a("ToldRun", answer.json())["finished"]) == (200, True)


async def test_a_file_is_sent_for_an_input(mara, program, northwind):
    answer = await mara.http.post("/v1/files", files={"file": ("a.csv", b"a,b\n1,2\n")}, headers=mara.key)
    assert answer.status_code == 201, answer.text
    assert is_a("File", answer.json())["bytes"] == 8
    assert (await program().http.post("/v1/files", files={"file": ("a", b"a")})).status_code == 401


FIELD = b'--x\r\nContent-Disposition: form-data; name="file"'
FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (FIELD + b'; filename="a"\r\n\r\na\r\n--x--', "multipart/form-data", "Missing boundary"),
        (b"nonsense", FORM, "Invalid multipart data"),
        (b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\na\r\n--x--', FORM, '"name" must be provided'),
        ((FIELD + b'; filename="a"\r\n\r\na\r\n') * 2 + b"--x--", FORM, "Too many files"),
        (FIELD + b"\r\n\r\nwords\r\n--x--", FORM, "no file in the field"),
        (b"a", "text/csv", "no file in the field"),
    ],
)
async def test_a_file_that_is_sent_wrongly_is_told_why_and_how_to_send_it(mara, content, kind, said):
    answer = await mara.http.post("/v1/files", content=content, headers={**mara.key, "Content-Type": kind})
    problem = is_a("Problem", answer.json())
    assert (answer.status_code, problem["code"]) == (422, "input_invalid")
    assert said in problem["detail"]
    assert "Send one file as multipart/form-data in the field `file`." in problem["detail"]


async def test_answers_to_a_start_and_a_quote_are_as_promised(mara):
    is_a("Run", (await mara.start()).json())
    body = {"input": {"start_url": "https://docs.northwind.example/"}}
    is_a("Quote", (await mara.post("/agents/northwind/site-auditor/quote", body)).json())
    is_a("Problem", (await mara.start("/agents/harbor/none/runs")).json())


async def test_a_suspended_agent_says_why_to_everybody(program, key):
    list_agent("site-auditor")
    with public_session() as session:
        listing = catalog.get_listing(session, publisher="harbor", slug="site-auditor")
    with platform_session() as session:
        catalog.suspend(session, listing_id=listing.card.id, reason="It asked for passwords.", by=make_reviewer())
    for client in (program(), program(key)):
        answer = await client.get("/agents/harbor/site-auditor")
        problem = is_a("Problem", answer.json())
        assert (answer.status_code, problem["code"]) == (409, "agent_suspended")
        assert "It asked for passwords." in problem["detail"]
