"""Site Auditor: the crawl, its manners, and what it says of pages."""

import html
import re

import pytest

from agent_platform.sdk import NotPermitted, UpstreamError

HOST = "https://shop.example"
HTML = {"content-type": "text/html; charset=utf-8"}
PRICES = {"page": 2_000, "file": 100}
MENTIONED = re.compile(r"""(?:href|src)=["']?(/[^"'>\s]*)""")
NOTHING_THERE = {f"GET {HOST}/robots.txt": 404, f"GET {HOST}/sitemap.xml": 404}


def page(title="A title", body="", head=""):
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title><meta name="description" content="About {title}.">'
        f'<meta name="viewport" content="width=device-width">{head}</head><body><h1>{title}</h1>{body}</body></html>'
    )


def links(*targets):
    return "".join(f'<a href="{target}">go</a>' for target in targets)


@pytest.fixture(scope="session")
def auditor(bundle):
    return bundle("harbor/site-auditor")


@pytest.fixture
def audit(auditor, monkeypatch):
    """A run on recorded answers; `paths` maps a path to a body or an answer. What is not there answers 404."""

    def run(paths, *, start=f"{HOST}/", check=True, **given):
        options = {name: given.pop(name) for name in ("cap_micro_usd",) if name in given}
        there = {url for answer in paths.values() for url in mentioned(answer)}
        replies = NOTHING_THERE | {f"{method} {url}": 404 for url in there for method in ("GET", "HEAD")}
        for path, answer in paths.items():
            url = path if "://" in path else f"{HOST}{path}"
            whole = (200, HTML, answer) if isinstance(answer, str) else answer
            replies |= {f"GET {url}": whole, f"HEAD {url}": whole}
        done = auditor.run(
            {"start_url": start, "delay_ms": 0, "check_files": False, **given},
            replies=replies,
            prices=PRICES,
            **options,
        )
        assert not check or done.error is None, done.error
        return done

    return run


def mentioned(answer):
    """Addresses of the host that an answer leads to: they answer 404 unless the test says otherwise."""
    text = answer if isinstance(answer, str) else answer[1].get("location", "") if isinstance(answer, tuple) else ""
    found = MENTIONED.findall(text[:3_000_000]) if text.startswith("<") else [text]
    return {
        f"{HOST}{html.unescape(path).partition('#')[0]}" for path in found if path.startswith("/") and path[:2] != "//"
    }


def pages(run):
    return {item["path"]: item for item in run.items if item["kind"] == "page"}


def broken(run):
    return {item["path"]: item for item in run.items if item["kind"] == "broken link"}


def asked(run):
    return [
        request.url.removeprefix(HOST)
        for request in run.requests
        if not request.url.endswith(("robots.txt", "sitemap.xml"))
    ]


def test_pages_are_read_nearest_first_each_once_and_only_on_the_host(audit):
    run = audit({
        "/": page(body=links("/a", "/b#part", "/a?", "https://elsewhere.example/", "//shop.example/a", "mailto:x@y.example", "tel:1")),
        "/a": page("A", links("/c", "/")),
        "/b": page("B", links("/c")),
        "/c": page("C"),
    })  # fmt: skip
    assert asked(run) == ["/", "/a", "/b", "/c"]
    assert [item["depth"] for item in run.items] == [0, 1, 1, 2]
    assert (run.result["external_links"], run.result["ended"]) == (1, "Every page that could be found was read.")


def test_a_broken_link_names_how_many_pages_lead_there(audit):
    run = audit({"/": page(body=links("/a", "/gone")), "/a": page("A", links("/gone"))})
    assert broken(run)["/gone"]["problems"] == ["Answers with status 404. 2 pages link to it."]
    assert broken(run)["/gone"]["found_on"] == ["/", "/a"]
    assert run.result["broken"] == 1


def test_files_are_asked_for_once_without_their_content(audit):
    run = audit({"/": page(body='<img src="/a.png" alt="a"><script src="/gone.js"></script>' + links("/b.pdf", "/x")), "/x": page("X", '<img src="/a.png" alt="">'),
                 "/a.png": 200, "/b.pdf": 200}, check_files=True)  # fmt: skip
    heads = [request.url for request in run.requests if request.method == "HEAD"]
    assert heads == [f"{HOST}/b.pdf", f"{HOST}/a.png", f"{HOST}/gone.js"]
    assert (run.result["files"], set(broken(run))) == (3, {"/gone.js"})
    assert run.spent_micro_usd == 2 * 2_000 + 3 * 100


def test_a_server_without_head_is_asked_by_get(audit):
    replies = {"/": page(body='<img src="/a.png" alt="">')}
    run = audit(replies, check_files=True)
    assert set(broken(run)) == {"/a.png"}
    run = audit(replies | {"/a.png": lambda request: 405 if request.method == "HEAD" else 200}, check_files=True)
    assert broken(run) == {}


