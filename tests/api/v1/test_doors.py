"""Who comes in: keys that live, on their own host, within their scopes and rate. Cookies and Origins say nothing here."""

import asyncio

import psycopg
import pytest

from agent_platform.api.v1 import _doors, _problems
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id, parse, shown
from agent_platform.core.tokens import new_api_key
from agent_platform.services import identity, tenancy
from tests.api.site.listed import list_agent
from tests.api.v1.conftest import is_a, join, make_key, stop, workspace_of
from tests.doubles.running import make_run

pytestmark = pytest.mark.sec
RUNS = "/runs"


async def refused(client, path=RUNS, **headers):
    answer = await client.get(path, **headers)
    return answer.status_code, answer.json()["code"]


async def test_without_a_key_runs_are_not_shown(program):
    answer = await program().get(RUNS)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_unknown_revoked_expired_and_mistyped_keys_read_the_same(program, northwind, database):
    revoked, expired = make_key(northwind, name="a"), make_key(northwind, name="b", days=1)
    with tenant_session(northwind.id) as session:
        [one] = [key for key in tenancy.list_keys(session, by=northwind.owner.user_id) if key.name == "a"]
        tenancy.revoke_key(session, key_id=one.id, by=northwind.owner.user_id)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.api_keys SET expires_at = now() - interval '1 second' WHERE name = 'b'")
    mistyped = revoked[:-1] + ("a" if revoked[-1] != "a" else "b")
    answers = [await program(key).get(RUNS) for key in (revoked, expired, mistyped, new_api_key(), "apk_", "x")]
    assert {answer.status_code for answer in answers} == {401}
    told = [{name: value for name, value in answer.json().items() if name != "reference"} for answer in answers]
    assert all(one == told[0] for one in told)


async def test_a_mistyped_key_asks_no_database(program, key, database):
    client = program(key[:-1] + ("a" if key[-1] != "a" else "b"))
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("ALTER TABLE app.lookups RENAME TO hidden")
        assert await refused(client) == (401, "unauthenticated")
        connection.execute("ALTER TABLE app.hidden RENAME TO lookups")


@pytest.mark.parametrize(
    "form", ["{key}", "Basic {key}", "Bearer", "Bearer {key} x", "bearer\t{key}", "Bearer {key}\0"]
)
async def test_only_a_bearer_is_read(program, key, form):
    try:
        assert await refused(program(), Authorization=form.format(key=key)) == (401, "unauthenticated")
    except ValueError:
        pytest.skip("the client itself refuses this header")


