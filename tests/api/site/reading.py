"""Reads pages as machines do: by a parser that nobody here wrote."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

PUBLIC = (
    *("/", "/agents", "/agents/harbor/site-auditor", "/publishers/harbor", "/docs", "/docs/manifest", "/quality"),
    *("/changelog", "/contact", "/terms", "/cookies", "/sign-in"),
    "/status",
)
VOID = {"meta", "link", "img", "input", "br", "hr", "use"}


@dataclass
class Read(HTMLParser):
    """`metas` by name or property; `data` every JSON-LD object; `text` what stands in the body, `noscript` included."""

    metas: dict[str, str] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    titles: int = 0
    text: str = ""
    _in: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, html: str) -> "Read":
        read = cls()
        HTMLParser.__init__(read, convert_charrefs=True)
        read.feed(html)
        read.close()
        return read

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "meta" and ("name" in found or "property" in found):
            self.metas[found.get("name") or found["property"]] = found.get("content", "")
        if tag == "link":
            self.links.append(found)
        if tag == "a":
            self.anchors.append(found.get("href", ""))
        if tag == "title":
            self.titles += 1
        if tag not in VOID:
            self._in.append("ld" if found.get("type") == "application/ld+json" else tag)

    def handle_endtag(self, tag):
        if self._in:
            self._in.pop()

    def handle_data(self, data):
        inside = self._in[-1] if self._in else ""
        if inside == "ld":
            self.data.append(json.loads(data))
        elif inside == "title":
            self.title += data
        elif inside not in {"script", "style"}:
            self.text += data + " "

    def link(self, rel: str) -> str:
        return next((one["href"] for one in self.links if one.get("rel") == rel), "")

    def object(self, kind: str) -> dict[str, Any]:
        return next(one for one in self.data if one["@type"] == kind)


async def read(browser, path: str, status: int = 200) -> Read:
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    return Read.of(answer.text)
