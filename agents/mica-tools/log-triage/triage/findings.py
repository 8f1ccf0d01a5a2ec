"""The log as a whole: ranked templates and when the trouble began."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.levels import SEVERITY
from triage.spikes import Course, Span, course_of, span_of
from triage.templates import Template

BAD = frozenset({"fatal", "error"})
NEW_BEFORE_SECONDS = 15 * 60
MOST_NEW = 5
LABEL_CHARACTERS = 40
PREFIX = re.compile(r"^(?:\[[^\]]*\] )*(?:[\w.$-]+ (?:- |: ))?")
GROUPS = {"fatal": 0, "error": 0, "warn": 1}


@dataclass
class Finding:
    """A template with its rank, and its course where the log tells one."""

    template: Template
    rank: int
    course: Course | None

    @property
    def is_bad(self) -> bool:
        return self.template.level in BAD

    def item(self, span: Span | None) -> dict[str, Any]:
        """The row of output."""
        template, course = self.template, self.course
        return {
            "rank": self.rank,
            "label": f"{self.rank} {PREFIX.sub('', template.text) or template.text}"[:LABEL_CHARACTERS],
            "count": template.count,
            "level": template.level,
            "template": template.text[:600],
            "first_at": iso(template.first_at),
            "last_at": iso(template.last_at),
            "spike": course.spike if course else None,
            "peak_count": course.peak if course else None,
            "peak_at": iso(span.start(course.peak_window)) if course and span else None,
            "example": template.example,
        }


@dataclass
class Triage:
    """`began` is the finding whose spike started first, `new_before` what first appeared shortly before it."""

    findings: list[Finding]
    span: Span | None
    began: Finding | None = None
    spikes: list[Finding] = field(default_factory=list)
    new_before: list[Finding] = field(default_factory=list)

    @property
    def began_at(self) -> float | None:
        return self.began.course.onset if self.began and self.began.course else None


def judge(templates: list[Template], minutes: int) -> Triage:
    """Templates ranked by badness and frequency; the spikes among them; the first one that is an error (else a warning)."""
    span = span_of(templates, minutes)
    ordered = sorted(templates, key=lambda one: (GROUPS.get(one.level, 2), -one.count, SEVERITY[one.level], one.text))
    findings = [Finding(one, rank, course_of(one, span) if span else None) for rank, one in enumerate(ordered, start=1)]
    triage = Triage(findings, span)
    triage.spikes = [one for one in findings if one.course and one.course.is_spike]
    bad = [one for one in triage.spikes if one.is_bad] or [one for one in triage.spikes if one.template.level == "warn"]
    if bad:
        triage.began = min(bad, key=_onset)
        triage.new_before = _new_before(findings, triage.began)
    return triage


def _new_before(findings: list[Finding], began: Finding) -> list[Finding]:
    """What was seen for the first time in the quarter of an hour before, the latest first; nothing from the log's first minute."""
    start = min(one.template.first_at for one in findings if one.template.first_at is not None)
    onset = _onset(began)
    fresh = [
        one
        for one in findings
        if one is not began
        and one.template.first_at is not None
        and max(start + 60, onset - NEW_BEFORE_SECONDS) <= one.template.first_at <= onset
    ]
    return sorted(fresh, key=lambda one: -(one.template.first_at or 0))[:MOST_NEW]


def _onset(finding: Finding) -> float:
    return finding.course.onset if finding.course else 0.0


def iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
