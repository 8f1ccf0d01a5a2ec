"""Markdown that somebody else has written as HTML that is safe to place in a page: READMEs, changelogs, reviews, replies, outputs.

What reorders or hides letters is shown as `plain_text` shows it everywhere. Raw HTML in the source is shown as text by the parser;
what comes out then passes an allow-list.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt

from agent_platform.views.format import plain_text

TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "del",
        "a",
    ),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCROLLS = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}  # wide ones scroll; the keyboard must reach them
LONGEST = 64_000

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def _linked_image(renderer: Any, tokens: Sequence[Any], at: int, options: Any, env: Any) -> str:
    """A link to the picture, which nobody's browser fetches unasked; only its words where it stands in a link already or has no address."""
    words = escape(renderer.renderInlineAsText(tokens[at].children or [], options, env) or "picture")
    address = str(tokens[at].attrs.get("src", ""))
    looked_at, opened = env.get(id(tokens), (0, 0))  # each picture looks on from the one before it
    opened += sum((token.type == "link_open") - (token.type == "link_close") for token in tokens[looked_at:at])
    env[id(tokens)] = at, opened
    is_linked = opened or not address.startswith(("https://", "http://"))
    return words if is_linked else f'<a href="{escape(address)}">{words}</a>'


_parser.add_render_rule("image", _linked_image)


def render_markdown(text: str) -> str:
    """Clean HTML: no scripts, styles, images, ids or classes; links open only http, https and mailto."""
    return nh3.clean(
        _parser.render(plain_text(text[:LONGEST])[:LONGEST]),
        tags=TAGS,
        attributes=ATTRIBUTES,
        set_tag_attribute_values=SCROLLS,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
