"""Creators' text cannot do anything to a page."""

import pytest

from agent_platform.views import markdown
from agent_platform.views.markdown import render_markdown


def test_ordinary_markdown_is_drawn():
    html = render_markdown("# Title\n\n**bold** `code` [docs](https://example.com)\n\n|a|b|\n|-|-|\n|1|2|\n")
    assert "<h1>Title</h1>" in html
    assert '<table tabindex="0">' in html
    assert '<a href="https://example.com" rel="noopener noreferrer nofollow ugc">docs</a>' in html


@pytest.mark.sec
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/pixel.png)",
        "![x](javascript:alert(1))",
        "![<img src=x>](https://x 'a\" onerror=alert(1) b')",
        '[![x](https://x/"onerror=alert(1))](https://y)',
        '<a href="https://x" onclick="alert(1)" style="position:fixed">x</a>',
        "<iframe src=https://evil.example></iframe>",
        "<svg/onload=alert(1)>",
        "[x](https://x 'a\" onmouseover=alert(1) b')",
    ],
)
def test_nothing_that_acts_or_loads_passes(text):
    html = render_markdown(text)
    tags = [part.split(">")[0] for part in html.split("<")[1:]]
    assert not [tag for tag in tags if tag.split()[0].strip("/") in {"script", "img", "iframe", "svg", "style"}]
    assert not [tag for tag in tags if "javascript:" in tag or "data:" in tag or " onclick" in tag or " style" in tag]
    assert not [tag for tag in tags if ' onmouseover="' in tag or " onerror" in tag]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![A *map*](https://e.org/m.png)", '<a href="https://e.org/m.png" rel="noopener noreferrer nofollow ugc">A map</a>'),
        ("![](https://e.org/m.png)", '<a href="https://e.org/m.png" rel="noopener noreferrer nofollow ugc">picture</a>'),
        ("[![built](https://e.org/b.svg)](https://e.org)", '<a href="https://e.org" rel="noopener noreferrer nofollow ugc">built</a>'),
        ("![a<b](https://e.org/?a=1&b=2)", '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow ugc">a&lt;b</a>'),
    ],
)  # fmt: skip
def test_a_picture_is_a_link_to_it(text, shown):
    assert render_markdown(text) == f"<p>{shown}</p>\n"


@pytest.mark.sec
def test_however_many_pictures_there_are_every_token_is_looked_at_once():
    class Counted(list):
        seen = 0

        def __getitem__(self, at):
            found = super().__getitem__(at)
            Counted.seen += len(found) if isinstance(at, slice) else 0
            return found

    (block,) = [token for token in markdown._parser.parse("![a](https://e.org)" * 3_000) if token.type == "inline"]
    tokens, env = Counted(block.children), {}
    for at in range(len(tokens)):
        markdown._linked_image(markdown._parser.renderer, tokens, at, markdown._parser.options, env)
    assert Counted.seen == len(tokens) - 1


def test_text_without_end_is_cut():
    assert len(render_markdown("a" * 1_000_000)) < 65_000
    assert (
        len(render_markdown("\u200b" * 1_000_000)) < 64_000 * 4
    )  # each stands as <U+200B>, of which two letters are escaped


@pytest.mark.sec
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Costs \u202e00.1$ a run", "<p>Costs &lt;U+202E&gt;00.1$ a run</p>"),
        ("`rm\u2066 -rf`", "<p><code>rm&lt;U+2066&gt; -rf</code></p>"),
        ("pay\u200bpal and \ufeffmore", "<p>pay&lt;U+200B&gt;pal and &lt;U+FEFF&gt;more</p>"),
        ("> \u2067quoted", "<blockquote>\n<p>&lt;U+2067&gt;quoted</p>\n</blockquote>"),
        ("\x1b[31mred\x1b[0m", "<p>red</p>"),
        (
            "Gr\u00fc\u00dfe, \u05e9\u05dc\u05d5\u05dd, \u4f60\u597d",
            "<p>Gr\u00fc\u00dfe, \u05e9\u05dc\u05d5\u05dd, \u4f60\u597d</p>",
        ),
    ],
)
def test_what_reorders_or_hides_letters_is_shown_as_what_it_is(text, shown):
    assert render_markdown(text).strip() == shown


@pytest.mark.sec
def test_a_link_shows_what_hides_in_its_words_and_its_address():
    html = render_markdown("[exam\u202eple](https://a.example/\u202ecod)")
    assert "\u202e" not in html
    assert "exam&lt;U+202E&gt;ple" in html