async def test_two_keys_are_none(program, key):
    client = program()
    pairs = [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")]
    assert (await client.http.get("/v1/runs", headers=pairs)).status_code == 401


async def test_a_revoked_key_opens_nothing_after_a_second(program, key, northwind):
    client = program(key)
    assert (await client.get(RUNS)).status_code == 200
    with tenant_session(northwind.id) as session:
        [one] = tenancy.list_keys(session, by=northwind.owner.user_id)
        tenancy.revoke_key(session, key_id=one.id, by=northwind.owner.user_id)
    await asyncio.sleep(_doors.CACHE_SECONDS)
    assert await refused(client) == (401, "unauthenticated")


async def test_a_key_on_another_workspace_s_host_is_refused_whatever_it_asks(program, key):
    workspace_of("rival")
    for path in (RUNS, "/agents", "/openapi.json", "/agents/northwind/site-auditor", f"/runs/{shown('run', new_id())}"):
        assert await refused(program(key, "rival"), path) == (403, "wrong_tenant")
    assert (await program(key, "northwind").get(RUNS)).status_code == 200
    assert (await program(key).get(RUNS)).status_code == 200


async def test_everything_of_another_workspace_is_404_like_a_guess(program, key, northwind):
    rival = workspace_of("rival")
    theirs = make_run(rival)
    client = program(key)
    guesses = [shown("run", theirs), shown("run", new_id()), "run_x", f"agt_{theirs.hex}", "..%2f", "%00"]
    for rest in ("", "/items", "/receipt", "/files/report.html"):
        answers = [await client.get(f"/runs/{one}{rest}") for one in guesses]
        assert {answer.status_code for answer in answers} == {404}
        mine, random = answers[0].json(), answers[1].json()
        assert mine["detail"] == random["detail"]
    for one in guesses:
        assert (await client.post(f"/runs/{one}/cancel")).status_code == 404
    assert (await client.get("/runs")).json()["data"] == []
    assert (await client.get("/agents/rival/site-auditor")).status_code == 404
    assert (await client.start("/agents/rival/site-auditor/runs")).status_code == 404


async def test_another_workspace_s_idempotency_key_says_nothing(program, key):
    rival = workspace_of("rival")
    first = await program(make_key(rival)).start("/agents/rival/site-auditor/runs")
    mine = await program(key).start()
    assert (first.status_code, mine.status_code) == (202, 202)
    assert "idempotent-replay" not in mine.headers


async def test_a_key_that_reads_starts_and_stops_nothing(program, northwind):
    client = program(make_key(northwind, scopes=["runs:read"]))
    run_id = shown("run", make_run(northwind))
    assert (await client.get(f"/runs/{run_id}")).status_code == 200
    for answer in (await client.start(), await client.post(f"/runs/{run_id}/cancel")):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "without the scope runs:write" in answer.json()["detail"]
        assert "Make a key with it under Settings" in answer.json()["detail"]
    assert (await client.get(f"/runs/{run_id}")).json()["state"] == "running"


async def test_a_key_that_starts_runs_reads_none(program, northwind):
    client = program(make_key(northwind, scopes=["runs:write"]))
    assert (await client.start()).status_code == 202
    assert await refused(client) == (403, "forbidden")


@pytest.mark.parametrize("before", ["running", "ended"])
async def test_a_key_that_starts_runs_learns_from_stopping_and_repeating_nothing_that_it_could_not_read(
    program, northwind, before
):
    blind = program(make_key(northwind, scopes=["runs:write"]))
    started = await blind.start()
    run_id = started.json()["id"]
    if before == "ended":
        stop(northwind, parse("run", run_id))
    for answer in (started, await blind.start(), await blind.post(f"/runs/{run_id}/cancel")):
        told = is_a("RunLine", answer.json())
        assert (told["id"], told["title"], told["charged_micro_usd"]) == (run_id, "Site Auditor", 0)
        assert "docs.northwind.example" not in answer.text
    assert is_a("Run", (await program(make_key(northwind, name="sees")).start()).json())["input"]


async def test_a_wait_does_not_outlive_its_key(program, northwind, key, news):
    client = program(key)
    asked = asyncio.create_task(client.start(Prefer="wait=30"))
    await asyncio.sleep(1)
    [run] = (await client.get(RUNS)).json()["data"]
    with tenant_session(northwind.id) as session:
        [one] = tenancy.list_keys(session, by=northwind.owner.user_id)
        tenancy.revoke_key(session, key_id=one.id, by=northwind.owner.user_id)
    await asyncio.sleep(_doors.CACHE_SECONDS)
    await asyncio.to_thread(stop, northwind, parse("run", run["id"]))
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_the_key_of_a_member_who_became_viewer_starts_no_runs(program, northwind):
    ben = join(northwind, "member")
    client = program(make_key(northwind, by=ben))
    assert (await client.start()).status_code == 202
    with tenant_session(northwind.id) as session:
        tenancy.change_role(session, user_id=ben, role="viewer", by=northwind.owner.user_id)
    await asyncio.sleep(_doors.CACHE_SECONDS)
    answer = await client.start(key="twice")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client.get(RUNS)).status_code == 200


