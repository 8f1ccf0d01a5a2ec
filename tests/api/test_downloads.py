"""What a run left reaches its own workspace, whole and harmless, and nobody else."""

import csv
import io
import json

import pytest
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import downloads
from agent_platform.api.downloads import harmless_cell, sniffed_type
from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.edge.wrap import Edge
from agent_platform.services import identity, runs
from agent_platform.state.callers import forget_all_callers
from tests.doubles.browser import Browser
from tests.doubles.running import end, line, make_run, make_workspace, pages, speak
from tests.factories import caller_of, make_tenant, make_user


@pytest.fixture
def northwind(settings):
    owner = make_user()
    tenant_id = make_tenant("northwind", owner=owner)
    return make_workspace(tenant_id=tenant_id, owner=caller_of(tenant_id, owner))


@pytest.fixture
async def visit(settings, tmp_path):
    """`visit(slug, user_id)`: a browser that is signed in on the host of this workspace."""
    edge = Edge(Starlette(routes=api.guarded(downloads.routes())), settings, tmp_path)
    opened = []
    forget_all_callers()

    def visit(slug, user_id=None):
        host = f"{slug}.{settings.base_netloc}"
        browser = Browser(edge, f"http://{host}")
        if user_id is not None:
            token = identity.in_platform(
                identity.open_session, user_id=user_id, browser=identity.Browser(host, "test", "127.0.0.1")
            )
            browser.cookies[host.partition(":")[0]] = {"ap_sid": token}
        opened.append(browser)
        return browser

    yield visit
    for browser in opened:
        await browser.close()


@pytest.fixture
def mara(northwind, visit):
    return visit("northwind", northwind.owner.user_id)


def path(run_id, rest):
    return f"/download/runs/{shown('run', run_id)}/{rest}"


def put_file(workspace, run_id, name, media_type, content):
    stored = objects.put(objects.tenant_folder(workspace.id), (content,), most_bytes=10_000_000)
    with acting_as("broker"), tenant_session(workspace.id) as session:
        run = runs.get_run(session, run_id=run_id)
        runs.store_output(session, run, name=name, media_type=media_type, stored=stored)


async def test_all_rows_are_exported_in_every_format_past_the_first_batch(northwind, mara):
    run_id = make_run(northwind, cap_micro_usd=4_000_000)
    speak(northwind, run_id, pages(600), pages(601, first=601))
    as_csv = await mara.get(path(run_id, "export.csv"))
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [row["path"] for row in rows] == [f"/page/{n}" for n in range(1, 1202)]
    assert len((await mara.get(path(run_id, "export.json"))).json()) == 1_201
    lines = (await mara.get(path(run_id, "export.jsonl"))).text.splitlines()
    assert json.loads(lines[-1])["path"] == "/page/1201"
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"


async def test_a_name_that_only_the_last_row_has_is_a_column_too(northwind, mara):
    run_id = make_run(northwind)
    speak(northwind, run_id, {"type": "items", "items": [{"a": 1}, {"late": "x"}], "event": "page"})
    rows = list(csv.DictReader(io.StringIO((await mara.get(path(run_id, "export.csv"))).text)))
    assert rows == [{"a": "1", "late": ""}, {"a": "", "late": "x"}]


async def test_formulas_in_cells_and_names_are_text_and_numbers_stay_numbers(northwind, mara):
    run_id = make_run(northwind)
    evil = {"=cmd": "=HYPERLINK(1)", "b": "@SUM", "c": -5, "d": "-5+2", "e": "\tx", "f": None, "g": ["=1"], "h": True}
    speak(northwind, run_id, {"type": "items", "items": [evil], "event": "page"})
    head, row = csv.reader(io.StringIO((await mara.get(path(run_id, "export.csv"))).text, newline=""))
    values = dict(zip(head, row, strict=True))
    assert values == {
        "'=cmd": "'=HYPERLINK(1)",
        "b": "'@SUM",
        "c": "-5",
        "d": "'-5+2",
        "e": "'\tx",
        "f": "",
        "g": '["=1"]',
        "h": "true",
    }


async def test_a_run_without_rows_exports_empty_lists(northwind, mara):
    run_id = make_run(northwind)
    assert (await mara.get(path(run_id, "export.json"))).json() == []
    assert (await mara.get(path(run_id, "export.jsonl"))).text == ""
    assert (await mara.get(path(run_id, "export.csv"))).text.strip() == ""


