"""The contact page without a script, and its form, which also answers a message that could not be taken."""

from markupsafe import Markup

from agent_platform.views.contact import (
    CLOSED,
    HINTS,
    LABELS,
    MOST_NAME,
    MOST_TEXT,
    OPEN,
    REQUIRED,
    SENT,
    ContactView,
    topics,
)
from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Form, Heading, Link, SitePage, Trail, Words
from agent_platform.views.site.html import icon
from agent_platform.views.site.landing import SITE_PICTURE
from agent_platform.views.site.words import CONTACT

PATH = "/contact"
NOTHING = Markup("")
FORM = Markup('<form action="/contact" class="contact col gap-4" method="post">{problem}{fields}{trap}{send}</form>')
PROBLEM = Markup('<div class="callout tomato" role="alert"><div class="grow"><b>{}</b></div></div>')
FIELD = Markup(
    '<div class="field"><label class="label" for="contact-{name}">{label}{mark}</label>{control}{below}</div>'
)
MARK = Markup('<span class="mark">required</span>')
FAULT = Markup('<p class="fault" id="contact-{}-fault">{}{}</p>')
HELP = Markup('<p class="help" id="contact-{}-help">{}</p>')
INPUT = Markup(
    '<div class="input s3{wrong}"><input aria-describedby="contact-{name}-fault" aria-invalid="{invalid}" autocomplete="{complete}" '
    'id="contact-{name}" maxlength="{most}" name="{name}" type="{kind}" value="{value}"{required}></div>'
)
AREA = Markup(
    '<div class="input area{wrong}"><textarea aria-describedby="contact-text-fault contact-text-help" aria-invalid="{invalid}" id="contact-text" '
    'maxlength="{most}" name="text" required rows="8">{value}</textarea></div>'
)
SELECT = Markup(
    '<div class="input select s3{wrong}"><select aria-describedby="contact-topic-fault" aria-invalid="{invalid}" id="contact-topic" '
    'name="topic">{options}</select>{arrow}</div>'
)
TRAP = Markup(
    '<div aria-hidden="true" class="trap"><label for="contact-website">Leave this empty</label>'
    '<input autocomplete="off" id="contact-website" name="website" tabindex="-1"></div>'
)
SEND = Markup('<div><button class="btn solid s3" type="submit">Send the message</button></div>')


def contact_page(view: ContactView, base_url: str) -> SitePage:
    trail = [Link("Home", "/"), Link(CONTACT.title, PATH)]
    return SitePage(
        path=PATH,
        title=CONTACT.title,
        description=CONTACT.description,
        picture=SITE_PICTURE,
        twin=f"{PATH}.md",
        data=[data.breadcrumbs(trail, base_url)],
        blocks=[Trail(trail), Heading(CONTACT.title, 1), *_said(view)],
    )


def contact_form(view: ContactView) -> Markup:
    """With what was typed and what is wrong with it; without fields where nothing can be sent."""
    problem = PROBLEM.format(view.problem) if view.problem else NOTHING
    if not view.is_open:
        return problem
    fields = [
        _field(view, "email", _input(view, "email", kind="email", most=254)),
        _field(view, "name", _input(view, "name", kind="text", most=MOST_NAME)),
        _field(view, "topic", _select(view)),
        _field(view, "text", _area(view)),
    ]
    return FORM.format(problem=problem, fields=NOTHING.join(fields), trap=TRAP, send=SEND)


def _said(view: ContactView) -> list[Block]:
    if view.sent:
        return [Words(SENT, lead=True)]
    return [Words(OPEN, lead=True), Form(contact_form(view))] if view.is_open else [Words(CLOSED, lead=True)]


def _field(view: ContactView, name: str, control: Markup) -> Markup:
    mark = MARK if name in REQUIRED else NOTHING
    return FIELD.format(name=name, label=LABELS[name], mark=mark, control=control, below=_below(view, name))


def _below(view: ContactView, name: str) -> Markup:
    """What is wrong with the field, else what it takes."""
    if said := view.faults.get(name, ""):
        return FAULT.format(name, icon("circle-x", 14), said)
    return HELP.format(name, HINTS[name]) if name in HINTS else NOTHING


def _input(view: ContactView, name: str, *, kind: str, most: int) -> Markup:
    return INPUT.format(
        name=name,
        kind=kind,
        most=most,
        complete=name,
        value=view.values.get(name, ""),
        required=Markup(" required") if name in REQUIRED else NOTHING,
        **_marks(view, name),
    )


def _area(view: ContactView) -> Markup:
    """A line break behind the tag is no part of the text, so one is written that is not."""
    value = Markup("\n{}").format(view.values.get("text", ""))
    return AREA.format(most=MOST_TEXT, value=value, **_marks(view, "text"))


def _select(view: ContactView) -> Markup:
    chosen = view.values.get("topic", "")
    options = NOTHING.join(
        Markup('<option value="{}"{}>{}</option>').format(
            name, Markup(" selected") if name == chosen else NOTHING, words
        )
        for name, words in topics()
    )
    return SELECT.format(options=options, arrow=icon("chevron-down", 14), **_marks(view, "topic"))


def _marks(view: ContactView, name: str) -> dict[str, str]:
    wrong = name in view.faults
    return {"wrong": " wrong" if wrong else "", "invalid": "true" if wrong else "false"}
