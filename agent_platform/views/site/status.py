"""The status page without a script, and as Markdown."""

from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Heading, Link, Links, SitePage, Table, Trail, Words
from agent_platform.views.site.landing import SITE_PICTURE
from agent_platform.views.site.words import STATUS
from agent_platform.views.status import RECORDED, StatusView

PATH = "/status"


def status_page(view: StatusView, base_url: str) -> SitePage:
    trail = [Link("Home", "/"), Link(STATUS.title, PATH)]
    return SitePage(
        path=PATH,
        title=STATUS.title,
        description=STATUS.description,
        picture=SITE_PICTURE,
        twin=f"{PATH}.md",
        data=[data.breadcrumbs(trail, base_url)],
        blocks=[
            Trail(trail),
            Heading(STATUS.title, 1),
            Words(view.summary, lead=True),
            Words(f"Asked at {view.taken}."),
            Links([Link("Ask again", PATH)], "Ask again", buttons=True),
            Table(("Part", "Now", "What it does"), [(one.name, one.words, one.does) for one in view.parts]),
            Heading("Outages"),
            *_outages(view),
            Words(RECORDED),
        ],
    )


def _outages(view: StatusView) -> list[Block]:
    if view.no_outages:
        return [Words(view.no_outages)]
    rows = [(one.part, one.began, one.lasted, one.note) for one in view.outages]
    return [Table(("Part", "Began", "Lasted", "How it is known"), rows)]
