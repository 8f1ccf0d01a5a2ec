"""`python -m tests.relevance` writes the tables of docs/search.md, from a database of its own."""

import dataclasses
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from agent_platform.core.db.migrate import upgrade
from agent_platform.core.db.roles import ensure_roles
from agent_platform.core.embedded import start_postgres
from tests.relevance.asking import Answer, ask_all, fill_directory, share
from tests.relevance.questions import QUESTIONS

PAGE = Path(__file__).parents[2] / "docs" / "search.md"
MARK = "<!-- below this line: python -m tests.relevance -->"


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="ap-rel-") as folder,
        start_postgres(Path(folder) / "pg", durable=False) as server,
    ):
        addresses = ensure_roles(server.url, Path(folder) / "secrets")
        upgrade(addresses["owner"])
        os.environ |= {f"DATABASE_URL_{role.upper()}": url for role, url in addresses.items() if role != "owner"}
        os.environ["AP_DATA_DIR"] = folder
        agents, answers = fill_directory(), ask_all()
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + MARK + "\n\n" + report(agents, answers), encoding="utf-8")
    print(f"{share(answers, 1):.0%} first, {share(answers, 3):.0%} among the first three: {PAGE}")


def report(agents: int, answers: list[Answer]) -> str:
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}: {len(answers)} questions, {agents} agents.",
        "",
        "| kind | questions | first | among three |",
        "|---|---|---|---|",
        *(_summary(kind, [one for one in answers if one.kind == kind]) for kind in QUESTIONS),
        _summary("**all**", answers),
        "",
        "| kind | asked | meant | place | first |",
        "|---|---|---|---|---|",
        *("| " + " | ".join(map(_cell, dataclasses.astuple(one))) + " |" for one in answers),
    ]
    return "\n".join(lines) + "\n"


def _summary(kind: str, answers: list[Answer]) -> str:
    return f"| {kind} | {len(answers)} | {share(answers, 1):.0%} | {share(answers, 3):.0%} |"


def _cell(value: object) -> str:
    return "not on the page" if value == 0 else str(value)


if __name__ == "__main__":
    main()
