"""Badges and the status pill: icon, word and colour together, always."""

import reflex as rx

from agent_platform.components.theme import Text, icon, when

# state: (colour, icon, word). Other machines borrow a look with their own word.
STATES = {
    "held": ("amber", "circle-pause", "Held by budget"),
    "queued": ("", "circle-dashed", "Queued"),
    "starting": ("cyan", "circle-dot-dashed", "Starting"),
    "running": ("blue", "loader-circle", "Running"),
    "waiting": ("amber", "hand", "Waiting for approval"),
    "stopping": ("", "circle-stop", "Stopping"),
    "succeeded": ("grass", "circle-check", "Succeeded"),
    "capped": ("amber", "octagon-x", "Stopped at cap"),
    "failed": ("tomato", "circle-x", "Failed"),
    "cancelled": ("", "ban", "Cancelled"),
    "timed_out": ("orange", "timer-off", "Timed out"),
    "worker_lost": ("plum", "unplug", "Worker lost"),
}
BORROWED = {
    "queued": ("pending", "received", "accruing", "trial", "invited"),
    "running": ("building", "sending", "retrying", "canary", "testing"),
    "waiting": ("in_review", "changes_requested", "revision", "needs_reconnect", "maintenance", "past_due"),
    "succeeded": ("ready", "approved", "promoted", "published", "delivered", "paid", "active", "passed"),
    "failed": ("build_failed", "rejected", "yanked", "suspended", "rolled_back", "revoked"),
    "cancelled": ("draft", "unverified", "skipped", "ignored", "expired", "withdrawn", "deprecated", "rolled_over"),
}


def status_pill(state: Text, *, large: bool = False, word: Text = "") -> rx.Component:
    """The pill of a state, plain or var, in the vocabulary of the design; `word` replaces the word."""
    looks = all_looks()
    if isinstance(state, str):
        return _pill(looks.get(state, ("", "circle-dashed", _word(state))), large, word)
    cases = [(name, _pill(look, large, word)) for name, look in looks.items()]
    return rx.match(state, *cases, _pill(("", "circle-dashed", state), large, word))


def all_looks() -> dict[str, tuple[str, str, str]]:
    """Every known state with its colour, icon and word."""
    looks = dict(STATES)
    for model, names in BORROWED.items():
        colour, icon_name, _ = STATES[model]
        shown = "circle-minus" if model == "cancelled" else icon_name
        looks |= {name: (colour, shown, _word(name)) for name in names}
    return looks


def badge(*words: Text, colour: str = "", icon_name: str = "", outlined: bool = False) -> rx.Component:
    """A small label: `colour` teal, blue, cyan, grass, amber, tomato, orange, plum, or none for gray."""
    classes = " ".join(part for part in ("badge", "outlined" if outlined else "", colour) if part)
    return rx.el.span(icon(icon_name, 12) if icon_name else rx.fragment(), *words, class_name=classes)


def count_bubble(number: Text | int) -> rx.Component:
    return rx.el.span(number, class_name="count")


def verified(words: bool = False) -> rx.Component:
    """The mark of a verified publisher, muted."""
    if words:
        return rx.el.span(icon("badge-check", 14), "verified", class_name="row gap-1 muted")
    return icon("badge-check", 14, label="verified publisher")


def live(words: Text) -> rx.Component:
    return badge(words, colour="teal", icon_name="activity")


def rating(score: Text, number: Text) -> rx.Component:
    """A star, the mean and how many; nothing while there are none."""
    drawn = rx.el.span(
        icon("star", 14),
        rx.el.b(score, class_name="num", color="var(--text)"),
        rx.el.span("(", number, ")", class_name="num"),
        class_name="row gap-1 meta muted",
    )
    return when(score, drawn)


def _pill(look: tuple[str, str, Text], large: bool, word: Text) -> rx.Component:
    colour, icon_name, own = look
    classes = " ".join(part for part in ("badge status", colour, "large" if large else "") if part)
    turning = "spin" if icon_name == "loader-circle" else ""
    return rx.el.span(
        icon(icon_name, 16 if large else 14, class_name=turning), when(word, word, own), class_name=classes
    )


def _word(state: str) -> str:
    words = state.replace("_", " ")
    return words[:1].upper() + words[1:]
