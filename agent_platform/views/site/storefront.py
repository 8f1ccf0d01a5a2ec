"""A workspace's own front page: plain HTML in the style sheets of the product, with its colour, and without a script; and its twin."""

from markupsafe import Markup

from agent_platform.views.format import count
from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Cards, Heading, Picture, Words
from agent_platform.views.site.head import PICTURE_SIZE, picture_digest
from agent_platform.views.site.html import drawn
from agent_platform.views.site.markdown import written
from agent_platform.views.site.words import NAME
from agent_platform.views.storefront import StorefrontView

SHEETS = Markup("").join(
    Markup('<link rel="stylesheet" href="/css/{}.css">').format(name)
    for name in ("tokens", "base", "controls", "display", "parts", "shell", "pages")
)
# Words, path on the base domain.
FOOT = (
    ("Help", "/docs/help"),
    ("Status", "/status"),
    ("Contact", "/contact"),
    ("Terms", "/terms"),
    ("Privacy", "/privacy"),
    ("Cookies", "/cookies"),
)
PICTURE = "/storefront/picture.png"
NO_AGENT = "No agent is shown here yet."
DARK_SHEETS = {
    "dark": Markup('<link rel="stylesheet" href="/css/tokens-dark.css">'),
    "system": Markup('<link rel="stylesheet" href="/css/tokens-dark.css" media="(prefers-color-scheme: dark)">'),
}
# What the application gets from its framework, for a page without it; written before the sheets, so that they have the last word.
RESET = Markup(
    "*,::before,::after{box-sizing:border-box}body,h1,h2,p,dl,dd,ul{margin:0;padding:0}ul{list-style:none}"
    "a{color:inherit;text-decoration:none}"
)
# The colours are two of `views.accent`, never what was typed.
COLOURS = Markup("--btn:{0};--btnh:{0};--link:{0};--focus:{0}")
DARK_COLOURS = {
    "dark": Markup("html:root.dark{{{}}}"),
    "system": Markup("@media (prefers-color-scheme:dark){{html:root.dark{{{}}}}}"),
}
PAGE = Markup(
    '<!doctype html><html lang="en" class="{mode}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    '<meta name="description" content="{description}"><meta name="robots" content="{robots}">'
    '<link rel="canonical" href="{address}"><meta property="og:type" content="website">'
    '<meta property="og:title" content="{title}"><meta property="og:description" content="{description}">'
    '<meta property="og:url" content="{address}"><meta property="og:site_name" content="{name}">{shared}{data}'
    '<link rel="icon" href="/favicon.svg" type="image/svg+xml"><style>{reset}{accent}</style>{sheets}</head>'
    '<body class="storefront"><a class="skip" href="#content">Skip to content</a>'
    '<header class="public-head"><a class="wordmark" href="/">{mark}<span class="truncate">{name}</span></a>'
    '<span class="grow"></span><a class="btn solid" href="{way}">{words}</a></header>'
    '<main id="content"><div class="public-title"><div class="public col gap-3"><h1>{headline}</h1>{welcome}</div></div>'
    '<div class="public" style="padding-top:24px;padding-bottom:48px">{agents}</div></main>'
    '<footer class="public-foot"><div class="row between wrap gap-4"><span>On <a class="link" href="{base}">{site}</a></span>'
    '<nav aria-label="Footer" class="row gap-4 wrap">{foot}</nav></div></footer></body></html>'
)
LOGO = Markup('<img alt="" class="logo" height="32" src="{}">')
TILE = Markup('<span class="tile" aria-hidden="true">{}</span>')
EMPTY = Markup('<p class="muted">{}</p>').format(NO_AGENT)
# Only where strangers may see the page: nobody else is shown a link to it.
SHARED = Markup(
    '<meta property="og:locale" content="en_GB"><meta property="og:image" content="{picture}">'
    '<meta property="og:image:type" content="image/png"><meta property="og:image:width" content="{width}">'
    '<meta property="og:image:height" content="{height}"><meta property="og:image:alt" content="{alt}">'
    '<meta name="twitter:card" content="summary_large_image"><meta name="twitter:title" content="{title}">'
    '<meta name="twitter:description" content="{description}"><meta name="twitter:image" content="{picture}">'
    '<link rel="alternate" type="text/markdown" href="{address}/index.md">'
)


def storefront_page(view: StorefrontView, *, base_url: str, address: str, color_mode: str, is_member: bool) -> str:
    """`color_mode` is that of the person, or `system` for visitors."""
    title = _title(view)
    return PAGE.format(
        mode="light" if color_mode == "light" else "dark",
        title=title,
        description=_description(view),
        robots="index, follow" if view.public else "noindex",
        address=f"{address}/",
        name=view.name,
        shared=_shared(view, address) if view.public else "",
        data=_data(view, address, base_url) if view.public else "",
        sheets=SHEETS + DARK_SHEETS.get(color_mode, Markup("")),
        reset=RESET,
        accent=_accent(view, color_mode),
        mark=LOGO.format(view.logo) if view.logo else TILE.format(view.name[:1].upper()),
        way="/overview" if is_member else "/auth/start?next=/overview",
        words="Open workspace" if is_member else "Sign in",
        headline=view.headline,
        welcome=Markup('<p class="promise">{}</p>').format(view.welcome) if view.welcome else "",
        agents=drawn(Cards(view.cards)) if view.cards else EMPTY,
        base=base_url,
        site=NAME,
        foot=Markup("").join(Markup('<a href="{}{}">{}</a>').format(base_url, path, words) for words, path in FOOT),
    )


def storefront_text(view: StorefrontView, *, base_url: str, address: str) -> str:
    """The same as Markdown; its agents link to their pages on the base domain."""
    welcome = [Words(view.welcome, lead=True)] if view.welcome else []
    agents: Block = Cards(view.cards) if view.cards else Words(NO_AGENT)
    return written([Heading(view.headline, 1), *welcome, agents], base_url, address=f"{address}/")


def storefront_picture(view: StorefrontView) -> Picture:
    """What a shared link to it shows."""
    figures = (("agents", count(len(view.cards))), ("workspace", view.name))
    return Picture(view.headline, text=view.welcome, figures=figures)


def _title(view: StorefrontView) -> str:
    return view.name if view.headline.endswith(view.name) else f"{view.headline} · {view.name}"


def _description(view: StorefrontView) -> str:
    return view.welcome or view.headline


def _shared(view: StorefrontView, address: str) -> Markup:
    """The address of the picture changes whenever the picture does."""
    width, height = PICTURE_SIZE
    return SHARED.format(
        picture=f"{address}{PICTURE}?v={picture_digest(storefront_picture(view))[:16]}",
        width=width,
        height=height,
        alt=view.headline,
        title=_title(view),
        description=_description(view),
        address=address,
    )


def _data(view: StorefrontView, address: str, base_url: str) -> Markup:
    """Whose front page it is, and the agents on it."""
    logo = f"{address}{view.logo}" if view.logo else ""
    shown = [data.item_list(view.cards, view.headline, base_url)] if view.cards else []
    return Markup("").join(map(data.script, [data.workspace(view.name, address, logo), *shown]))


def _accent(view: StorefrontView, color_mode: str) -> Markup:
    light, dark = COLOURS.format(view.accent.light), COLOURS.format(view.accent.dark)
    return Markup("html:root{{{}}}").format(light) + DARK_COLOURS.get(color_mode, Markup("")).format(dark)
