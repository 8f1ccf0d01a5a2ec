"""Sample agents that reach hosts or ask people, in real sandboxes behind the real broker.

The sites of the test listen on loopback addresses of their own, at the ports of the web, which only the installation's setting opens.
"""

import random
import time

import pytest
import yaml

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import agents, runs
from agent_platform.services.demo._bundles import zipped
from agent_platform.services.quality._daily import _outcome
from agent_platform.services.quality._verdict import why_failed
from tests.doubles.certificates import Authority
from tests.doubles.stage import staged
from tests.doubles.stage import zipped as packed
from tests.doubles.website import website

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
HOST = f"127.{random.randint(20, 120)}.{random.randint(1, 250)}.7"
SECURE = f"127.{random.randint(121, 220)}.{random.randint(1, 250)}.7"
EMPTY = f"127.0.{random.randint(1, 250)}.9"  # nothing listens there
HOME = b"""<!doctype html><html lang=en><head><title>Harbour shop</title><meta name=description content="A shop."><meta name=viewport content=x>
</head><body><h1>Shop</h1><a href=/about>About</a><a href=/gone>Gone</a><a href=/old>Old</a><img src=/logo.png alt=Logo></body></html>"""
PAGES = {
    "/": (200, {}, HOME),
    "/about": (200, {}, b"<html lang=en><title>About</title><h1>About</h1><a href=/>Home</a></html>"),
    "/old": (301, {"Location": "/about"}, b""),
    "/logo.png": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private\n"),
}


@pytest.fixture
def stage(settings):
    with staged(loopback_ports="80,443") as made:
        yield made


@pytest.fixture
def sites(tmp_path):
    """A plain site and one with a certificate that nobody knows; both may be asked by agents."""
    authority = Authority(tmp_path)
    try:
        with website(HOST, 80, PAGES) as plain, website(SECURE, 443, PAGES, authority.context(SECURE, days=(-1, 30.5))):
            yield plain
    except PermissionError:
        pytest.skip("ports below 1024 are closed to this user")


@pytest.fixture
def put(stage, bundle):
    """The stage's workspace has this sample agent, its manifest as it is or with a change."""

    def put(address, **changed):
        agent = bundle(address)
        content = zipped(agent.folder)
        manifest = yaml.safe_load((agent.folder / "agent.yaml").read_text()) | changed
        agents.read_manifest(manifest)
        stage.bundle(content, manifest)
        return manifest["slug"]

    return put


def rows_of(stage, run):
    with tenant_session(stage.tenant_id) as session:
        return [item.payload for item in runs.items_page(session, run_id=run.id, limit=200)]


def run_of(stage, slug, **given):
    """The run, ended well."""
    run = stage.done(stage.start(slug=slug, input=given, accept_permissions=True))
    assert run.state == "succeeded", (run.state, run.failure_class, run.failure_message, stage.log(run))
    return run


def test_the_monitor_sees_plain_sites_certificates_and_what_is_closed_to_it(stage, sites, put):
    slug = put("harbor/tls-monitor")
    urls = [f"http://{HOST}/", f"https://{SECURE}/", "https://10.0.0.1/", "https://no-such-host.invalid/"]
    run = run_of(stage, slug, urls=urls, timeout_seconds=5)
    plain, untrusted, private, unknown = rows_of(stage, run)
    assert (plain["status"], plain["state"], plain["http_to_https"]) == (200, "warning", False)
    assert untrusted["problems"] == ["The issuer is not known, or the server does not send the whole chain."]
    assert (untrusted["days_left"], untrusted["names"], untrusted["issuer"]) == (30, [SECURE], "Tests, Test Authority")
    assert private["problems"] == ["10.0.0.1 does not lead to a public address. Nothing was sent."]
    assert unknown["problems"] == ["no-such-host.invalid could not be reached."]
    assert {(row.method, row.host) for row in stage.egress(run)} >= {
        ("CONNECT", SECURE),
        ("GET", HOST),
        ("CONNECT", "10.0.0.1"),
    }


def test_a_certificate_that_is_trusted_is_seen_as_such_through_the_tunnel(stage, put, bundle, tmp_path):
    authority = Authority(tmp_path)
    agent = bundle("harbor/tls-monitor")
    manifest = yaml.safe_load((agent.folder / "agent.yaml").read_text()) | {
        "env": {"SSL_CERT_FILE": "/agent/authority.pem"}
    }
    files = {str(path.relative_to(agent.folder)): path.read_bytes() for path in agent.folder.rglob("*.py")}
    stage.bundle(packed(files | {"authority.pem": authority.path.read_bytes()}), manifest)
    try:
        with website(SECURE, 443, PAGES, authority.context(SECURE, days=(-1, 30.5))):
            (item,) = rows_of(stage, run_of(stage, manifest["slug"], urls=[f"https://{SECURE}/"], timeout_seconds=5))
    except PermissionError:
        pytest.skip("ports below 1024 are closed to this user")
    assert (item["trust"], item["days_left"]) == ("trusted", 30)
    assert item["tls"].startswith("TLSv1.")
    # The broker, which asks for the page, trusts only what the machine trusts.
    assert item["problems"] == [f"{SECURE} could not be reached."]


def test_the_monitor_remembers_between_runs(stage, sites, put):
    slug = put("harbor/tls-monitor")
    run_of(stage, slug, urls=[f"http://{HOST}/"])
    sites.pages = PAGES | {"/": (500, {}, b"")}
    (item,) = rows_of(stage, run_of(stage, slug, urls=[f"http://{HOST}/"]))
    assert item["changes"] == ["State was warning, is error.", "Status was 200, is 500."]


