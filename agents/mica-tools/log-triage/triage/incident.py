"""The incident note in Markdown: what happened, since when, what to look at first."""

from datetime import UTC, datetime

from triage.findings import Finding, Triage
from triage.spikes import Span

TOP_ERRORS = 10
TOP_SPIKES = 8
TIMELINE_ROWS = 48
BAR_CHARACTERS = 40
EXAMPLE_LINES = 12
EXAMPLE_CHARACTERS = 1_200


def write_incident(triage: Triage, *, lines: int, events: int) -> str:
    """The whole note. Text from the log stands in code only, so that none of it becomes formatting."""
    errors = [one for one in triage.findings if one.is_bad]
    parts = [
        "# Log triage",
        "",
        _summary(triage, errors, lines, events),
        "",
        "## When it began",
        "",
        *_beginning(triage),
    ]
    parts += ["", "## Top errors", "", *_table(errors[:TOP_ERRORS], "No line says that it is an error.")]
    parts += ["", "## Spikes", "", *_spikes(triage)]
    if triage.span and triage.span.count > 1:
        parts += ["", "## Timeline", "", *_timeline(triage, triage.span)]
    parts += ["", "## First look", "", *_first_look(triage, errors)]
    return "\n".join(parts) + "\n"


def _summary(triage: Triage, errors: list[Finding], lines: int, events: int) -> str:
    count = sum(one.template.count for one in errors)
    moments = [at for one in triage.findings for at in (one.template.first_at, one.template.last_at) if at is not None]
    span = f" from {say(min(moments))} to {say(max(moments))}" if moments else " without timestamps"
    text = f"{lines:,} lines, {events:,} entries in {len(triage.findings):,} templates{span}. "
    if not errors:
        return f"{text}No errors."
    return f"{text}{count:,} entries ({100 * count / events:.1f} %) are errors, of {_number(len(errors), 'kind', 'kinds')}."


def _beginning(triage: Triage) -> list[str]:
    if not triage.span:
        return ["The log has no timestamps that could be read, so nothing can be said about when."]
    if not triage.began or triage.began_at is None:
        return [f"No error or warning rose to three times its own baseline in any window of {_window(triage.span)}."]
    template, course = triage.began.template, triage.began.course
    sentence = f"**{say(triage.began_at)}** – {_code(template.text)} rose to {course.peak:,} in {_window(triage.span)}"
    ordinary = f"ordinarily {course.baseline:g}" if course.baseline else "ordinarily none"
    last = f"Last seen {say(template.last_at)}." if template.last_at else ""
    return [f"{sentence}, {ordinary}. {last}"]


def _table(findings: list[Finding], otherwise: str) -> list[str]:
    if not findings:
        return [otherwise]
    rows = [
        f"| {one.rank} | {one.template.count:,} | {one.template.level} | {_cell(one.template.text)} | {say(one.template.first_at)} |"
        for one in findings
    ]
    return ["| rank | count | level | template | first |", "|---|---|---|---|---|", *rows]


def _spikes(triage: Triage) -> list[str]:
    if not triage.spikes:
        return ["None."]
    strongest = sorted(triage.spikes, key=lambda one: -one.course.spike)[:TOP_SPIKES]
    return [f"- {_spike(one, triage.span)}" for one in strongest]


def _spike(one: Finding, span: Span) -> str:
    ordinary = (
        f"{one.course.spike:g} × its baseline of {one.course.baseline:g}" if one.course.baseline else "ordinarily none"
    )
    return f"{say(span.start(one.course.peak_window))}: {one.course.peak:,} in {_window(span)}, {ordinary}: {_code(one.template.text)}"


def _timeline(triage: Triage, span: Span) -> list[str]:
    step = -(-span.count // TIMELINE_ROWS)
    rows = -(-span.count // step)
    every, bad = [0] * rows, [0] * rows
    for one in triage.findings:
        for minute, (count, _) in one.template.minutes.items():
            row = (minute // span.size - span.first) // step
            every[row] += int(count)
            bad[row] += int(count) if one.is_bad else 0
    most = max(every) or 1
    drawn = ["```text", f"{'':16}  entries   errors"]
    for row in range(rows):
        bar = "█" * round(BAR_CHARACTERS * bad[row] / most)
        bar += "░" * (round(BAR_CHARACTERS * every[row] / most) - len(bar))
        drawn.append(f"{_clock(span.start(row * step))}  {every[row]:>7,}  {bad[row]:>7,}  {bar}".rstrip())
    return [*drawn, "```"]


def _first_look(triage: Triage, errors: list[Finding]) -> list[str]:
    look = triage.began or (errors[0] if errors else None)
    if not look:
        return ["Nothing here asks for it."]
    why = "it rose first" if triage.began else "it is the most frequent error"
    found = [
        f"Start with template {look.rank}, because {why}:",
        "",
        "```text",
        *_example(look.template.example),
        "```",
        "",
    ]
    steps = []
    if triage.new_before:
        steps += ["New in the 15 minutes before, the latest first:", ""]
        steps += [
            f"- {say(one.template.first_at)} {_code(one.template.example.partition(chr(10))[0])}"
            for one in triage.new_before
        ]
    later = [one for one in triage.spikes if one.is_bad and one is not look and one.course]
    if later and triage.began_at is not None:
        names = ", ".join(f"{one.rank} (after {_seconds(one.course.onset - triage.began_at)})" for one in later[:5])
        steps += ["", f"Probably consequences, as they rose later: templates {names}."]
    return found + (steps or ["Nothing new was seen shortly before."])


def _example(example: str) -> list[str]:
    shown = example[:EXAMPLE_CHARACTERS].replace("```", "'''").splitlines()
    return shown[:EXAMPLE_LINES] + (["…"] if len(shown) > EXAMPLE_LINES else [])


def _code(text: str) -> str:
    plain = " ".join(text.split())[:180].replace("`", "'")
    return f"`{plain}`"


def _cell(text: str) -> str:
    """The same in a table, whose cells a bar would end."""
    return _code(text).replace("|", "\\|")


def _window(span: Span) -> str:
    return f"{span.size:,} min"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def say(at: float | None) -> str:
    """22 Nov 2026, 06:52:07 UTC."""
    if at is None:
        return "–"
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment.strftime('%b %Y, %H:%M:%S')} UTC"
