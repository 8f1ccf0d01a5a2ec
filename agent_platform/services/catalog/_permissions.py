"""What an agent may do, in sentences a person can agree to. Pure functions of a manifest."""

from dataclasses import dataclass
from typing import Any

from agent_platform.services.agents import Manifest, Resources

READING = frozenset({"GET", "HEAD", "OPTIONS"})
NO_INPUT_FILE = "Works from its other input alone."


@dataclass(frozen=True)
class PermissionFacts:
    """One row of the permission sheet. `mark` is Required, Optional or empty; `change` is empty, new or removed."""

    key: str
    icon: str
    title: str
    sentence: str
    mark: str = ""
    change: str = ""


def permissions_of(manifest: Manifest) -> list[PermissionFacts]:
    """Everything the agent may and may not do, in a fixed order: network, files, connections, models and agents, state, limits."""
    permissions = manifest.permissions
    return [
        *_network(permissions["network"], manifest.input_schema),
        _files(manifest.input_schema),
        *_connections(permissions["connections"]),
        _models(permissions),
        *_state(permissions),
        _limits(manifest.resources),
    ]


def compared(manifest: Manifest, accepted: Manifest | None) -> list[PermissionFacts]:
    """The rows of `permissions_of`, with new ones marked and those that fell away added, against an earlier manifest."""
    rows = permissions_of(manifest)
    if accepted is None:
        return rows
    before = {row.key: row for row in permissions_of(accepted)}
    now = {row.key for row in rows}
    marked = [_marked(row, before) for row in rows]
    gone = [row for key, row in before.items() if key not in now and not key.startswith("no-")]
    return marked + [PermissionFacts(row.key, row.icon, row.title, row.sentence, row.mark, "removed") for row in gone]


def asks_for_more(permissions: dict[str, Any], accepted: dict[str, Any]) -> bool:
    """True if anything is wanted that was not accepted: a host, port, method, action, model, agent, or keeping state."""
    return not _claims(permissions) <= _claims(accepted)


def _claims(permissions: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Every single thing asked for, as a tuple that can be compared."""
    claims: set[tuple[Any, ...]] = set()
    for rule in permissions.get("network", ()):
        claims |= {("network", rule["host"], port, method) for port in rule["ports"] for method in rule["methods"]}
    for slot, wanted in permissions.get("connections", {}).items():
        claims |= {("connection", slot, wanted["connector"], wanted["account"], action) for action in wanted["actions"]}
    claims |= {("model", name) for name in permissions.get("models", ())}
    claims |= {("agent", name) for name in permissions.get("agents", ())}
    return claims | ({("state",)} if permissions.get("state") else set())


def _marked(row: PermissionFacts, before: dict[str, PermissionFacts]) -> PermissionFacts:
    earlier = before.get(row.key)
    is_new = not row.key.startswith("no-") and (earlier is None or earlier.sentence != row.sentence)
    return PermissionFacts(row.key, row.icon, row.title, row.sentence, row.mark, "new" if is_new else "")


def _network(rules: list[dict[str, Any]], schema: dict[str, Any]) -> list[PermissionFacts]:
    if not rules:
        return [PermissionFacts("no-network", "globe", "Reaches no network", "No connection leaves the sandbox.")]
    return [_rule(rule, schema) for rule in rules]


def _rule(rule: dict[str, Any], schema: dict[str, Any]) -> PermissionFacts:
    host = rule["host"]
    ports = f"port{'s' if len(rule['ports']) > 1 else ''} {_joined([str(port) for port in rule['ports']])}"
    if host == "*":
        where = "Any public host"
    elif host.startswith("${input."):
        name = host.removeprefix("${input.").removesuffix("}")
        title = schema.get("properties", {}).get(name, {}).get("title") or name
        where = f"Only the host you enter in “{title}”"
    elif host.startswith("*."):
        where = f"Hosts below {host[2:]}"
    else:
        where = f"Only {host}"
    writes = [method for method in rule["methods"] if method not in READING]
    manner = f", may send with {_joined(writes)}" if writes else ", reading only"
    sentence = f"{where}, {ports}{manner}. {rule['why']}"
    return PermissionFacts(f"network:{host}", "globe", "Reaches the internet", sentence, "Required")


def _files(schema: dict[str, Any]) -> PermissionFacts:
    fields = {
        field.get("title") or name
        for name, field in schema.get("properties", {}).items()
        if isinstance(field, dict) and "file" in {field.get("format"), (field.get("items") or {}).get("format")}
    }
    if not fields:
        return PermissionFacts("no-files", "file", "Reads no files", NO_INPUT_FILE)
    names = _joined(sorted(f"“{field}”" for field in fields))
    return PermissionFacts("files", "file", "Reads the file you give it", f"Only what you put into {names}.")


def _connections(slots: dict[str, Any]) -> list[PermissionFacts]:
    if not slots:
        sentence = "No credential is brokered to this agent."
        return [PermissionFacts("no-connections", "plug", "Uses no connection", sentence)]
    rows = []
    for name, slot in slots.items():
        whose = "your own account" if slot["account"] == "member" else "the workspace's account"
        actions = _joined([action.replace("_", " ") for action in slot["actions"]])
        sentence = f"Through {whose}: {actions}. It never sees the credential. {slot['why']}"
        mark = "Optional" if slot["optional"] else "Required"
        rows.append(PermissionFacts(f"connection:{name}", "plug", f"Uses {slot['connector'].title()}", sentence, mark))
    return rows


def _models(permissions: dict[str, Any]) -> PermissionFacts:
    models, agents = permissions["models"], permissions["agents"]
    if not models and not agents:
        sentence = "No model cost can appear on your receipt."
        return PermissionFacts("no-models", "brain", "Calls no other agent or model", sentence)
    parts = []
    if models:
        parts.append(f"models: {_joined(models)}")
    if agents:
        parts.append(f"agents: {_joined(agents)}")
    what = "models and agents" if models and agents else "models" if models else "other agents"
    sentence = f"May use {' and '.join(parts)}. Their cost counts against your cap."
    return PermissionFacts("models", "brain", f"Calls {what}", sentence, "Required")


def _state(permissions: dict[str, Any]) -> list[PermissionFacts]:
    if not permissions["state"]:
        return []
    sentence = "Remembers keys between your runs. You can see and reset them; no other workspace can."
    return [PermissionFacts("state", "database", "Keeps state for you", sentence)]


def _limits(resources: Resources) -> PermissionFacts:
    title = f"Up to {resources.memory_mb:,} MB for {_duration(resources.timeout_seconds)}"
    return PermissionFacts("no-limits", "timer", title, "Stopped when it has used that up.")


def _duration(seconds: int) -> str:
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds} s"


def _joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