def test_the_auditor_reads_a_site_and_its_broken_links(stage, sites, put):
    run = run_of(stage, put("harbor/site-auditor"), start_url=f"http://{HOST}/", delay_ms=0)
    found = {(item["kind"], item["path"]): item for item in rows_of(stage, run)}
    assert set(found) == {
        ("page", "/"),
        ("page", "/about"),
        ("page", "/gone"),
        ("page", "/old"),
        ("broken link", "/gone"),
    }
    assert found["broken link", "/gone"]["found_on"] == ["/"]
    assert found["page", "/old"]["redirects_to"] == f"http://{HOST}/about"
    assert sites.asked[0] == "GET /robots.txt"
    assert "HEAD /logo.png" in sites.asked
    assert all(row.method in {"GET", "HEAD"} and row.host == HOST for row in stage.egress(run))


@pytest.mark.parametrize(
    ("url", "failure", "words"),
    [
        ("http://10.0.0.1/", "input", "10.0.0.1 does not lead to a public address"),
        ("https://no-such-host.invalid/", "upstream", "no-such-host.invalid could not be reached."),
        pytest.param(f"http://{EMPTY}/", "upstream", "could not be reached", id="nothing listens"),
    ],
)
def test_the_auditor_ends_clearly_where_it_may_not_or_cannot_begin(stage, put, url, failure, words):
    run = stage.done(stage.start(slug=put("harbor/site-auditor"), input={"start_url": url}, accept_permissions=True))
    assert (run.state, run.failure_class) == ("failed", failure)
    assert words in run.failure_message
    assert run.item_count == 0


def test_the_digest_asks_github_and_nobody_else(stage, put):
    run = stage.done(
        stage.start(
            slug=put("mica-tools/repo-digest"),
            input={"repo": "mica-tools/no-such-repository-0000"},
            accept_permissions=True,
        )
    )
    assert run.state == "failed"
    assert {(row.method, row.host) for row in stage.egress(run)} == {("GET", "codeload.github.com")}


@pytest.mark.parametrize("address", ["harbor/tls-monitor", "harbor/site-auditor", "mica-tools/repo-digest"])
def test_the_daily_tests_of_agents_with_hosts_hold_on_a_machine_without_the_internet(stage, put, bundle, address):
    """As the daily tests judge them; a person who has the internet gets the same verdicts but for the reason of the last one."""
    slug, folder = put(address), bundle(address).folder
    for test in agents.parse_manifest((folder / "agent.yaml").read_text()).tests:
        given = dict(test["input"])
        if "file" in given:
            with tenant_session(stage.tenant_id) as session:
                content = (folder / given["file"]).read_bytes()
                upload = runs.store_upload(session, name="a", media_type="application/gzip", chunks=[content], by=None)
                given["file"] = shown("file", upload.id)
        try:
            run = stage.done(stage.start(slug=slug, input=given, accept_permissions=True))
        except runs.RunInputInvalid:
            assert test["expect"] == {"error_class": "input"}, test["name"]
            continue
        with tenant_session(stage.tenant_id) as session:
            assert why_failed(test["expect"], _outcome(session, run)) == "", test["name"]


def test_replies_wait_for_a_person_and_go_out_as_they_were_approved(stage, put):
    slug = put("fieldnotes/support-triage")
    tickets = [
        {"id": "1", "from": "a@example.com", "subject": "Refund", "body": "Charged twice."},
        {"id": "2", "from": "b@example.com", "body": "Password"},
    ]
    run = stage.until(stage.start(slug=slug, input={"tickets": tickets}), "waiting")
    assert [item["kind"] for item in rows_of(stage, run)] == ["ticket", "ticket"]
    with tenant_session(stage.tenant_id) as session:
        (pending,) = runs.list_pending(session)
        answer = {"replies": "Let the replies below go out", "reply_1": "It is on its way."}
        runs.decide(session, approval_id=pending.approval.id, approved=True, caller=stage.caller, answer=answer)
    run = stage.done(run)
    assert run.state == "succeeded", (run.failure_message, stage.log(run))
    kinds = {item["kind"]: item for item in rows_of(stage, run)}
    assert (kinds["send"]["text"], kinds["send"]["edited"], kinds["send"]["approved_by"]) == (
        "It is on its way.",
        True,
        stage.caller.user_name,
    )
    assert kinds["held"]["why"] == f"{stage.caller.user_name} emptied this reply."
    assert run.item_count == 4


def test_questions_are_answered_from_files_by_their_names(stage, put, bundle):
    slug = put("fieldnotes/ask-my-documents")
    content = (bundle("fieldnotes/ask-my-documents").folder / "samples/handbook.md").read_bytes()
    with tenant_session(stage.tenant_id) as session:
        upload = runs.store_upload(
            session, name="handbook.md", media_type="text/markdown", chunks=[content], by=stage.caller.user_id
        )
        given = {"question": "How many days of leave may be carried over?", "files": [shown("file", upload.id)]}
    run = run_of(stage, slug, **given)
    assert run.result["sources"] == ["handbook.md, line 16"]


def test_an_answer_comes_within_a_second_or_two(stage, put):
    slug = put("fieldnotes/ask-my-documents")
    text = "\n\n".join(f"Paragraph {n} says that tower {n} is {n} metres high." for n in range(2_000))
    began = time.monotonic()
    run = run_of(stage, slug, question="How high is tower 777?", text=text)
    assert time.monotonic() - began < 30
    assert "tower 777 is 777 metres" in run.result["answer"]