def test_redirects_are_followed_one_by_one_and_circles_named(audit):
    run = audit({
        "/": page(body=links("/old", "/x")),
        "/old": (301, {"location": "/new"}, ""),
        "/new": page("New"),
        "/x": (302, {"location": "/y"}, ""),
        "/y": (302, {"location": "/x"}, ""),
    })  # fmt: skip
    assert pages(run)["/old"]["redirects_to"] == f"{HOST}/new"
    assert pages(run)["/new"]["status"] == 200
    assert pages(run)["/y"]["problems"] == ["Leads in a circle."]


def test_redirects_without_end_are_left(audit):
    run = audit({"/": page(body=links("/0")), **{f"/{n}": (302, {"location": f"/{n + 1}"}, "") for n in range(50)}})
    assert len(run.items) < 10
    assert any("redirect in a row" in problem for item in run.items for problem in item["problems"])


def test_a_start_that_leads_to_another_host_says_where_to_start(audit):
    run = audit({"/": (301, {"location": "https://www.shop.example/"}, "")}, check=False)
    assert (run.error.failure_class, run.error.field) == ("input", "start_url")
    assert run.error.message == "shop.example leads to www.shop.example. Start at https://www.shop.example/."


def test_http_that_leads_to_https_of_the_same_host_is_one_site(audit):
    run = audit({
        "http://shop.example/robots.txt": (301, {"location": f"{HOST}/robots.txt"}, ""),
        "http://shop.example/": (301, {"location": f"{HOST}/"}, ""),
        "http://shop.example/sitemap.xml": 404,
        "/": page(),
    }, start="http://shop.example/")  # fmt: skip
    assert [item["status"] for item in run.items] == [301, 200]


def test_robots_txt_is_kept_and_the_longest_rule_decides(audit):
    rules = (
        "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /private\nAllow: /private/open\nDisallow: /*.php$\n"
    )
    run = audit({
        "/robots.txt": (200, {}, rules),
        "/": page(body=links("/private/a", "/private/open/b", "/c.php", "/c.php?x")),
        "/private/open/b": page("B"), "/c.php?x": page("C"),
    })  # fmt: skip
    assert asked(run) == ["/", "/private/open/b", "/c.php?x"]
    assert run.result["refused_by_robots"] == 2


@pytest.mark.parametrize(("status", "word"), [(503, "503"), (500, "500")])
def test_a_robots_txt_that_fails_closes_the_site(audit, monkeypatch, status, word):
    monkeypatch.setattr("time.sleep", lambda _: None)
    run = audit({"/robots.txt": status, "/": page()}, check=False)
    assert (run.error.failure_class, run.error.field) == ("input", "start_url")
    assert word in run.error.message


def test_a_group_for_us_counts_instead_of_the_one_for_everybody(audit):
    rules = "User-agent: *\nDisallow: /\nUser-agent: Site-Auditor\nDisallow: /x\n"
    assert asked(audit({"/robots.txt": (200, {}, rules), "/": page(body=links("/x", "/y")), "/y": page("Y")})) == [
        "/",
        "/y",
    ]


def test_pages_that_only_the_sitemap_names_are_read_last(audit):
    sitemap = f"<urlset><url><loc>{HOST}/lonely</loc></url><url><loc> {HOST}/a </loc></url><url><loc>https://elsewhere.example/</loc></url></urlset>"
    run = audit({"/sitemap.xml": sitemap, "/": page(body=links("/a")), "/a": page("A"), "/lonely": page("L")})
    assert asked(run) == ["/", "/a", "/lonely"]
    assert [item["in_sitemap"] for item in run.items] == [False, True, True]


def test_the_number_of_pages_is_kept_and_the_rest_counted(audit):
    run = audit({"/": page(body=links(*(f"/{n}" for n in range(20))))}, max_pages=5)
    assert (run.result["pages"], run.result["unread"]) == (5, 16)
    assert run.result["ended"] == "5 pages were read, as many as you asked for."


def test_skipped_paths_are_not_asked_for(audit):
    assert asked(audit({"/": page(body=links("/search?q=1", "/a")), "/a": page("A")}, skip=["/search"])) == ["/", "/a"]


def test_skipped_paths_hold_for_files_too(audit):
    body = '<img src="/media/a.png" alt=""><img src="/b.png" alt="">' + links("/media/c.pdf")
    run = audit({"/": page(body=body)}, check_files=True, skip=["/media"])
    assert [request.url for request in run.requests if request.method == "HEAD"] == [f"{HOST}/b.png"]


