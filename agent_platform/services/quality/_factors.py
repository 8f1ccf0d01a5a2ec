"""The factors of the score, each judged from evidence by the tables below. Source: product specification, section 12."""

import math
import re
from typing import Any

from agent_platform.services import agents
from agent_platform.services.quality._evidence import Check, Evidence, Rule

ENOUGH_RUNS = 20
Z_90 = 1.6449  # of the normal distribution, for an interval that holds 90 %
WORST, SPAN = 0.80, 0.19
README_WORDS = 300
FREE_HOSTS = 3
ENOUGH_EXAMPLES = 3
FRESH_DAYS = ((90, 3), (180, 2), (365, 1))
QUICK_HOURS, SLOW_HOURS = 48, 168
PRICE_POINTS = {"free": 4, "per_run": 4, "per_event": 4, "subscription": 3, "usage": 2}
SECTIONS = {"what": "what it does", "input": "input", "output": "output"}
HEADING = re.compile(r"^#{1,4}\s+(.+)$", re.MULTILINE)
EXAMPLE = re.compile(r"^(```|~~~|\s*\|.+\|)", re.MULTILINE)


def lower_bound(good: int, bad: int) -> float:
    """The lower end of Wilson's interval for a share of good ones. Source: E. B. Wilson, 1927."""
    number = good + bad
    if not number:
        return 0.0
    share, z2 = good / number, Z_90**2
    middle = share + z2 / (2 * number)
    spread = Z_90 * math.sqrt(share * (1 - share) / number + z2 / (4 * number**2))
    return (middle - spread) / (1 + z2 / number)


def _reliability(evidence: Evidence) -> list[Check]:
    tests = evidence.tests_share or 0.0
    mend = "" if evidence.tests_share is None else "Mend what the daily tests find; every failed one costs points."
    if evidence.good + evidence.bad < ENOUGH_RUNS:
        title = f"Daily tests passed, while fewer than {ENOUGH_RUNS} runs count"
        return [Check(title, 12 * tests, 12, mend, _too_few(evidence))]
    bound = lower_bound(evidence.good, evidence.bad)
    share = min(1.0, max(0.0, (bound - WORST) / SPAN))
    return [
        Check(
            "Success of runs, lower bound",
            20 * share,
            20,
            "Find out why runs fail: run the agent yourself with inputs of all kinds." if evidence.bad else "",
            "" if share else _too_unsure(evidence, bound),
        ),
        Check("Daily tests passed", 5 * tests, 5, mend),
    ]


def _too_few(evidence: Evidence) -> str:
    counted = f"At the last hourly count there were {evidence.good + evidence.bad} of the {ENOUGH_RUNS} runs it takes"
    if evidence.tests_share is None:
        return f"{counted}, and no daily test had run, so it begins at 0."
    return f"{counted}; until then daily tests decide, up to 12 points."


def _too_unsure(evidence: Evidence, bound: float) -> str:
    runs = evidence.good + evidence.bad
    return f"From {runs} runs it is sure only that {math.floor(100 * bound)} % or more succeed; points begin above {100 * WORST:.0f} %."


def _documentation(evidence: Evidence) -> list[Check]:
    words = len(evidence.readme.split())
    headings = " ".join(HEADING.findall(evidence.readme)).lower()
    sections = [word for word in SECTIONS if word in headings]
    absent = [name for word, name in SECTIONS.items() if word not in sections]
    fields = [one for one in evidence.manifest.input_schema.get("properties", {}).values() if isinstance(one, dict)]
    told = [one for one in fields if one.get("title") and one.get("description")]
    share = len(told) / len(fields) if fields else 1.0
    return [
        Check(
            f"README of {README_WORDS} words",
            4.0 if words >= README_WORDS else 0.0,
            4,
            f"Write {README_WORDS} words of README; it has {words}.",
        ),
        Check(
            "README says what it does, its input, its output",
            len(sections),
            3,
            f"Give the README a heading for: {', '.join(absent)}.",
        ),
        Check(
            "Input fields with title and description", 5 * share, 5, "Give every input field a title and a description."
        ),
        Check(
            "Three example pages",
            4.0 if evidence.examples >= ENOUGH_EXAMPLES else 2.0 if evidence.examples else 0.0,
            4,
            f"Save three finished runs as examples, each from its own page; it has {evidence.examples}.",
        ),
        Check("Icon", 1.0, 1),
        Check(
            "Sample output in the README",
            1.0 if EXAMPLE.search(evidence.readme) else 0.0,
            1,
            "Show a sample of the output in the README, as a table or code block.",
        ),
        Check("Changelog", 2.0 if evidence.changelog.strip() else 0.0, 2, "Add CHANGELOG.md."),
    ]