async def test_a_member_s_key_stops_their_own_runs_only(program, northwind):
    client = program(make_key(northwind, by=join(northwind, "member")))
    answer = await client.post(f"/runs/{shown('run', make_run(northwind))}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    mine = (await client.start()).json()["id"]
    assert (await client.post(f"/runs/{mine}/cancel")).status_code == 202


async def test_cookies_are_never_read_and_an_origin_opens_nothing(program, northwind, settings):
    host = f"northwind.{settings.base_netloc}"
    token = identity.in_platform(
        identity.open_session,
        user_id=northwind.owner.user_id,
        browser=identity.Browser(host, "test", "127.0.0.1"),
    )
    client = program(None, "northwind")
    cookie = {"Cookie": f"ap_sid={token}", "Origin": f"http://{host}"}
    assert await refused(client, **cookie) == (401, "unauthenticated")
    answer = await client.start("/agents/northwind/site-auditor/runs", **cookie)
    assert answer.status_code == 401


async def test_pages_of_other_sites_may_read_nothing(program, key):
    for origin in ("https://evil.example", "null", "http://rival.localhost:3000"):
        answer = await program(key).get(RUNS, Origin=origin)
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await program().http.options("/v1/runs", headers=preflight)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_one_key_has_a_rate_and_others_are_not_slowed_by_it(program, key, northwind):
    client = program(key)
    answers = await asyncio.gather(*(client.get(RUNS) for _ in range(70)))
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert limited[0].json()["code"] == "rate_limited"
    assert int(limited[0].headers["retry-after"]) >= 1
    assert (await program(make_key(northwind, name="other")).get(RUNS)).status_code == 200


async def test_whoever_tries_keys_is_slowed_down_and_keys_that_have_lived_are_not(program, key, northwind):
    assert (await program(key).get(RUNS)).status_code == 200
    answers = [await program(new_api_key()).get(RUNS) for _ in range(35)]
    assert {answer.status_code for answer in answers[:30]} == {401}
    assert answers[-1].status_code == 429
    await asyncio.sleep(_doors.CACHE_SECONDS)
    assert (await program(key).get(RUNS)).status_code == 200
    assert (await program(make_key(northwind, name="unseen")).get(RUNS)).status_code == 429


async def test_an_address_that_has_tried_too_many_keys_is_told_so_without_a_look_up(program, database):
    for _ in range(30):
        await program(new_api_key()).get(RUNS)
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("ALTER TABLE app.lookups RENAME TO hidden")
        assert await refused(program(new_api_key())) == (429, "rate_limited")
        connection.execute("ALTER TABLE app.hidden RENAME TO lookups")


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/agents", "*/*"),
        ("/runs/{run}/items", "text/csv"),
        ("/runs/{run}/receipt", "*/*"),
        ("/runs/{run}/files/report.html", "*/*"),
    ],
)
async def test_what_costs_more_has_a_smaller_rate_of_its_own(program, key, northwind, path, accept):
    client, path = program(key), path.format(run=shown("run", make_run(northwind)))
    answers = await asyncio.gather(*(client.get(path, Accept=accept) for _ in range(40)))
    assert 429 in {one.status_code for one in answers}
    assert (await client.get(RUNS)).status_code == 200


async def test_unknown_addresses_and_methods_are_problems_too(program, key):
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("DELETE", "/runs", 405),
        ("GET", "/", 404),
        ("GET", "/runs/", 404),
    ):
        answer = await program(key).http.request(method, f"/v1{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status


async def test_a_host_that_is_not_ours_is_refused_as_a_problem(program, key):
    answer = await program(key).get(RUNS, Host="evil.example")
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    problem = is_a("Problem", answer.json())
    assert problem["instance"] == f"/v1{RUNS}"
    assert problem["type"] == "http://localhost:3000/docs/api#misdirected-request"


async def test_a_fault_of_ours_carries_only_an_id(program, key, database):
    client = program(key)
    assert (await client.get(RUNS)).status_code == 200
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("ALTER TABLE app.runs RENAME COLUMN title TO gone")
    answer = await client.get(RUNS)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["detail"]) == (500, "error", _problems.FAILED)
    assert problem["reference"] == answer.headers["x-request-id"]
    assert "title" not in problem["detail"]
    assert "charged" not in problem["detail"]


async def test_a_start_that_fails_on_our_side_says_how_to_send_it_again(program, key, database):
    client = program(key)
    assert (await client.get(RUNS)).status_code == 200
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("ALTER TABLE app.runs RENAME COLUMN title TO gone")
    answer = await client.start()
    assert (answer.status_code, answer.json()["detail"]) == (500, _problems.START_FAILED)
    assert "same Idempotency-Key" in answer.json()["detail"]


async def test_words_that_are_sql_are_only_words(program, key):
    list_agent("site-auditor")
    client = program(key)
    for evil in ("' OR 1=1 --", "%27;DROP TABLE app.runs", "\\", "%00"):
        for path in (f"/agents?q={evil}", f"/runs?agent={evil}", f"/agents/{evil.replace('/', '')}/x"):
            assert (await client.get(path)).status_code in {200, 404}
    assert (await client.get("/runs?cursor=x")).status_code == 422
    assert (await client.get("/agents?cursor=x")).status_code == 422