@pytest.mark.sec
async def test_files_are_saved_and_never_act_on_our_origin(northwind, mara):
    run_id = make_run(northwind)
    put_file(northwind, run_id, 'résumé "x".html', "text/html", b"<script>alert(1)</script>")
    answer = await mara.get(path(run_id, "files/r%C3%A9sum%C3%A9%20%22x%22.html"))
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox; default-src 'none'" in answer.headers.get_list("content-security-policy")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"r_sum_ _x_.html\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.html"
    )
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_large_file_comes_whole(northwind, mara):
    run_id = make_run(northwind)
    content = b"a,b\n" + b"1,2\n" * 50_000
    put_file(northwind, run_id, "cleaned.csv", "text/csv", content)
    answer = await mara.get(path(run_id, "files/cleaned.csv"))
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_the_log_comes_whole_as_visible_text(northwind, mara):
    run_id = make_run(northwind)
    for batch in range(25):
        speak(northwind, run_id, *[line(f"line {batch * 100 + n}") for n in range(100)])
    speak(northwind, run_id, line("\x1b[2Jgone\N{RIGHT-TO-LEFT OVERRIDE}", "error"))
    lines = (await mara.get(path(run_id, "log.txt"))).text.splitlines()
    assert len(lines) == 2_501
    assert lines[0].endswith("INFO  line 0")
    assert lines[-1].endswith("ERROR gone<U+202E>")


async def test_the_receipt_is_what_was_signed_and_comes_with_the_end(northwind, mara):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(83))
    assert (await mara.get(path(run_id, "receipt.json"))).status_code == 404
    speak(northwind, run_id, {"type": "result", "value": {"pages": 83}})
    end(northwind, run_id)
    answer = (await mara.get(path(run_id, "receipt.json"))).json()
    signed = json.loads(answer["signed"])
    assert (signed["charged_micro_usd"], signed["state"], answer["algorithm"]) == (166_000, "succeeded", "Ed25519")
    with tenant_session(northwind.id) as session:
        assert runs.find_receipt(session, run_id=run_id).signature == answer["signature"]


@pytest.mark.sec
async def test_unknown_and_foreign_runs_read_the_same(northwind, mara, visit):
    stranger = make_user("Sam Stranger")
    globex = make_workspace(tenant_id=make_tenant("globex", owner=stranger))
    foreign = make_run(globex)
    put_file(globex, foreign, "secret.csv", "text/csv", b"secret")
    own = make_run(northwind)
    put_file(northwind, own, "secret.csv", "text/csv", b"own")
    unknown = type(foreign)(int=foreign.int ^ 1)
    for rest in ("export.csv", "log.txt", "receipt.json", "files/secret.csv"):
        answers = [await mara.get(path(run_id, rest)) for run_id in (foreign, unknown)]
        answers.append(await mara.get(f"/download/runs/nonsense/{rest}"))
        assert {answer.status_code for answer in answers} == {404}
        said = [{**answer.json(), "reference": ""} for answer in answers]
        assert said[0] == said[1] == said[2]
    outside = await visit("northwind", stranger).get(path(own, "files/secret.csv"))
    assert (outside.status_code, b"own" in outside.content) == (403, False)


@pytest.mark.sec
async def test_nobody_downloads_without_a_session(northwind, visit):
    run_id = make_run(northwind)
    assert (await visit("northwind").get(path(run_id, "export.csv"))).status_code == 401


async def test_other_endings_do_not_exist(northwind, mara):
    assert (await mara.get(path(make_run(northwind), "export.exe"))).status_code == 404


@pytest.mark.parametrize(
    ("head", "declared", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n...", "text/html", "image/png"),
        (b"%PDF-1.7", "application/pdf", "application/pdf"),
        (b"a,b\n", "text/csv", "text/csv; charset=utf-8"),
        (b"{}", "Application/JSON; x=1", "application/json; charset=utf-8"),
        (b"<svg onload=x>", "image/svg+xml", "application/octet-stream"),
        (b"<html>", "text/html", "application/octet-stream"),
        (b"\x00\x01", "text/csv", "application/octet-stream"),
        (b"\xff\xfe\x00", "text/plain", "application/octet-stream"),
        (b"x" * 4_095 + "é".encode()[:1], "text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_the_type_is_what_the_bytes_are(head, declared, media_type):
    assert sniffed_type(head, declared) == media_type


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start):
    assert harmless_cell(f"{start}x") == f"'{start}x"
    assert harmless_cell(f"x{start}") == f"x{start}"


@pytest.mark.sec
@pytest.mark.parametrize(
    "text",
    [
        " =1+1",
        "\N{NO-BREAK SPACE}=1",
        "\n=1",
        "\N{ZERO WIDTH SPACE}@SUM(A1)",
        "\N{ZERO WIDTH NO-BREAK SPACE}=1",
        "\N{FULLWIDTH EQUALS SIGN}1+2",
        "\N{FULLWIDTH PLUS SIGN}1",
        "\N{FULLWIDTH HYPHEN-MINUS}1",
        "\N{FULLWIDTH COMMERCIAL AT}SUM",
        "\N{SMALL HYPHEN-MINUS}1",
        " \t \N{FULLWIDTH EQUALS SIGN}1",
    ],
)
def test_a_formula_in_disguise_gets_an_apostrophe_too(text):
    assert harmless_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "plain", " x=1", "1-2", "\N{EM DASH} a dash", "\N{FULLWIDTH DIGIT ONE}"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert harmless_cell(text) == text