def _input_output(evidence: Evidence) -> list[Check]:
    output, tests = evidence.manifest.output, evidence.manifest.tests
    fails = any(_expects_failure(test["expect"]) for test in tests)
    valid = evidence.valid_share or 0.0
    return [
        Check(
            "Prefilled input is valid",
            5.0 if _prefill_is_valid(evidence.manifest.input_schema) else 0.0,
            5,
            "Give the input fields a prefill that runs as it is.",
        ),
        Check(
            "Output has a schema",
            4.0 if output["item"] or output["result"] else 0.0,
            4,
            "Describe output.item or output.result.",
        ),
        Check(
            "Outputs that fit the schema",
            6 * valid,
            6,
            "Emit what the schema promises; runs whose output does not fit count against it."
            if evidence.valid_share is not None
            else "",
        ),
        Check("A view of the output", 2.0 if output["views"] else 0.0, 2, "Add a view, such as a table of the items."),
        Check(
            "Three tests, one of them of a failure",
            3.0 if len(tests) >= 3 and fails else 0.0,
            3,
            "Ship three tests, one with an expected error_class.",
        ),
    ]


def _permissions(evidence: Evidence) -> list[Check]:
    permissions = evidence.manifest.permissions
    hosts = [rule["host"] for rule in permissions["network"]]
    fixed = [host for host in hosts if host != "*" and not host.startswith("${")]
    beyond = max(0, len(fixed) - FREE_HOSTS)
    writes, destroys = agents.writes(permissions), agents.destroys(permissions) and not evidence.asks_people
    idle = evidence.hosts_used is not None and any(not _is_used(host, evidence.hosts_used) for host in fixed)
    return [
        Check("All that an agent may have", 15.0, 15),
        _minus("Any host", 4 if "*" in hosts else 0, "Name the hosts instead of *."),
        _minus(f"Hosts beyond {FREE_HOSTS}", min(3, beyond), "Reach fewer hosts."),
        _minus("Writes", 2 if writes else 0, ""),
        _minus("Destroys without asking a person", 3 if destroys else 0, "Ask a person before what cannot be undone."),
        _minus("Models", 1 if permissions["models"] else 0, ""),
        _minus("Calls other agents", 1 if permissions["agents"] else 0, ""),
        _minus("Declared and never used", 3 if idle else 0, "Take hosts out of the manifest that no test reaches."),
    ]


def _price(evidence: Evidence) -> list[Check]:
    price = evidence.manifest.price
    is_quoted = evidence.within_quote_share is not None
    kept = min(1.0, (evidence.within_quote_share or 0.0) / 0.9)
    refund = {"full": 2.0, "unused": 1.0}.get(price.get("refund_on_agent_failure", "full"), 0.0)
    return [
        Check("Price model", float(PRICE_POINTS[price["model"]]), 4, "A price per run or per event is clearer."),
        Check(
            "Runs within the quoted p90" if is_quoted else "Runs within the quoted p90: none had such a quote yet",
            4 * kept,
            4,
            "Keep runs within what the quote says; let the price follow the work more closely." if is_quoted else "",
        ),
        Check("Refund when the agent fails", refund, 2, "Set refund_on_agent_failure: full."),
    ]


