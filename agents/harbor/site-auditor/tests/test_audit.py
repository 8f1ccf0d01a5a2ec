"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from main import audit

from agent_platform.sdk.testing import run_agent

HTML = {"content-type": "text/html; charset=utf-8"}
HOME = """<!doctype html><html lang=en><head><title>Shop</title><meta name=description content="A shop."><meta name=viewport content=x></head>
<body><h1>Shop</h1><a href="/gone">Old</a><a href="/about#team">About</a><a href="https://elsewhere.example/">Elsewhere</a><img src=/a.png></body></html>"""
SITE = {
    "GET https://shop.example/robots.txt": 404,
    "GET https://shop.example/sitemap.xml": 404,
    "GET https://shop.example/": (200, HTML, HOME),
    "GET https://shop.example/about": (200, HTML, "<html><title>About</title><a href=/>Home</a></html>"),
    "GET https://shop.example/gone": 404,
    "HEAD https://shop.example/a.png": 200,
}
PRICES = {"page": 2_000, "file": 100}
GIVEN = {"start_url": "https://shop.example/", "delay_ms": 0}


def test_pages_are_rows_and_broken_links_name_the_pages_that_lead_there():
    run = run_agent(audit, GIVEN, SITE, prices=PRICES)
    assert run.error is None
    assert [(item["kind"], item["path"], item["status"]) for item in run.items] == [
        ("page", "/", 200), ("page", "/gone", 404), ("page", "/about", 200), ("broken link", "/gone", 404),
    ]
    assert run.items[0]["problems"] == ["1 of 1 pictures have no alt text."]
    assert run.items[-1]["found_on"] == ["/"]
    assert run.spent_micro_usd == 3 * 2_000 + 100


def test_the_cap_ends_the_crawl_and_what_was_paid_is_kept():
    run = run_agent(audit, GIVEN, SITE, prices=PRICES, cap_micro_usd=2_500)
    assert (run.result["pages"], run.result["ended"]) == (1, "The cap was reached.")
    assert "report.html" in run.files


def test_robots_txt_is_obeyed():
    closed = SITE | {"GET https://shop.example/robots.txt": "User-agent: *\nDisallow: /"}
    run = run_agent(audit, GIVEN, closed, prices=PRICES)
    assert (run.error.failure_class, run.error.field) == ("input", "start_url")
