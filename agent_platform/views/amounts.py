"""Amounts as people type them. A comma means thousands to some and decimals to others, so it is never guessed at."""

import re

from agent_platform.core.money import MOST_MICRO_USD, parse_usd

DOLLARS = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
MOST_DECIMALS = 6


def read_dollars(text: str) -> int:
    """Micro-USD of dollars with a point; nothing typed is 0. Raises: ValueError with the sentence for the person."""
    tidy = text.strip().removeprefix("$").strip()
    if not tidy:
        return 0
    if "," in tidy:
        raise ValueError("Write dollars with a point and no comma, such as 0.09.")
    if not DOLLARS.fullmatch(tidy):
        raise ValueError("Write dollars in digits with a point, such as 0.09.")
    if len(tidy.partition(".")[2]) > MOST_DECIMALS:
        raise ValueError("Write at most six decimals: the smallest amount is $0.000001.")
    try:
        return parse_usd(tidy)
    except ValueError:
        raise ValueError(f"Write more than $0 and at most ${MOST_MICRO_USD // 1_000_000:,}.") from None
