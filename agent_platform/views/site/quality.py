"""The formula of the quality score; the built page shows it without a script."""

from agent_platform.views.quality import RULES
from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Heading, Link, Picture, SitePage, Table, Trail, Words
from agent_platform.views.site.words import QUALITY

PATH = "/quality"


def quality_page(base_url: str) -> SitePage:
    trail = (Link("Home", "/"), Link(QUALITY.title, PATH))
    rules: list[Block] = [
        block
        for rule in RULES
        for block in (Heading(f"{rule.title}: up to {rule.most}"), Table(("Rule",), [(line,) for line in rule.lines]))
    ]
    return SitePage(
        path=PATH,
        title=QUALITY.title,
        description=QUALITY.description,
        picture=Picture(QUALITY.title, text=QUALITY.description),
        picture_path="/og/quality.png",
        twin=f"{PATH}.md",
        drawn=True,
        kind="article",
        data=[data.article(QUALITY.title, QUALITY.description, PATH, base_url), data.breadcrumbs(trail, base_url)],
        blocks=[Trail(trail), Heading(QUALITY.title, 1), Words(QUALITY.description, lead=True), *rules],
    )
