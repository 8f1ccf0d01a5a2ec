"""Website & TLS Monitor: certificates seen through a tunnel, answers recorded, and hosts that mean harm."""

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_platform.sdk import NotPermitted, UpstreamError
from tests.doubles.certificates import Authority
from tests.doubles.tunnel import tunnelling
from tests.doubles.upstream import serving

HOST = "shop.example"
URL = f"https://{HOST}/"
HARD = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
GOOD = {f"GET {URL}": (200, HARD, "hello"), f"GET http://{HOST}/": (301, {"location": URL}, "")}


@pytest.fixture(scope="session")
def monitor(bundle):
    return bundle("harbor/tls-monitor")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def check(monitor, authority, monkeypatch):
    """One address whose server has this certificate; the test's authority is the only one that is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))

    def run(context=None, replies=GOOD, url=URL, leads=None, **given):
        with (
            serving(context or authority.context(HOST)) as server,
            tunnelling(leads or {f"{HOST}:443": server.server_port}) as tunnel,
        ):
            monkeypatch.setenv("HTTPS_PROXY", tunnel.address)
            done = monitor.run({"urls": [url], **given}, replies=replies)
        assert done.error is None, done.error
        (item,) = done.items
        return item

    return run


def test_a_good_host_is_in_order_with_the_facts_of_its_certificate(check, authority):
    item = check(authority.context(HOST, "www.shop.example", days=(-1, 90.5)))
    assert (item["state"], item["problems"], item["trust"]) == ("ok", [], "trusted")
    assert (item["days_left"], item["issuer"], item["names"]) == (
        90,
        "Tests, Test Authority",
        [HOST, "www.shop.example"],
    )
    assert item["tls"].startswith("TLSv1.")
    assert (item["http_to_https"], item["hsts_days"], item["missing_headers"]) == (True, 365, [])


def test_a_certificate_that_ends_soon_is_a_warning_from_the_day_that_was_asked_for(check, authority):
    soon = authority.context(HOST, days=(-80, 9.5))
    assert check(soon)["problems"] == ["The certificate ends in 9 days; renew it."]
    assert check(soon, warn_days=7)["state"] == "ok"


@pytest.mark.parametrize(
    ("names", "options", "sentence", "days"),
    [
        ((HOST,), {"days": (-90, -2.5)}, "The certificate has expired.", -3),
        ((HOST,), {"days": (2, 90.5)}, "The certificate is not valid yet.", 90),
        (("elsewhere.example",), {"days": (-1, 40.5)}, "The certificate is for other names than this host.", 40),
        (
            (HOST,),
            {"days": (-1, 40.5), "self_signed": True},
            "The certificate is signed by itself, so no browser trusts it.",
            40,
        ),
    ],
)
def test_a_certificate_that_is_not_trusted_is_named_and_its_days_are_seen_all_the_same(
    check, authority, names, options, sentence, days
):
    item = check(authority.context(*names, **options), replies={})
    assert (item["state"], item["trust"], item["problems"]) == ("error", "not trusted", [sentence])
    assert (item["days_left"], item["status"]) == (days, None)


def test_an_authority_that_nobody_knows_is_named(check, tmp_path):
    item = check(Authority(tmp_path, "Nobody").context(HOST), replies={})
    assert item["problems"] == ["The issuer is not known, or the server does not send the whole chain."]


def test_a_refused_tunnel_gives_the_platform_s_own_sentence(check):
    item = check(leads={f"{HOST}:443": f"{HOST} does not lead to a public address. Nothing was sent."}, replies={})
    assert item["problems"] == [f"{HOST} does not lead to a public address. Nothing was sent."]


def test_what_speaks_no_tls_is_an_error_and_not_a_crash(check, monkeypatch, monitor):
    with serving() as plain, tunnelling({f"{HOST}:443": plain.server_port}) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", tunnel.address)
        (item,) = monitor.run({"urls": [URL]}).items
    assert (item["state"], item["trust"]) == ("error", "no TLS")
    assert item["problems"][0].startswith("No secure connection: ")


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(monitor, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held = []
        threading.Thread(target=lambda: held.append(silent.accept()), daemon=True).start()
        with tunnelling({f"{HOST}:443": silent.getsockname()[1]}) as tunnel:
            monkeypatch.setenv("HTTPS_PROXY", tunnel.address)
            (item,) = monitor.run({"urls": [URL], "timeout_seconds": 1}).items
        for connection, _ in held:
            connection.close()
    assert item["problems"] == ["No secure connection: the server did not answer in time."]


def test_a_dry_run_opens_no_tunnel_and_says_so(monitor, monkeypatch):
    with tunnelling({}) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", tunnel.address)
        (item,) = monitor.run({"urls": [URL]}, replies=GOOD, dry_run=True).items
    assert (tunnel.asked, item["trust"]) == ([], "not looked at: a dry run opens no tunnel")


@pytest.fixture
def ask(monitor, monkeypatch):
    """One address without a tunnel: only what the answers say."""
    monkeypatch.delenv("HTTPS_PROXY", raising=False)

    def run(replies, url=URL, **given):
        done = monitor.run({"urls": [url], **given}, replies=replies)
        assert done.error is None, done.error
        return done.items[0]

    return run


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (503, "It answers with status 503."),
        (UpstreamError("shop.example did not answer within 10 s."), "shop.example did not answer within 10 s."),
        (
            NotPermitted("shop.example does not lead to a public address. Nothing was sent."),
            "shop.example does not lead to a public address. Nothing was sent.",
        ),
        ((302, {"location": URL}, ""), f"It leads in a circle: {URL} was there before."),
        (
            (302, {"location": "http://shop.example/"}, ""),
            "It leads from HTTPS back to plain HTTP: http://shop.example/",
        ),
        ((302, {"location": "https://[::1"}, ""), "It answers with a redirect that is no address: https://[::1"),
    ],
)
def test_whatever_a_host_answers_ends_in_a_row_with_a_sentence(ask, answer, problem):
    item = ask({f"GET {URL}": answer, f"GET http://{HOST}/": UpstreamError("Away.")})
    assert item["state"] == "error"
    assert problem in item["problems"]


def test_another_host_is_named_and_not_asked(ask):
    item = ask({f"GET {URL}": (301, {"location": "https://www.shop.example/"}, ""), f"GET http://{HOST}/": 404})
    assert "It leads to www.shop.example, another host. Add that address to have it checked too." in item["problems"]
    assert item["redirects"] == ["301 https://www.shop.example/"]


def test_redirects_that_go_on_are_left_after_five(ask):
    replies = {f"GET {URL}{n or ''}": (302, {"location": f"/{n + 1}"}, "") for n in range(9)}
    item = ask(replies | {f"GET http://{HOST}/": 404})
    assert "It leads on more than 5 times." in item["problems"]
    assert len(item["redirects"]) == 6


def test_plain_http_that_stays_plain_is_a_warning(ask):
    item = ask({f"GET http://{HOST}/": (200, HARD, "")}, url=f"http://{HOST}/")
    assert (item["state"], item["http_to_https"]) == ("warning", False)


@pytest.mark.parametrize(
    ("target", "leads"), [("https://www.shop.example/", True), ("http://www.shop.example/", False)]
)
def test_plain_http_may_lead_to_https_of_another_host(ask, target, leads):
    item = ask({f"GET http://{HOST}/": (301, {"location": target}, "")}, url=f"http://{HOST}/")
    assert item["http_to_https"] is leads
    assert any("not led to HTTPS" in problem for problem in item["problems"]) is not leads


def test_missing_headers_are_listed_and_short_hsts_is_a_warning(ask):
    item = ask({f"GET {URL}": (200, {"strict-transport-security": "max-age=86400"}, ""), f"GET http://{HOST}/": 404})
    assert item["missing_headers"] == [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
    ]
    assert "Its HSTS header holds for 1 day; make it 180 or more." in item["problems"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/",
        "https://user:secret@shop.example/",
        "https://shop.example:8443/",
        "https:///x",
        "https://[::1",
        "javascript:alert(1)",
        "//shop.example/",
    ],
)
def test_what_cannot_be_checked_is_refused_before_anything_is_charged(monitor, url):
    run = monitor.run({"urls": [URL, url]}, replies=GOOD, prices={"check": 500})
    assert (run.error.failure_class, run.error.field, run.charges) == ("input", "urls", [])
    assert "secret" not in run.error.message


def test_each_address_is_one_check_and_the_cap_stops_between_two(monitor, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    urls = [f"https://h{n}.example/" for n in range(5)]
    run = monitor.run({"urls": [*urls, urls[0]]}, prices={"check": 500}, cap_micro_usd=1_600)
    assert (len(run.items), run.spent_micro_usd, run.result["unchecked"]) == (3, 1_500, 2)


def test_what_was_not_seen_this_time_is_no_change(ask, monitor, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    first = monitor.run({"urls": [URL]}, replies=GOOD)
    again = monitor.run({"urls": [URL]}, replies=GOOD, state=first.state)
    gone = monitor.run({"urls": [URL]}, replies={URL: UpstreamError("Away.")}, state=again.state)
    assert (first.items[0]["changes"], again.items[0]["changes"]) == ([], [])
    assert gone.items[0]["changes"] == ["State was ok, is error.", "Status was 200, is none."]


def test_a_change_that_the_cap_kept_back_is_told_by_the_next_run(monitor, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    first = monitor.run({"urls": [URL]}, replies=GOOD)
    away = {"replies": {URL: UpstreamError("Away.")}, "prices": {"check": 500}}
    capped = monitor.run({"urls": [URL]}, **away, cap_micro_usd=100, state=first.state)
    assert (capped.items, capped.state) == ([], first.state)
    assert monitor.run({"urls": [URL]}, **away, state=capped.state).items[0]["changes"]


def test_a_failed_look_does_not_forget_the_certificate_before_it(monitor):
    check, changes = monitor.module("tlswatch.check"), monitor.module("tlswatch.changes")
    first, failed, other = (
        check.Check(URL, URL, seen=check.Seen(issuer=issuer, fingerprint=mark))
        for issuer, mark in (("A", "1"), (None, None), ("B", "2"))
    )
    kept = changes.kept_of(failed, changes.kept_of(first, None))
    assert (kept["certificate"], kept["issuer"]) == ("1", "A")
    assert changes.changes_of(kept, changes.kept_of(other, kept)) == [
        "The certificate is another one.",
        "The issuer was A, is B.",
    ]


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_make_the_reader_of_certificates_fail_otherwise_than_by_its_word(monitor, content):
    der = monitor.module("tlswatch.der")
    with pytest.raises(der.BadCertificate):
        der.read_certificate(content)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_certificate_is_read_or_refused(monitor, authority, data):
    import ssl

    der = monitor.module("tlswatch.der")
    content = bytearray(ssl.PEM_cert_to_DER_cert(authority.path.read_text()))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = der.read_certificate(bytes(content))
    except der.BadCertificate:
        return
    assert found.issuer.isprintable()
    assert len(found.names) <= 100
