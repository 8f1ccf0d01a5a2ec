"""Terms, privacy and cookies, as everybody may read them."""

from agent_platform.views.docs import Document
from agent_platform.views.legal import NAMED
from agent_platform.views.site import blocks, data
from agent_platform.views.site.blocks import Heading, Link, SitePage, Trail
from agent_platform.views.site.landing import SITE_PICTURE


def legal_page(name: str, document: Document, base_url: str) -> SitePage:
    path = f"/{name}"
    trail = [Link("Home", "/"), Link(document.title, path)]
    return SitePage(
        path=path,
        title=document.title,
        description=NAMED[name].description,
        picture=SITE_PICTURE,
        twin=f"{path}.md",
        data=[data.breadcrumbs(trail, base_url)],
        blocks=[Trail(trail), Heading(document.title, 1), blocks.Document(document.html, document.source)],
    )
