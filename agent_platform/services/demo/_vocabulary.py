"""What synthetic listings are made of: the words people use for such work, the common ones first."""

# category: (what it works on, the common first; what it does to it)
WORK: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "data": (
        ("CSV file", "data set", "spreadsheet", "JSON document", "customer record", "address list", "time series", "Parquet file",
         "survey", "duplicate", "outlier", "column", "pivot table", "sensor reading", "census table", "weather record"),
        ("clean", "profile", "merge", "validate", "convert", "deduplicate", "anonymise", "enrich", "sample", "chart"),
    ),
    "engineering": (
        ("repository", "pull request", "log file", "API schema", "dependency", "test suite", "stack trace", "SQL query", "Dockerfile",
         "changelog", "feature flag", "release note", "Terraform plan", "regular expression", "benchmark", "code comment"),
        ("review", "summarise", "explain", "lint", "document", "compare", "refactor", "generate", "triage", "migrate"),
    ),
    "finance": (
        ("invoice", "bank statement", "receipt", "expense report", "tax form", "payment", "ledger", "purchase order", "payroll sheet",
         "budget", "exchange rate", "annual report", "dividend", "loan agreement", "asset register"),
        ("extract", "reconcile", "categorise", "forecast", "audit", "match", "convert", "check", "file", "remind"),
    ),
    "operations": (
        ("incident", "certificate", "server", "backup", "schedule", "inventory", "shipment", "on-call rota", "uptime report", "meeting",
         "standard procedure", "maintenance window", "delivery route", "warehouse bin", "badge reader", "meter reading"),
        ("monitor", "plan", "report", "track", "alert", "summarise", "rotate", "forecast", "check", "escalate"),
    ),
    "research": (
        ("research paper", "PDF document", "patent", "interview transcript", "web source", "citation", "grant call", "clinical trial",
         "news article", "court ruling", "standards draft", "conference programme", "book chapter", "genome annotation"),
        ("summarise", "translate", "compare", "search", "cite", "cluster", "answer", "extract", "fact-check", "outline"),
    ),
    "support": (
        ("ticket", "customer email", "chat transcript", "help article", "refund request", "complaint", "call recording", "bug report",
         "satisfaction survey", "return label", "warranty claim", "onboarding question", "cancellation"),
        ("triage", "answer", "translate", "route", "summarise", "prioritise", "draft", "tag", "escalate", "follow up"),
    ),
    "web": (
        ("web page", "link", "sitemap", "landing page", "product listing", "image", "meta tag", "cookie banner", "redirect", "form",
         "screenshot", "accessibility tree", "structured data", "web font", "price comparison", "RSS feed"),
        ("audit", "crawl", "scrape", "monitor", "test", "compress", "compare", "translate", "validate", "archive"),
    ),
    "other": (
        ("recipe", "travel plan", "podcast", "job posting", "CV", "contract", "floor plan", "event", "letter", "lesson plan", "crossword",
         "garden calendar", "training plan", "photo album", "family tree", "sheet music"),
        ("write", "plan", "rewrite", "translate", "organise", "check", "summarise", "transcribe", "illustrate", "compare"),
    ),
}  # fmt: skip
SHARES = (18, 20, 11, 12, 10, 10, 13, 6)  # of the categories above, in a hundred
SERVICES = (
    *("GitHub", "Slack", "Gmail", "Stripe", "Notion", "Jira", "Shopify", "HubSpot", "Zendesk", "Airtable", "Salesforce", "Postgres"),
    *("Google Sheets", "Dropbox", "Figma", "Linear", "Trello", "Xero", "DATEV", "SAP", "Snowflake", "BigQuery", "Kubernetes", "Grafana"),
    *("Sentry", "Confluence", "WordPress", "Magento", "PrestaShop", "Mattermost", "Odoo", "Moodle", "Zotero", "OpenStreetMap"),
)  # fmt: skip
AGENTS = (
    "Agent",
    "Assistant",
    "Bot",
    "Checker",
    "Helper",
    "Worker",
    "Desk",
    "Pilot",
    "Engine",
    "Studio",
    "Scout",
    "Clerk",
)
MANNERS = (
    *("in bulk", "every night", "as a table", "with a short report", "with sources", "and asks before it writes", "in seconds"),
    *("in twelve languages", "by your own rules", "without a model key", "and keeps the layout", "and sends a digest"),
    *("for small teams", "for agencies", "for auditors", "for public offices", "for schools", "for online shops", "for clinics"),
)  # fmt: skip
ENDINGS = ("Labs", "Works", "Studio", "Systems", "Tools", "Collective", "Software", "Data", "& Sons", "GmbH")
SYLLABLES = (
    *("al", "ar", "bel", "bor", "ca", "da", "del", "dor", "el", "en", "fal", "fen", "ga", "hal", "ira", "jun", "ka", "kel", "lo", "lu"),
    *("ma", "mer", "mon", "na", "nor", "ola", "or", "pa", "per", "qui", "ra", "ren", "ro", "sa", "sel", "so", "ta", "tir", "tor", "ul"),
    *("va", "vel", "vi", "vor", "wen", "xa", "ya", "yor", "za", "zen"),
)  # fmt: skip