def _upkeep(evidence: Evidence) -> list[Check]:
    fresh = next((points for days, points in FRESH_DAYS if evidence.version_days <= days), 0)
    hours = evidence.reply_hours
    quick = 2 if hours is None or hours <= QUICK_HOURS else 1 if hours <= SLOW_HOURS else 0
    return [
        Check("Age of the version", float(fresh), 3, "Release a version; this one is older than 90 days."),
        Check(
            "No day in maintenance",
            0.0 if evidence.maintenance_days else 3.0,
            3,
            "Keep the daily tests passing; a day in maintenance counts for 90 days.",
        ),
        Check("Replies to reviews", float(quick), 2, "Answer the reviews that wait; within two days is best."),
        Check(
            "At most one price rise in 180 days",
            2.0 if evidence.price_rises <= 1 else 0.0,
            2,
            "Leave the price as it is for a while.",
        ),
    ]


FACTORS = (
    Rule(
        "reliability",
        "Reliability",
        25,
        _reliability,
        (
            f"20 \N{MULTIPLICATION SIGN} (w \N{MINUS SIGN} {WORST:.2f}) / {SPAN:.2f}, between 0 and 20, where w is the lower end of Wilson's 90 % interval of the success rate",
            "5 \N{MULTIPLICATION SIGN} the share of daily tests passed in 30 days",
            f"under {ENOUGH_RUNS} runs: 12 \N{MULTIPLICATION SIGN} that share instead",
        ),
    ),
    Rule(
        "documentation",
        "Documentation",
        20,
        _documentation,
        (
            f"README of {README_WORDS} words or more 4; headings for what it does, input and output 1 each",
            "5 \N{MULTIPLICATION SIGN} the share of input fields with title and description",
            "three example pages 4, one or two 2; icon 1; sample output 1; changelog 2",
        ),
    ),
    Rule(
        "input_output",
        "Input and output",
        20,
        _input_output,
        (
            "prefilled input is valid 5; output has a schema 4; a view 2",
            "6 \N{MULTIPLICATION SIGN} the share of outputs that fit the schema",
            "three tests, one of them of a failure, 3",
        ),
    ),
    Rule(
        "permissions",
        "Permissions",
        15,
        _permissions,
        (
            f"from 15: any host \N{MINUS SIGN}4; each named host beyond {FREE_HOSTS} \N{MINUS SIGN}1, at most \N{MINUS SIGN}3",
            "writes \N{MINUS SIGN}2; destroys without asking a person \N{MINUS SIGN}3; models \N{MINUS SIGN}1; calls agents \N{MINUS SIGN}1",
            "declared and never used by a test \N{MINUS SIGN}3",
        ),
    ),
    Rule(
        "price",
        "Price clarity",
        10,
        _price,
        (
            ", ".join(f"{model.replace('_', ' ')} {points}" for model, points in PRICE_POINTS.items()),
            "4 \N{MULTIPLICATION SIGN} the share of runs within the quoted p90 / 0.9, at most 4",
            "refund when the agent fails: full 2, unused 1",
        ),
    ),
    Rule(
        "upkeep",
        "Upkeep",
        10,
        _upkeep,
        (
            "; ".join(f"version at most {days} days old {points}" for days, points in FRESH_DAYS),
            "no day in maintenance in 90 days 3; at most one price rise in 180 days 2",
            f"median reply to reviews within {QUICK_HOURS} h, or none waiting, 2; within 7 days 1",
        ),
    ),
)


def _minus(title: str, points: int, advice: str) -> Check:
    """Points that are taken away: the most is none."""
    return Check(title, -float(points), 0, advice)


def _is_used(host: str, used: frozenset[str]) -> bool:
    return any(name.endswith(host[1:]) for name in used) if host.startswith("*.") else host in used


def _expects_failure(expect: dict[str, Any]) -> bool:
    return "error_class" in expect or "error_code" in expect or expect.get("state") in {"failed", "timed_out"}


def _prefill_is_valid(schema: dict[str, Any]) -> bool:
    fields = {name: one for name, one in schema.get("properties", {}).items() if isinstance(one, dict)}
    filled = {
        name: one.get("prefill", one.get("default"))
        for name, one in fields.items()
        if "prefill" in one or "default" in one
    }
    if fields and not any("prefill" in one for one in fields.values()):
        return False
    return next(agents.validator_of(schema).iter_errors(filled), None) is None
