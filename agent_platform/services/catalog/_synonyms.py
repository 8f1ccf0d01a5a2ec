"""Words that people use for one another when they look for an agent."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.models.catalogue import Synonym

# Each group means the same to somebody who searches; the first word stands for the group.
GROUPS = (
    ("redact", "mask", "anonymize", "anonymise", "pseudonymize", "scrub", "censor"),
    ("pii", "personal", "gdpr", "privacy", "sensitive"),
    ("profile", "profiling", "describe", "summarize", "statistics", "stats", "eda"),
    ("clean", "cleaning", "cleanse", "dedupe", "deduplicate", "tidy"),
    ("csv", "spreadsheet", "excel", "xlsx", "table", "tabular"),
    ("log", "logs", "logfile", "syslog", "trace"),
    ("incident", "outage", "postmortem", "alert"),
    ("error", "exception", "failure", "crash"),
    ("seo", "crawl", "crawler", "spider", "sitemap"),
    ("link", "links", "url", "href"),
    ("tls", "ssl", "certificate", "https", "cert"),
    ("uptime", "monitor", "availability", "ping"),
    ("ticket", "support", "helpdesk", "zendesk"),
    ("triage", "classify", "prioritize", "sort"),
    ("repo", "repository", "github", "git"),
    ("digest", "summary", "changelog", "weekly"),
    ("document", "documents", "pdf", "docs", "file"),
    ("question", "answer", "ask", "chat", "qa"),
    ("invoice", "receipt", "bill"),
    ("translate", "translation", "language"),
)


def ensure_synonyms() -> int:
    """The words above are in the table; others stay. Returns how many pairs were new."""
    pairs = [{"word": first, "also": other} for first, *others in GROUPS for other in others]
    with publisher_session() as session:
        made = session.execute(
            insert(Synonym).on_conflict_do_nothing(index_elements=["word", "also"]).returning(col(Synonym.word)), pairs
        )
        return len(made.all())
