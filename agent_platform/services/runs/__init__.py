"""Runs: the one door to start them, what workers and brokers do with them, and what people read of them."""

from agent_platform.services.runs._actions import cancel, plain_name, rerun, store_output, store_upload
from agent_platform.services.runs._creators import spread_grant, spread_settlement
from agent_platform.services.runs._events import Event, read_events
from agent_platform.services.runs._execute import launch
from agent_platform.services.runs._input import checked_input, with_defaults
from agent_platform.services.runs._keep import delete_value, get_value, list_keys, set_value
from agent_platform.services.runs._queries import (
    Item,
    LogLine,
    RunFilter,
    RunPage,
    count_open,
    find_receipt,
    get_output_file,
    get_run,
    items_at,
    items_page,
    list_agents_run,
    list_attempts,
    list_charges,
    list_events,
    list_output_files,
    list_runs,
    log_after,
    log_tail,
    place_in_queue,
)
from agent_platform.services.runs._receipts import is_genuine, public_key_text
from agent_platform.services.runs._reconcile import (
    conclude,
    lost_status,
    press_stop,
    reconcile,
    recount_slots,
    renew_leases,
)
from agent_platform.services.runs._record import record
from agent_platform.services.runs._settle import settle
from agent_platform.services.runs._speaker import (
    Speaker,
    bundle_of,
    find_speaker,
    hand_input,
    input_file,
    speaking_attempt,
)
from agent_platform.services.runs._start import RunRequest, start
from agent_platform.services.runs.errors import (
    EventRefused,
    IdempotencyKeyReused,
    QueueFull,
    RunAlreadyFinished,
    RunInputInvalid,
    TokenDead,
)

__all__ = [
    "Event",
    "EventRefused",
    "IdempotencyKeyReused",
    "Item",
    "LogLine",
    "QueueFull",
    "RunAlreadyFinished",
    "RunFilter",
    "RunInputInvalid",
    "RunPage",
    "RunRequest",
    "Speaker",
    "TokenDead",
    "bundle_of",
    "cancel",
    "checked_input",
    "conclude",
    "count_open",
    "delete_value",
    "find_receipt",
    "find_speaker",
    "get_output_file",
    "get_run",
    "get_value",
    "hand_input",
    "input_file",
    "is_genuine",
    "items_at",
    "items_page",
    "launch",
    "list_agents_run",
    "list_attempts",
    "list_charges",
    "list_events",
    "list_keys",
    "list_output_files",
    "list_runs",
    "log_after",
    "log_tail",
    "lost_status",
    "place_in_queue",
    "plain_name",
    "press_stop",
    "public_key_text",
    "read_events",
    "reconcile",
    "record",
    "recount_slots",
    "renew_leases",
    "rerun",
    "set_value",
    "settle",
    "speaking_attempt",
    "spread_grant",
    "spread_settlement",
    "start",
    "store_output",
    "store_upload",
    "with_defaults",
]
