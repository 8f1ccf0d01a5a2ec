"""Words and links that the pages, their server-side twins and the site map share."""

from dataclasses import dataclass

NAME = "Agent Platform"
# Name of the link, words, address.
LINKS: tuple[tuple[str, str, str], ...] = (
    ("agents", "Agents", "/agents"),
    ("creators", "For creators", "/docs/first-agent"),
    ("docs", "Docs", "/docs"),
)
# Words, address, whether it is a page of the application.
FOOT: tuple[tuple[str, str, bool], ...] = (
    ("Help", "/docs/help", True),
    ("For creators", "/docs/first-agent", True),
    ("Self-hosting", "/docs/self-hosting", True),
    ("Quality-score formula", "/quality", True),
    ("Changelog", "/changelog", True),
    ("llms.txt", "/llms.txt", False),
    ("Status", "/status", True),
    ("Contact", "/contact", True),
    ("Terms", "/terms", True),
    ("Privacy", "/privacy", True),
    ("Cookies", "/cookies", True),
)
LEAD = (
    "A marketplace for containerised AI agents, in the open. See a quote before each run, hold a hard cap during it, "
    "and keep a signed receipt after. Use ours, or run the whole platform yourself."
)

SUSPENDED = "Suspended by the operator of this installation since "
STILL_THERE = "It starts no new runs. Runs that were made keep their output, log and receipt."


@dataclass(frozen=True)
class Named:
    """The title of a page, without the name of the site, and what a search engine shows below it."""

    title: str
    description: str


LANDING = Named(
    "Run agents at a price you agreed to",
    "A marketplace for containerised AI agents: a quote before each run, a hard cap during it, a signed receipt after.",
)
DIRECTORY = Named(
    "Agents",
    "Agents with a price, a cap and a receipt: search by task, filter by price, permissions and needs.",
)
DOCUMENTS = Named(
    "Documents",
    "Help for whoever runs agents, and creators, programmers and operators: a first agent, the manifest, the APIs, self-hosting.",
)
CHANGELOG = Named("Changelog", "What is new in this software, version by version, the latest first.")
STATUS = Named("Status", "Which parts of this installation answer now, and when one did not in the last 30 days.")
CONTACT = Named(
    "Contact", "A message to whoever runs this installation: a question, a fault, abuse or a hole in security."
)
QUALITY = Named(
    "How quality is computed",
    "The open formula behind the quality score of every agent: six factors, 100 points, and what raises each.",
)
SIGN_IN = Named(
    "Sign in",
    "Sign in by a link in a mail, or by GitHub where that is set up. The first sign-in makes an account with a workspace of its own.",
)
TERMS = Named("Terms", "What whoever runs this installation and whoever uses it may expect of each other.")
PRIVACY = Named("Privacy", "What is kept about you here, who sees it, and what leaves this installation.")
COOKIES = Named("Cookies", "What this site keeps in your browser, and your answer about Google Analytics.")
NOT_FOUND = Named("There is no page at this address", "The link may be old, or the page belongs to another workspace.")
NO_AGENT = Named("There is no agent at this address", "It may have been withdrawn, or it belongs to another workspace.")
NO_PUBLISHER = Named(
    "There is no publisher at this address", "It has no agent in the directory, or never had one. The link may be old."
)
NO_EXAMPLE = Named(
    "There is no example at this address", "Its publisher may have removed it, or its agent is offered no more."
)
DEMO = Named(
    "Demo", "A demo of an agent, for whoever has its address. It needs JavaScript, and is deleted after an hour."
)
NO_DEMO = Named("There is no demo at this address", "A demo and all it left are deleted after an hour.")
