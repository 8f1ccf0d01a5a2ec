"""Starting runs by key: accepted once, refused with a reason, waited for without asking the database all the time."""

import asyncio
import time

import psycopg
import pytest
from sqlalchemy import text
from starlette.requests import Request

from agent_platform.api.v1 import _asked
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import parse
from agent_platform.services import runs
from tests.api.site.listed import list_agent
from tests.api.v1.conftest import stop

INPUT = {"start_url": "https://docs.northwind.example/"}


async def test_a_run_is_accepted_with_its_cap_in_the_name_of_the_key_s_maker(mara, northwind):
    answer = await mara.start(body={"input": INPUT, "options": {"max_micro_usd": 250_000, "version": "2.3.1"}})
    assert answer.status_code == 202, answer.text
    run = answer.json()
    assert answer.headers["location"] == run["links"]["self"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert (run["state"], run["finished"], run["origin"], run["max_micro_usd"]) == ("queued", False, "api", 250_000)
    assert run["input"] == {**INPUT, "max_pages": 200}
    assert run["started_by"] == "Mara Okafor, key ci-bot"
    with tenant_session(northwind.id) as session:
        stored = runs.get_run(session, run_id=parse("run", run["id"]))
        assert stored.started_by_user_id == northwind.owner.user_id


async def test_options_that_a_run_has_are_taken(mara):
    options = {"memory_mb": 1024, "timeout_seconds": 30, "retries": 1, "dry_run": True}
    run = (await mara.start(body={"input": INPUT, "options": options})).json()
    assert (run["memory_mb"], run["timeout_seconds"], run["dry_run"]) == (1024, 30, True)


async def test_the_same_request_again_is_the_same_run_and_another_one_is_refused(mara, northwind):
    first, again = await mara.start(), await mara.start()
    assert first.headers.get("idempotent-replay") is None
    assert again.headers["idempotent-replay"] == "true"
    assert first.json()["id"] == again.json()["id"]
    other = await mara.start(body={"input": {"start_url": "https://example.com/"}})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert "Idempotency-Key" in other.json()["detail"]
    with tenant_session(northwind.id) as session:
        assert session.execute(text("SELECT count(*) FROM app.runs")).scalar_one() == 1


async def test_a_key_of_a_request_holds_for_a_day(mara, database):
    first = await mara.start()
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.runs SET created_at = created_at - interval '23 hours 59 minutes'")
    assert (await mara.start()).json()["id"] == first.json()["id"]
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.runs SET created_at = created_at - interval '2 minutes'")
    later = await mara.start(body={"input": {"start_url": "https://example.com/"}})
    assert later.status_code == 202, later.text
    assert later.json()["id"] != first.json()["id"]
    assert "idempotent-replay" not in later.headers


async def test_a_request_that_is_still_being_decided_is_told_to_come_again(mara, northwind):
    with tenant_session(northwind.id) as session:
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        session.execute(lock, {"key": f"{northwind.id} api:once"})
        answer = await mara.start()
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (409, "state_conflict", "1")
    assert (await mara.start()).status_code == 202


@pytest.mark.parametrize("sent", [{}, {"Idempotency-Key": "x" * 201}, {"Idempotency-Key": "  "}])
async def test_a_run_needs_a_key_of_its_request(mara, sent):
    answer = await mara.post("/agents/northwind/site-auditor/runs", {"input": INPUT}, **sent)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"input": INPUT, "cap": 1}, "cap"),
        ({"input": INPUT, "options": {"webhook_id": "x"}}, "options.webhook_id"),
        ({"input": INPUT, "options": {"max_micro_usd": "5"}}, "options.max_micro_usd"),
        ({"input": INPUT, "options": {"max_micro_usd": True}}, "options.max_micro_usd"),
        ({"input": INPUT, "options": {"max_micro_usd": 0}}, "options.max_micro_usd"),
        ({"input": INPUT, "options": {"max_micro_usd": 10**30}}, "options.max_micro_usd"),
        ({"input": INPUT, "options": {"memory_mb": -1}}, "options.memory_mb"),
        ({"input": INPUT, "options": {"version": "latest"}}, "options.version"),
        ({"input": INPUT, "options": {"dry_run": 1}}, "options.dry_run"),
        ({"input": INPUT, "options": []}, "options"),
        ({"input": "x"}, "input"),
        ([], "body"),
        ({"input": {"start_url": "a\0b"}}, "input.start_url"),
        ({"input": {}}, "input.start_url"),
        ({"input": {**INPUT, "max_pages": "many"}}, "input.max_pages"),
        ({"input": {**INPUT, "tenant_id": "x"}}, "input.tenant_id"),
    ],
)
async def test_what_is_wrong_with_a_request_is_named(mara, body, path):
    answer = await mara.start(body=body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert problem["code"] == "input_invalid"
    assert [one["path"] for one in problem["errors"]] == [path]
    assert "Nothing was charged" in problem["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"{", b'{"input": NaN}', b'{"input": {"start_url": 1e999}}', b'"\xff"', b"",
        b'{"input": {"start_url": "\\ud800"}}', b"[" * 100_000, b'{"input": ' + b'{"a":' * 70 + b"1" + b"}" * 71,
        b'{"input": {"n": ' + b"9" * 5000 + b"}}", b'{"input": {"n": ' + b"9" * 309 + b"}}",
    ],
)  # fmt: skip
async def test_a_body_that_is_no_json_is_refused_in_a_sentence(mara, content):
    headers = {**mara.key, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await mara.http.post("/v1/agents/northwind/site-auditor/runs", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid"), answer.text


async def test_a_number_that_no_schema_can_measure_is_refused(mara):
    rule = {"type": "integer", "multipleOf": 0.5, "title": "Pages"}
    list_agent("measured", made={"input": {"type": "object", "properties": {"pages": rule}}})
    answer = await mara.start("/agents/harbor/measured/runs", {"input": {"pages": 10**309}})
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")


async def test_a_body_is_read_while_others_are_served(settings):
    body, served = b'{"input": {"a": [1, 2, 3]}}', []

    async def receive():
        return {"type": "http.request", "body": body}

    async def serve_others():
        while True:
            served.append(1)
            await asyncio.sleep(0)

    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")]}, receive)
    others = asyncio.create_task(serve_others())
    assert await _asked.read_json(request, names=("input",)) == {"input": {"a": [1, 2, 3]}}
    assert served
    others.cancel()


async def test_quotes_have_a_rate_of_their_own(mara):
    ask = ("/agents/northwind/site-auditor/quote", {"input": INPUT})
    answers = await asyncio.gather(*(mara.post(*ask) for _ in range(40)))
    assert {one.status_code for one in answers} == {200, 429}
    assert (await mara.start()).status_code == 202


async def test_forms_are_no_json(mara):
    headers = {**mara.key, "Idempotency-Key": "k"}
    answer = await mara.http.post("/v1/agents/northwind/site-auditor/runs", data={"a": "b"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_media_type")


async def test_a_body_beyond_a_mebibyte_is_refused_before_it_is_read(mara):
    answer = await mara.start(body={"input": {"start_url": "x" * (1 << 20)}})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"

    async def chunks():
        for _ in range(20):
            yield b" " * 65_536

    headers = {**mara.key, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await mara.http.post("/v1/agents/northwind/site-auditor/runs", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_money_that_is_not_there_and_caps_that_are_too_small_are_402(mara, northwind, database):
    small = await mara.start(body={"input": INPUT, "options": {"max_micro_usd": 1}})
    assert (small.status_code, small.json()["code"]) == (402, "cap_below_smallest")
    much = await mara.start(body={"input": INPUT, "options": {"max_micro_usd": 10**12}})
    assert (much.status_code, much.json()["code"]) == (402, "balance_too_low")


async def test_an_agent_that_asks_for_more_than_low_waits_for_a_yes_on_its_page(mara):
    network = [{"host": "*", "ports": [443], "methods": ["GET", "POST"], "why": "Anything."}]
    list_agent("wide", made={"permissions": {"network": network}}, permission_level="high")
    answer = await mara.start("/agents/harbor/wide/runs")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "permissions_not_accepted")
    page = "http://northwind.localhost:3000/agents/harbor/wide"
    assert problem["links"] == {"page": page}
    assert page in problem["detail"]


@pytest.mark.parametrize(
    "address", ["harbor/missing", "nobody/site-auditor", "northwind/missing", "a%00b/c", "a/b%2Fc"]
)
async def test_an_agent_that_is_not_there_is_404(mara, address):
    answer = await mara.start(f"/agents/{address}/runs")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_version_that_is_not_ready_is_409(mara):
    answer = await mara.start(body={"input": INPUT, "options": {"version": "9.9.9"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "agent_not_runnable")


async def test_a_quote_says_what_a_run_would_cost_and_starts_none(mara, northwind):
    answer = await mara.post("/agents/northwind/site-auditor/quote", {"input": INPUT})
    quote = answer.json()
    assert answer.status_code == 200, answer.text
    assert (quote["agent"], quote["version"], quote["price_model"]) == ("northwind/site-auditor", "2.3.1", "own")
    assert quote["max_micro_usd"] >= quote["smallest_max_micro_usd"] > 0
    assert (await mara.post("/agents/northwind/site-auditor/quote", {"input": {}})).status_code == 422
    assert (await mara.get("/runs")).json()["data"] == []


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"memory_mb": 8_192},
        {"memory_mb": 8_192, "timeout_seconds": 1_000},
        {"dry_run": True},
        {"dry_run": True, "memory_mb": 8_192},
        {"max_micro_usd": 123_456},
    ],
)
async def test_the_cap_that_is_quoted_is_the_one_that_the_run_gets(mara, options, database):
    with psycopg.connect(database.superuser) as connection:
        slow = """jsonb_set(manifest::jsonb, '{resources}', '{"memory_mb": 512, "timeout_seconds": 43200}')"""
        connection.execute(f"UPDATE app.agent_versions SET manifest = {slow}")
    body = {"input": INPUT, "options": options}
    quote = (await mara.post("/agents/northwind/site-auditor/quote", body)).json()
    run = (await mara.start(body=body)).json()
    assert quote["max_micro_usd"] == run["max_micro_usd"]
    assert quote["most_compute_micro_usd"] <= run["max_micro_usd"] or "max_micro_usd" in options
    assert run["timeout_seconds"] <= (120 if "dry_run" in options else options.get("timeout_seconds", 43_200))


async def test_a_request_may_wait_and_is_woken_by_the_end(mara, northwind, news):
    began = time.monotonic()
    asked = asyncio.create_task(mara.start(Prefer="respond-async, wait=30"))
    await asyncio.sleep(1)
    found = (await mara.get("/runs")).json()["data"]
    assert not asked.done()
    await asyncio.to_thread(stop, northwind, parse("run", found[0]["id"]))
    answer = await asked
    assert time.monotonic() - began < 10
    assert (answer.status_code, answer.json()["state"], answer.json()["finished"]) == (200, "cancelled", True)
    assert answer.headers["preference-applied"] == "wait=30"


async def test_a_wait_ends_with_what_there_is(mara):
    began = time.monotonic()
    answer = await mara.start(Prefer="wait=1")
    assert 0.9 < time.monotonic() - began < 5
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert (await mara.start(Prefer="wait=soon")).headers.get("preference-applied") is None


async def test_one_key_holds_a_bounded_number_of_answers_open(program, key):
    program = program(key)
    began = time.monotonic()
    answers = await asyncio.gather(*(program.start(key=str(n), Prefer="wait=3") for n in range(24)))
    assert {one.status_code for one in answers} <= {202, 429}
    waited = [one for one in answers if "preference-applied" in one.headers]
    assert 0 < len(waited) <= 20
    assert time.monotonic() - began < 20


async def test_the_queue_of_a_workspace_is_bounded(mara, database):
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE platform.plans SET queued_runs = 1, concurrent_runs = 1")
        connection.execute("UPDATE app.tenant_slots SET cap = 0")
    answers = [await mara.start(key=str(n)) for n in range(3)]
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "queue_full")
    assert int(answers[-1].headers["retry-after"]) > 0
