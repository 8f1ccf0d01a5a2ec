"""Money: price lists and quotes, the ledger, what a run reserves, captures and settles, what its creator earns."""

from agent_platform.services.billing._earnings import Split, book_grant, collect_fee, earn, grant_plan_credit
from agent_platform.services.billing._prices import (
    History,
    Quote,
    consumer_pays_compute,
    default_cap,
    frozen_at_accept,
    own_price,
    payable,
    quote,
    refuse_small_cap,
    refuse_unchargeable,
    smallest_cap,
)
from agent_platform.services.billing._queries import (
    Balance,
    JournalLine,
    JournalTotal,
    balance,
    journal_of_run,
    journal_totals_of_run,
    ledger_differences,
    spent_this_month,
)
from agent_platform.services.billing._runs import Settlement, capture, reserve, settle, void
from agent_platform.services.billing.errors import BalanceTooLow, CapBelowSmallest, PriceModelNotAvailable

__all__ = [
    "Balance",
    "BalanceTooLow",
    "CapBelowSmallest",
    "History",
    "JournalLine",
    "JournalTotal",
    "PriceModelNotAvailable",
    "Quote",
    "Settlement",
    "Split",
    "balance",
    "book_grant",
    "capture",
    "collect_fee",
    "consumer_pays_compute",
    "default_cap",
    "earn",
    "frozen_at_accept",
    "grant_plan_credit",
    "journal_of_run",
    "journal_totals_of_run",
    "ledger_differences",
    "own_price",
    "payable",
    "quote",
    "refuse_small_cap",
    "refuse_unchargeable",
    "reserve",
    "settle",
    "smallest_cap",
    "spent_this_month",
    "void",
]
