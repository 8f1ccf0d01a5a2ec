"""Blocks as HTML in the style sheets of the product. Every value is escaped where it is placed; nothing here trusts a text."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

from agent_platform.views.docs_search import HitView
from agent_platform.views.parts import AgentCardView, FactView
from agent_platform.views.site import blocks as b
from agent_platform.views.site.words import FOOT, LINKS, NAME

NOTHING = Markup("")
QUOTED_HEADING = re.compile(r"<(/?)h([1-4])>")
COIN = Markup(
    '<svg aria-hidden="true" class="mark" height="22" width="22"><use href="/brand/coin.svg#coin"></use></svg>'
)
DOCUMENT = Markup(
    '<header class="public-head">{mark}<nav aria-label="Main">{nav}</nav><span class="grow"></span>'
    '<a class="btn ghost" href="/sign-in">Sign in</a></header>'
    '<main class="public col gap-4" style="padding-top:24px;padding-bottom:48px">{main}</main>'
    '<footer class="public-foot"><div class="row between wrap gap-4"><span>Apache-2.0</span>'
    '<nav aria-label="Footer" class="row gap-4 wrap">{foot}</nav></div></footer>'
)
CARD = Markup(
    '<article class="card agent-card"><div class="row top gap-3">'
    '<img alt="" class="agent-icon" height="40" loading="lazy" src="/brand/agent/{slug}.svg" width="40">'
    '<div class="grow"><h{level} class="title"><a href="{href}">{title}</a></h{level}>'
    '<div class="mono muted meta"><a class="publisher" href="/publishers/{publisher}">{publisher}</a>/{slug}</div></div></div>'
    '<p class="promise">{promise}</p><div class="row between price"><span><span class="num strong">{price}</span> '
    '<span class="muted">{unit}</span></span>{state}</div><dl class="numbers">{numbers}</dl></article>'
)
MARKED, PLAIN = Markup("<mark>{}</mark>"), Markup("{}")
ICON = Markup('<svg aria-hidden="true" class="{}"><use href="/icons/icons.svg#{}"></use></svg>')
SPARK = Markup('<svg aria-label="{}" class="spark" role="img" viewBox="0 0 88 22"><path d="{}"></path></svg>')
SEARCH = Markup(
    '<form role="search" action="{action}" class="{width}" method="get"><div class="input s3">{icon}<input aria-label="{label}" autocomplete="off" '
    'maxlength="{most}" name="q" placeholder="{placeholder}" type="search" value="{q}"></div></form>'
)
BY_MAIL = Markup(
    '<form action="/auth/email" class="by-mail" method="post"><label class="label" for="served-email">E-mail</label>'
    '<div class="input s3"><input autocomplete="email" id="served-email" maxlength="254" name="email" required type="email">'
    '</div><input name="next" type="hidden" value="{next}"><button class="btn solid s3 wide" type="submit">Send a link'
    "</button></form>"
)


def document(page: b.SitePage) -> Markup:
    """Header, the page's blocks, foot."""
    mark = Markup('<a class="wordmark" href="/">{}<span>{}</span></a>').format(COIN, NAME)
    nav = _joined(_anchor(words, href, current=name == page.current) for name, words, href in LINKS)
    foot = _joined(_anchor(words, href) for href, words in _foot().items())
    return DOCUMENT.format(mark=mark, nav=nav, main=_joined(drawn(block) for block in page.blocks), foot=foot)


def _foot() -> dict[str, str]:
    """Address -> words; those of the header too, which narrow windows hide."""
    return {href: words for _, words, href in LINKS} | {href: words for words, href, _ in FOOT}


def drawn(block: b.Block) -> Markup:
    return _DRAW[type(block)](block)


def _heading(block: b.Heading) -> Markup:
    return Markup("<h{0}>{1}</h{0}>").format(block.level, block.text)


def _words(block: b.Words) -> Markup:
    return Markup('<p class="{}">{}</p>').format("promise" if block.lead else "muted", block.text)


def _links(block: b.Links) -> Markup:
    if not block.items:
        return NOTHING
    if block.buttons:
        items = _joined(Markup('<a class="btn outline" href="{}">{}</a>').format(i.href, i.words) for i in block.items)
        return Markup('<nav class="row wrap gap-3" aria-label="{}">{}</nav>').format(block.name or "Ways on", items)
    items = _joined(_item(one) for one in block.items)
    name = block.name or "Ways on"
    return Markup('<nav class="row wrap gap-3" aria-label="{0}"><span class="muted">{0}</span>{1}</nav>').format(
        name, Markup('<ul class="row wrap gap-3">{}</ul>').format(items)
    )


