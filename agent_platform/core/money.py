"""Exact money: integer millionths of a dollar."""

import re
from decimal import Decimal

MICRO = 1_000_000
MOST_MICRO_USD = 1_000 * MICRO
AMOUNT = re.compile(
    r"-?([0-9]{1,20}(\.[0-9]*)?|\.[0-9]+)"
)  # Decimal would also read NaN, 1e3, 1_000 and other scripts' digits


def parse_usd(text: str) -> int:
    """Micro-USD of a decimal string with at most six decimals. Raises ValueError otherwise, for floats too."""
    if not isinstance(text, str):
        raise ValueError('write money as a string, such as "0.002"')  # noqa: TRY004  # one error for every wrong amount
    if not AMOUNT.fullmatch(text.strip()):
        raise ValueError(f"{text[:40]!r} is not an amount in digits with a point")
    micro = Decimal(text.strip()) * MICRO
    if micro != micro.to_integral_value():
        raise ValueError(f"{text[:40]!r} has more than six decimals")
    if not 0 <= micro <= MOST_MICRO_USD:
        raise ValueError(f"{text!r} is outside $0 to $1,000")
    return int(micro)


def dollars(micro_usd: int) -> str:
    """Exact, with two decimals at least: `$0.002`, `$4.00`."""
    whole, fraction = divmod(micro_usd, MICRO)
    digits = f"{fraction:06d}".rstrip("0")
    return f"${whole:,}.{digits:0<2}"


def compute_cost_micro_usd(memory_mb: int, duration_ms: int, micro_usd_per_gib_hour: int = 200_000) -> int:
    """Price of sandbox time, rounded up. Source: product specification, section 10."""
    return -(-(memory_mb * duration_ms * micro_usd_per_gib_hour) // (1024 * 3_600_000))


def share_micro_usd(price_micro_usd: int, fee_percent: int = 15) -> int:
    """What the creator keeps of a collected price, rounded down."""
    return price_micro_usd * (100 - fee_percent) // 100
