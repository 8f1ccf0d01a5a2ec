"""Site Auditor against sites that mean harm: each ends, soon, with rows and a reason."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.test_site_auditor import HOST, HTML, audit, auditor, links, page  # noqa: F401 - fixtures


@pytest.fixture
def quickly():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "content",
    [
        "<" * 500_000,
        "<!--" * 250_000,
        "<a " * 300_000,
        "<a href='" * 200_000,
        "<script>" * 200_000,
        "<title>" * 200_000,
        "<h1>" * 200_000,
        '<a x="' + "y" * 1_000_000,
        "<a" + " b=c" * 300_000 + ">",
        "<div>" * 200_000,
        "&amp;" * 300_000,
        "<a href=" + "/x" * 500_000 + ">",
        "\x00" * 500_000,
    ],
)
def test_no_page_makes_the_reader_slow(audit, quickly, content):  # noqa: F811
    run = audit({"/": page(body=content)}, max_pages=10)
    assert run.items[0]["status"] == 200


def test_a_page_larger_than_any_is_read_at_its_beginning(audit, quickly):  # noqa: F811
    run = audit({"/": page(body="x" * (6 * 1024 * 1024))})
    assert "Larger than 5 MiB; only the beginning was read." in run.items[0]["problems"]
    assert run.items[0]["bytes"] == 5 * 1024 * 1024


def test_bytes_that_are_no_text_are_a_page_without_findings(audit):  # noqa: F811
    run = audit({"/": (200, {"content-type": "image/png"}, b"\x89PNG\x00\xff" * 100)})
    assert (run.items[0]["status"], run.items[0]["problems"]) == (200, [])


def test_links_that_lead_ever_deeper_are_left_out(audit, quickly):  # noqa: F811
    calendar = {f"/?day={n}": page(f"Day {n}", links(f"/?day={n + 1}")) for n in range(400)}
    run = audit({"/": page(body=links("/?day=0", "/a/a/a/a/a/", "/" + "x/" * 40)), **calendar}, max_pages=5000)
    assert run.result["pages"] < 150
    assert any("without end" in line.text for line in run.logs)


def test_a_hundred_thousand_links_fit(audit, quickly):  # noqa: F811
    run = audit({"/": page(body="".join(f"<a href=/{n}>" for n in range(100_000)))}, max_pages=3)
    assert (run.result["pages"], run.items[0]["links"]) == (3, 5_000)


@pytest.mark.parametrize(
    "robots",
    [
        b"\x00\xff\xfe" * 10_000,
        b"Disallow: /" + b"*" * 100_000,
        b"User-agent: *\n" + b"Disallow: /*a*b*c*d*e*f*g*h*i$\n" * 50_000,
        b"User-agent: *\nCrawl-delay: -5\nCrawl-delay: nan\nDisallow:\nAllow\n:::\n",
        b"<html>Not a robots.txt: User-agent: * Disallow: /</html>",
    ],
)
def test_no_robots_txt_makes_it_slow_or_fail(audit, quickly, robots):  # noqa: F811
    run = audit(
        {
            "/robots.txt": (200, {}, robots),
            "/": page(body=links("/" + "abcdefgh" * 100)),
            "/" + "abcdefgh" * 100: page("A"),
        }
    )
    assert run.result["pages"] == 2


@pytest.mark.parametrize(
    "sitemap",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        "<urlset>" + "<url>" * 100_000,
        "<loc>" * 200_000,
        "<sitemapindex><sitemap><loc>https://shop.example/sitemap.xml</loc></sitemap></sitemapindex>",
        "<urlset><url><loc>https://shop.example/" + "x" * 10_000 + "</loc></url></urlset>",
        "\x1f\x8b\x00",
    ],
)
def test_no_sitemap_makes_it_slow_or_fail(audit, quickly, sitemap):  # noqa: F811
    assert audit({"/sitemap.xml": sitemap, "/": page()}).items[0]["status"] == 200


def test_headers_that_make_no_sense_are_read_over(audit):  # noqa: F811
    odd = {"content-type": "text/html; charset=no-such-charset;;", "location": "::::", "retry-after": "-1"}
    assert audit({"/": (200, odd, page())}).items[0]["problems"] == []
    assert audit({"/": (302, {"location": "http://[::1"}, "")}).items[0]["problems"] == [
        "Answers with status 302 and no address to go on to."
    ]


MARKUP = st.lists(
    st.sampled_from(
        [
            "<a href=",
            '"/x"',
            ">",
            "<",
            "</a",
            "<!--",
            "-->",
            "<title>",
            "</title>",
            "<script>",
            "'",
            "=",
            "/",
            "&#0;",
            "é",
            "\x00",
            "<h1",
            " ",
        ]
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(pieces=MARKUP)
def test_any_markup_is_read_to_an_end(auditor, pieces):  # noqa: F811
    markup = auditor.module("auditor.markup")
    found = markup.read_markup("".join(pieces).encode("utf-8", "replace"))
    assert len(found.links) <= 60


@settings(max_examples=200, deadline=None)
@given(pattern=st.text(alphabet="ab*$/", max_size=12), path=st.text(alphabet="ab/", max_size=12))
def test_patterns_of_robots_txt_mean_what_a_plain_expression_means(auditor, pattern, path):  # noqa: F811
    import re

    robots = auditor.module("auditor.robots")
    whole = pattern.endswith("$")
    plain = "".join(".*" if letter == "*" else re.escape(letter) for letter in pattern.removesuffix("$"))
    assert robots.fits(pattern, path) == bool(re.match(plain + ("$" if whole else ""), path))


@pytest.mark.parametrize(
    "start",
    [
        "ftp://shop.example/",
        "https://u:p@shop.example/",
        "https://shop.example:8080/",
        "shop",
        "https://[::1",
        f"{HOST}/{'x' * 3000}",
    ],
)
def test_what_cannot_be_crawled_is_refused(audit, start):  # noqa: F811 - the fixture
    run = audit({}, start=start, check=False)
    assert (run.error.failure_class, run.error.field, run.charges) == ("input", "start_url", [])


def test_text_of_the_site_never_becomes_markup_of_the_report(audit):  # noqa: F811 - the fixture
    run = audit({"/": page("&lt;script&gt;alert(1)&lt;/script&gt;", links('/"><img src=x onerror=alert(1)>'))})
    report = run.files["report.html"].decode()
    assert "<script" not in report
    assert "<img" not in report
    assert "default-src &#x27;none&#x27;" in report or "default-src 'none'" in report