def _item(one: b.Link) -> Markup:
    note = Markup(' <span class="muted">{}</span>').format(one.note) if one.note else NOTHING
    return Markup("<li>{}{}</li>").format(_anchor(one.words, one.href, current=one.current, classes="link"), note)


def _trail(block: b.Trail) -> Markup:
    *above, here = block.items
    parts = [_anchor(one.words, one.href) for one in above] + [Markup("<span>{}</span>").format(here.words)]
    return Markup('<nav class="row gap-1 meta muted" aria-label="Where this page is">{}</nav>').format(
        Markup(" / ").join(parts)
    )


def _facts(block: b.Facts) -> Markup:
    rows = _joined(
        Markup("<dt>{}</dt><dd>{}{}{}</dd>").format(
            row.label,
            _spark(row),
            row.value,
            Markup(' <span class="muted">{}</span>').format(row.note) if row.note else NOTHING,
        )
        for row in block.rows
    )
    return Markup('<dl class="facts lines num card card-body" style="max-width:480px">{}</dl>').format(rows)


def _spark(row: FactView) -> Markup:
    return SPARK.format(row.spark_words, row.spark) if row.spark else NOTHING


def _table(block: b.Table) -> Markup:
    head = _joined(Markup("<th>{}</th>").format(words) for words in block.head)
    rows = _joined(
        Markup("<tr>{}</tr>").format(_joined(Markup("<td>{}</td>").format(cell) for cell in row)) for row in block.rows
    )
    return Markup(
        '<div class="prose"><table tabindex="0"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, rows)


def _cards(block: b.Cards) -> Markup:
    return Markup('<div class="agent-grid">{}</div>').format(_joined(_card(one, block.level) for one in block.items))


def _card(card: AgentCardView, level: int) -> Markup:
    known = (
        *(("success 30 d", card.success), ("users 30 d", card.users)),
        *(("median", card.median), ("quality", card.quality)),
    )
    numbers = _joined(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(label, value) for label, value in known)
    state = Markup('<span class="badge amber">Maintenance</span>') if card.maintenance else NOTHING
    return CARD.format(
        slug=card.slug,
        level=level,
        href=card.href,
        title=card.title,
        publisher=card.publisher,
        promise=card.promise,
        price=card.price,
        unit=card.price_unit,
        state=state,
        numbers=numbers,
    )


def _quoted(block: b.Quoted) -> Markup:
    """A creator's headings stand below the page's own."""
    return _prose(QUOTED_HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 2, 4)}>", block.html))


def _text(block: b.Text) -> Markup:
    return Markup('<pre class="code padded card" style="max-height:360px" tabindex="0">{}</pre>').format(block.text)


def _document(block: b.Document) -> Markup:
    return _prose(block.html)


def _prose(cleaned: str) -> Markup:
    """Only what `render_markdown` has cleaned comes here."""
    return Markup('<div class="prose">{}</div>').format(Markup(cleaned))  # noqa: S704


def _search(block: b.Search) -> Markup:
    return SEARCH.format(**vars(block), icon=icon("search"), width="docs-search" if block.narrow else "")


def icon(name: str, size: int = 16) -> Markup:
    """As `components.theme.icon` draws it."""
    return ICON.format("icon" if size == 16 else f"icon i{size}", name)


def _hits(block: b.Hits) -> Markup:
    return Markup('<ol class="hits">{}</ol>').format(_joined(_hit(one) for one in block.items))


def _hit(one: HitView) -> Markup:
    where = Markup(' <span class="muted meta">{}</span>').format(one.document) if one.document else NOTHING
    said = _joined((MARKED if part.found else PLAIN).format(part.text) for part in one.parts)
    return Markup("<li><h2>{}{}</h2><p>{}</p></li>").format(_anchor(one.title, one.href), where, said)


def _form(block: b.Form) -> Markup:
    return block.html


def _mail_form(block: b.MailForm) -> Markup:
    return BY_MAIL.format(next=block.next_path)


def _anchor(words: str, href: str, *, current: bool = False, classes: str = "") -> Markup:
    here = Markup(' aria-current="page"') if current else NOTHING
    looks = Markup(' class="{}"').format(classes) if classes else NOTHING
    return Markup('<a href="{}"{}{}>{}</a>').format(href, looks, here, words)


def _joined(parts: Iterable[Markup]) -> Markup:
    return NOTHING.join(parts)


_DRAW: dict[type, Callable[[Any], Markup]] = {
    b.Heading: _heading,
    b.Words: _words,
    b.Links: _links,
    b.Trail: _trail,
    b.Facts: _facts,
    b.Table: _table,
    b.Cards: _cards,
    b.Quoted: _quoted,
    b.Text: _text,
    b.Document: _document,
    b.Search: _search,
    b.Hits: _hits,
    b.Form: _form,
    b.MailForm: _mail_form,
}
