"""Website & TLS Monitor: one row per address, and what changed since the run before."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tlswatch.address import Address, BadAddress, read_addresses
from tlswatch.changes import changes_of, kept_of, state_key
from tlswatch.check import check_address

from agent_platform.sdk import InputError, Run, agent

SPARE_SECONDS = 20.0


@agent
def watch(run: Run) -> dict[str, Any]:
    """One row and one charge per address, in the order they were given."""
    addresses = _addresses(run)
    seconds = _longest(run)
    states: Counter[str] = Counter()
    changed = 0
    days: list[int] = []
    for number, address in enumerate(addresses, start=1):
        if _time_left(run) < seconds + SPARE_SECONDS:
            run.log.warn(f"Time is nearly up: {len(addresses) - number + 1} addresses were not checked.")
            break
        check = check_address(run, address)
        before = run.state.get(state_key(address.url))
        now = kept_of(check, before)
        item = check.item() | {"changes": changes_of(before, now)}
        if not run.emit(item, event="check", key=address.url):
            run.log.warn(f"The cap was reached before {address.url}.")
            break
        _keep(run, address, before, now)
        states[check.state] += 1
        changed += bool(item["changes"])
        days += [check.days_left] if check.days_left is not None else []
        run.progress(number, len(addresses), f"Checked {address.host}")
    return _result(states, changed, days, len(addresses))


def _addresses(run: Run) -> list[Address]:
    try:
        return read_addresses(run.input["urls"])
    except BadAddress as error:
        raise InputError("urls", str(error)) from error


def _longest(run: Run) -> float:
    """What one address may take if each of its requests waits to the end."""
    return min(120.0, 4.0 * run.input.get("timeout_seconds", 10))


def _time_left(run: Run) -> float:
    return (run.deadline - datetime.now(UTC)).total_seconds()


def _keep(run: Run, address: Address, before: Any, now: dict[str, Any]) -> None:
    """For the next run, once the row is stored: a change that nobody was told must be found again. A dry run keeps nothing."""
    if before != now:
        run.state.set(state_key(address.url), now)


def _result(states: Counter[str], changed: int, days: list[int], given: int) -> dict[str, Any]:
    checked = sum(states.values())
    return {
        "checked": checked,
        "ok": states["ok"],
        "warnings": states["warning"],
        "errors": states["error"],
        "unchecked": given - checked,
        "changed": changed,
        "soonest_days": min(days, default=None),
    }
