"""The table of `/v1`: routes are made from it, and so is what the OpenAPI document says of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent_platform.api.v1 import _agents, _results, _runs
from agent_platform.api.v1._doors import RateClass
from agent_platform.models.tenancy import Scope

AGENT = "/agents/{publisher}/{slug}"
RUN = "/runs/{run_id}"
REFUSED = {400: "bad_request", 429: "rate_limited", 500: "error", 503: "unavailable"}
KEYED = {401: "unauthenticated", 403: "forbidden, wrong_tenant"}
ASKED = {
    402: "cap_below_smallest",
    403: "forbidden, wrong_tenant, agent_not_allowed",
    409: "agent_not_runnable, agent_suspended, price_model_not_available",
    413: "too_large",
    415: "wrong_media_type",
    422: "input_invalid",
}
STARTED = {
    **ASKED,
    402: "balance_too_low, cap_below_smallest",
    409: "permissions_not_accepted, agent_not_runnable, agent_suspended, price_model_not_available, state_conflict",
    422: "input_invalid, idempotency_key_reused",
    429: "rate_limited, queue_full",
}


@dataclass(frozen=True)
class Operation:
    """`answers`: status -> name of the schema of what is answered; `problems`: status -> the codes it may have."""

    method: str
    path: str
    name: str
    summary: str
    endpoint: Callable[..., Any]
    scope: str | None = None
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: str = ""
    answers: tuple[tuple[int, str], ...] = ((200, ""),)
    problems: tuple[tuple[int, str], ...] = ()
    rate: RateClass = ""  # each use counts against it, besides the rate of the key

    @property
    def all_problems(self) -> dict[int, str]:
        keyed = KEYED if self.scope else {401: "unauthenticated", 403: "wrong_tenant"}
        return {**REFUSED, **keyed, **dict(self.problems)}


NOT_FOUND = (404, "not_found")
BAD_QUERY = (422, "input_invalid")
READ, WRITE = Scope.RUNS_READ.value, Scope.RUNS_WRITE.value

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/agents", "list_agents", "Public agents, by words, filters and order", _agents.list_agents,
        query=("q", "category", "model", "max_micro_usd", "sort", "limit", "cursor"),
        answers=((200, "AgentPage"),), problems=(BAD_QUERY,), rate="search",
    ),
    Operation(
        "GET", AGENT, "get_agent", "One agent with its schemas, price and permissions", _agents.get_agent,
        answers=((200, "Agent"),), problems=(NOT_FOUND, (409, "agent_not_runnable, agent_suspended")),
    ),
    Operation(
        "POST", AGENT + "/quote", "quote_run", "What a run with this input would cost", _runs.quote, WRITE,
        body="RunRequest", answers=((200, "Quote"),), problems=(NOT_FOUND, *ASKED.items()), rate="quote",
    ),
    Operation(
        "POST", AGENT + "/runs", "start_run", "Start a run, and wait up to a minute for it", _runs.start, WRITE,
        headers=("Idempotency-Key", "Prefer"), body="RunRequest",
        answers=((200, "ToldRun"), (202, "ToldRun")), problems=(NOT_FOUND, *STARTED.items()), rate="start_run",
    ),
    Operation(
        "GET", "/runs", "list_runs", "Runs of the workspace, the newest first", _runs.list_runs, READ,
        query=("agent", "state", "from", "limit", "cursor"), answers=((200, "RunPage"),), problems=(BAD_QUERY,),
    ),
    Operation(
        "GET", RUN, "get_run", "One run with its input and result", _runs.get_run, READ,
        answers=((200, "Run"),), problems=(NOT_FOUND,),
    ),
    Operation(
        "POST", RUN + "/cancel", "cancel_run", "Stop a run; repeating is harmless", _runs.cancel, WRITE,
        answers=((200, "ToldRun"), (202, "ToldRun")), problems=(NOT_FOUND,),
    ),
    Operation(
        "GET", RUN + "/items", "list_items", "Rows of a run: a page as JSON, all of them as CSV or JSON lines",
        _results.items, READ, query=("limit", "cursor"), answers=((200, "ItemPage"),), problems=(NOT_FOUND, BAD_QUERY),
        rate=_results.rate_of_items,
    ),
    Operation(
        "GET", RUN + "/receipt", "get_receipt", "The signed receipt of a finished run", _results.receipt, READ,
        answers=((200, "Receipt"),), problems=(NOT_FOUND,), rate="export",
    ),
    Operation(
        "GET", RUN + "/files/{name}", "get_file", "A file that the run has put", _results.file, READ,
        answers=((200, "bytes"),), problems=(NOT_FOUND,), rate="export",
    ),
    Operation(
        "POST", "/files", "upload_file", "Send a file for an input; kept a day unless a run takes it", _results.upload,
        WRITE, body="multipart", answers=((201, "File"),), problems=((413, "too_large"), (422, "input_invalid")),
        rate="upload",
    ),
)  # fmt: skip
