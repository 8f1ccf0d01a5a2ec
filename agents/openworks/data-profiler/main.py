"""Data Profiler & Cleaner: describes every column of a table and writes a cleaned copy."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from profiler.cleaned import count_unique, write_cleaned
from profiler.column import Profile, profile_column
from profiler.limits import TooLarge, Unreadable
from profiler.report import build_report
from profiler.source import Source, header_looks_like_values, read_table

from agent_platform.sdk import InputError, Run, agent

IN_MEMORY_BYTES = 8 * 1024 * 1024


@agent
def profile(run: Run) -> dict[str, Any]:
    """One row per column, report.html, and cleaned.csv unless switched off."""
    source = _read(run)
    table = source.table
    _tell_notes(run, source)
    profiles: list[Profile] = []
    open_cap = True
    for column in table.columns:
        profiles.append(profile_column(column))
        place = len(profiles)
        open_cap = open_cap and bool(run.emit(profiles[-1].item(), key=f"column:{place}"))
        run.progress(place, len(table.columns), f"Profiled {column.name[:60]}")
    duplicates = table.rows - _write_files(run, source, profiles)
    issues = sum(len(found.issues) for found in profiles) + len(source.notes)
    run.log.info(f"{table.rows:,} rows, {len(profiles):,} columns, {duplicates:,} repeated rows, {issues:,} issues.")
    return {
        "rows": table.rows,
        "columns": len(profiles),
        "duplicates": duplicates,
        "ragged_rows": table.ragged,
        "issues": issues,
        "empty_cells": sum(found.nulls for found in profiles),
        "format": source.format,
        "encoding": source.encoding,
        "notes": source.notes,
    }


def _read(run: Run) -> Source:
    given = "file" if run.input.get("file") else "text"
    with _open_input(run) as stream:
        try:
            return read_table(
                stream,
                header=run.input.get("header", True),
                most=run.input.get("sample", 0),
                tell=lambda rows: run.progress(0, None, f"Read {rows:,} rows"),
            )
        except TooLarge as error:
            raise InputError("sample", str(error)) from error
        except Unreadable as error:
            raise InputError(given, str(error)) from error


@contextmanager
def _open_input(run: Run) -> Iterator[BinaryIO]:
    if file_id := run.input.get("file"):
        with run.files.open(file_id) as stream:
            yield stream
    elif text := run.input.get("text"):
        yield io.BytesIO(text.encode("utf-8", "replace"))
    else:
        raise InputError("file", "Give a CSV, TSV, JSON or .xlsx file, or paste rows into Text.")


def _tell_notes(run: Run, source: Source) -> None:
    if source.table.ragged:
        source.notes.append(f"{source.table.ragged:,} rows have more or fewer cells than the header.")
    if run.input.get("header", True) and header_looks_like_values(source.table):
        source.notes.append("The first row looks like values. Switch Header row off if it is not the column names.")
    for note in source.notes:
        run.log.warn(note)


def _write_files(run: Run, source: Source, profiles: list[Profile]) -> int:
    table = source.table
    if run.input.get("clean", True):
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as target:
            unique = write_cleaned(table, profiles, target)
            _put(run, "cleaned.csv", target, "text/csv")
    else:
        unique = count_unique(table, profiles)
    facts = [f"Format {source.format}{', ' + source.encoding if source.encoding else ''}.", *source.notes]
    report = build_report(profiles, rows=table.rows, duplicates=table.rows - unique, ragged=table.ragged, facts=facts)
    run.files.put("report.html", report, "text/html")
    return unique


def _put(run: Run, name: str, source: BinaryIO, media_type: str) -> None:
    source.seek(0)
    run.files.put(name, source, media_type)
