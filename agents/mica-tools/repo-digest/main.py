"""Repo Digest: one row per file, and digest.md within a budget of tokens."""

import tempfile
from collections import Counter
from typing import Any, BinaryIO

from repodigest.archive import Archive, Unreadable, open_archive
from repodigest.facts import Facts, gather
from repodigest.github import BadRepository, address_of, fetch
from repodigest.writing import tokens_of, write_facts, write_files

from agent_platform.sdk import InputError, Run, agent

IN_MEMORY_BYTES = 8 * 1024 * 1024
COPY_BYTES = 256 * 1024
BATCH = 500
MOST_ROWS = 5_000


@agent
def digest(run: Run) -> dict[str, Any]:
    """The archive is read once, never unpacked onto the disk, and nothing in it is run."""
    given, what = _given(run)
    with tempfile.TemporaryFile() if given == "repo" else tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as copy:
        _copy(run, given, what, copy)
        try:
            with open_archive(copy) as archive:
                facts = _gather(run, archive)
        except Unreadable as error:
            raise InputError(given, str(error)) from error
    if not facts.files:
        raise InputError(given, "The archive holds no files. Give one of a repository with files in it.")
    budget = run.input.get("max_tokens", 30_000)
    text = write_facts(facts, title=_title(run, given, facts), budget=budget)
    files, chosen = write_files(facts, budget - tokens_of(text)) if run.input.get("contents", True) else ("", set())
    text += files
    _emit(run, facts, chosen)
    run.files.put("digest.md", text, "text/markdown")
    return _result(facts, len(chosen), text)


def _given(run: Run) -> tuple[str, str]:
    if run.input.get("file"):
        return "file", run.input["file"]
    if run.input.get("repo", "").strip():
        return "repo", run.input["repo"].strip()
    raise InputError("file", "Give an archive of a repository, or name a public repository on GitHub.")


def _copy(run: Run, given: str, what: str, target: BinaryIO) -> None:
    """Archives are read from their end or twice, which a stream cannot do."""
    if given == "file":
        with run.files.open(what) as source:
            while piece := source.read(COPY_BYTES):
                target.write(piece)
    else:
        try:
            fetch(run, address_of(what, run.input.get("ref", "").strip()), target)
        except BadRepository as error:
            raise InputError(error.field, str(error)) from error
    target.seek(0)


def _gather(run: Run, archive: Archive) -> Facts:
    facts = gather(archive, run.input.get("leave_out", []), tell=lambda done: run.progress(done, None, f"Read {done:,} files"))
    for sentence in facts.notes:
        run.log.warn(sentence)
    return facts


def _title(run: Run, given: str, facts: Facts) -> str:
    if given == "repo":
        ref = run.input.get("ref", "").strip()
        return f"{run.input['repo'].strip()[:120]}{f' at {ref}' if ref else ''}"
    return facts.root or "Repository"


def _emit(run: Run, facts: Facts, included: set[str]) -> None:
    """The largest first, as a chart shows the first rows."""
    rows = sorted(facts.files, key=lambda file: (-file.lines, -file.bytes, file.path))
    if len(rows) > MOST_ROWS:
        run.log.warn(f"Only the {MOST_ROWS:,} largest of {len(rows):,} files have a row.")
    for first in range(0, min(len(rows), MOST_ROWS), BATCH):
        batch = rows[first : min(first + BATCH, MOST_ROWS)]
        run.emit_many([file.item(file.path in included) for file in batch], keys=[f"file:{first + n}" for n in range(len(batch))])


def _result(facts: Facts, included: int, text: str) -> dict[str, Any]:
    languages: Counter[str] = Counter()
    for file in facts.files:
        if file.language and file.lines:
            languages[file.language] += file.lines
    return {
        "files": len(facts.files),
        "lines": sum(file.lines for file in facts.files),
        "bytes": sum(file.bytes for file in facts.files),
        "languages": dict(languages.most_common(50)),
        "licence": facts.licence,
        "dependencies": sum(len(one.names) for one in facts.manifests),
        "todos": sum(file.todos for file in facts.files),
        "included": included,
        "tokens": tokens_of(text),
        "refused": facts.refused,
    }