def test_at_the_cap_what_was_paid_is_kept_and_nothing_more_is_read(audit):
    run = audit({"/": page(body=links("/a", "/b")), "/a": page("A"), "/b": page("B")}, cap_micro_usd=4_100)
    assert (run.result["pages"], run.spent_micro_usd, run.result["ended"]) == (2, 4_000, "The cap was reached.")
    assert b"Audit of shop.example" in run.files["report.html"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("<html lang=en><title></title><h1>x</h1>", "Has no title."),
        (page("x" * 80), "The title has 80 characters; search engines cut it at about 65."),
        (page(head="<title>Two</title>"), "Has 2 titles."),
        (page().replace('name="description"', 'name="other"'), "Has no meta description."),
        (page(body="<h1>Two</h1>"), "Has 2 main headings (h1)."),
        (page(body="<h4>Deep</h4>"), "Headings jump from h1 to h4."),
        (page().replace("<h1>", "<h2>"), "Has no main heading (h1)."),
        (page(body="<img src=/a.png><img src=/b.png alt=''>"), "1 of 2 pictures have no alt text."),
        (page().replace(' lang="en"', ""), "Does not say its language (lang)."),
        (page(head='<meta name="ROBOTS" content="NoIndex">'), "Asks search engines to leave it out (noindex)."),
        (page(head='<link rel=canonical href="https://other.example/">'), "The canonical address is on another host: other.example."),
        (page(head='<link rel=canonical href="/a"><link rel=canonical href="/b">'), "Names 2 canonical addresses."),
        (page(body='<script src="http://shop.example/a.js"></script>'), "Loads files over plain HTTP, which browsers refuse on a secure page."),
        (page(body="x" * 600_000), "Weighs 600 kB without its files."),
    ],
)  # fmt: skip
def test_what_is_wrong_on_a_page_is_a_sentence(audit, content, problem):
    assert problem in audit({"/": content}).items[0]["problems"]


def test_a_page_without_fault_has_none(audit):
    run = audit({"/": page(head=f'<link rel="canonical" href="{HOST}/">')})
    assert (run.items[0]["problems"], run.items[0]["canonical"]) == ([], f"{HOST}/")


def test_pages_that_share_their_title_are_counted(audit):
    run = audit({"/": page("Same", links("/a", "/b")), "/a": page("Same"), "/b": page("Other")})
    assert run.result["same_titles"] == 2
    assert b"Same titles" in run.files["report.html"]


def test_nofollow_is_kept(audit):
    assert asked(audit({"/": page(head="<meta name=robots content=nofollow>", body=links("/a"))})) == ["/"]


@pytest.mark.parametrize(("robots", "asks"), [("max-image-preview:none", ["/", "/a"]), ("index, none", ["/"])])
def test_a_value_of_robots_is_a_whole_one(audit, robots, asks):
    assert (
        asked(audit({"/": page(head=f'<meta name=robots content="{robots}">', body=links("/a")), "/a": page("A")}))
        == asks
    )


def test_the_title_of_a_drawing_is_none_of_the_page(audit):
    drawing = "<svg/><svg><svg></svg><title>Cart</title><path d=x /></svg>"
    run = audit({"/": page(body=drawing + links("/a")), "/a": f"{drawing}<title>A</title>"})
    assert not any("titles" in problem for problem in run.items[0]["problems"])
    assert [item["title"] for item in run.items] == ["A title", "A"]


def test_base_and_entities_are_understood(audit):
    run = audit(
        {"/": page(head='<base href="/shop/">', body='<a href="a?x=1&amp;y=2">go</a>'), "/shop/a?x=1&y=2": page("A")}
    )
    assert asked(run) == ["/", "/shop/a?x=1&y=2"]


def test_a_host_that_stops_answering_is_left_alone(audit):
    away = UpstreamError("shop.example could not be reached.")
    run = audit({"/": page(body=links(*(f"/{n}" for n in range(20)))), **{f"/{n}": away for n in range(20)}})
    assert run.result["pages"] == 6
    assert run.result["ended"].startswith("The host stopped answering: 5 pages in a row gave nothing.")


def test_a_host_that_is_away_at_the_start_is_an_upstream_fault_and_an_address_inside_the_consumer_s(audit):
    away = audit({"/robots.txt": UpstreamError("shop.example could not be reached.")}, check=False)
    inside = audit(
        {"/robots.txt": NotPermitted("shop.example does not lead to a public address. Nothing was sent.")}, check=False
    )
    assert (away.error.failure_class, inside.error.failure_class) == ("upstream", "input")
    assert inside.error.message.endswith("Choose a public address.")


def test_a_host_that_asks_to_come_back_later_is_waited_for(audit, monkeypatch):
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    answers = iter([(429, {"retry-after": "7"}, ""), (200, HTML, page("A"))])
    run = audit({"/": page(body=links("/a")), "/a": lambda _: next(answers)})
    assert (pages(run)["/a"]["status"], 7.0 in waited) == (200, True)
