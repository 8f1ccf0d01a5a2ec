"""What a public page says, as a list of blocks: one source for its HTML and its Markdown, so that both tell the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from agent_platform.views.docs_search import HitView
from agent_platform.views.parts import AgentCardView, FactView


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Words:
    """A paragraph of plain text; `lead` is the first one, which says what the page is about."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Link:
    """`href` is a path of this site. `current` marks what is chosen already."""

    words: str
    href: str
    note: str = ""
    current: bool = False


@dataclass(frozen=True)
class Links:
    """A list of ways on; `name` says to what. `buttons` draws them as buttons."""

    items: Sequence[Link]
    name: str = ""
    buttons: bool = False


@dataclass(frozen=True)
class Trail:
    """Where the page is, from the first page down; the last one is the page itself."""

    items: Sequence[Link]


@dataclass(frozen=True)
class Facts:
    rows: Sequence[FactView]


@dataclass(frozen=True)
class Table:
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Cards:
    """Agents; `level` is the level of their headings."""

    items: Sequence[AgentCardView]
    level: int = 2


@dataclass(frozen=True)
class Quoted:
    """A creator's own Markdown: `html` is what `render_markdown` made of it, `source` has been through `plain_text`."""

    html: str
    source: str


@dataclass(frozen=True)
class Text:
    """Somebody's text with its lines as they are; it has been through `plain_text`."""

    text: str


@dataclass(frozen=True)
class Document:
    """Our own Markdown: `html` for the page, `source` for its twin."""

    html: str
    source: str


@dataclass(frozen=True)
class Search:
    """The form that opens the directory with words, or another page that searches; `narrow` where its page has it so."""

    q: str = ""
    action: str = "/agents"
    label: str = "Search agents by task, name or publisher"
    placeholder: str = "What should the agent do?"
    most: int = 200  # characters
    narrow: bool = False


@dataclass(frozen=True)
class Hits:
    """Places in documents, with the words that were searched marked."""

    items: Sequence[HitView]


@dataclass(frozen=True)
class Form:
    """A form that one of our functions has made, every value escaped; its twin leaves it out."""

    html: Markup


@dataclass(frozen=True)
class MailForm:
    """The form that sends a sign-in link; `next_path` is judged by the server alone."""

    next_path: str = ""


Block = (
    Heading | Words | Links | Trail | Facts | Table | Cards | Quoted | Text | Document | Search | Hits | MailForm | Form
)


@dataclass(frozen=True)
class Picture:
    """What a shared link shows: a title, at most two lines of text, up to four figures. `icon` is the slug of an agent, or empty."""

    title: str
    address: str = ""
    text: str = ""
    figures: Sequence[tuple[str, str]] = ()
    icon: str = ""


@dataclass(frozen=True)
class SitePage:
    """One public page. `path` is its canonical address below the base URL; `twin` the Markdown of it, empty if there is none.

    `indexed` is whether search engines may list it; `data` are JSON-LD objects; `picture_path` is where `picture` is served.
    `drawn` is whether the built page shows all of the blocks by itself, without a script.
    """

    path: str
    title: str
    description: str
    blocks: Sequence[Block]
    picture: Picture
    picture_path: str = "/og/site.png"
    twin: str = ""
    indexed: bool = True
    status: int = 200
    current: str = ""
    kind: str = "website"
    drawn: bool = False
    data: Sequence[dict] = field(default_factory=tuple)
