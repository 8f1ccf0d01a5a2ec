"""What the agent asks for beyond computing: network, connections, models, other agents, state."""

import re
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, Section

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
READ_VERBS = ("get", "list", "read", "search", "find", "fetch", "count", "describe", "query")
DESTROY_VERBS = ("delete", "remove", "purge", "destroy", "drop", "erase")
HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
FROM_INPUT = re.compile(r"\$\{input\.([A-Za-z0-9_-]+)\}")
SLOT = r"[a-z][a-z0-9_]{0,39}"
CONNECTOR = r"[a-z][a-z0-9_]{1,39}"
ACTION = r"[a-z][a-z0-9_.-]{0,59}"
MODEL = r"[a-z0-9][a-z0-9._:/-]{0,79}"
AGENT = r"[a-z0-9][a-z0-9-]{1,39}/[a-z][a-z0-9-]{2,39}"
MOST_HOSTS, MOST_SLOTS, FEW_HOSTS = 30, 10, 3
KEYS = ("network", "connections", "models", "agents", "state")


def read_permissions(findings: Findings, value: Any, schema: dict[str, Any] | None) -> dict[str, Any]:
    """{"network": [...], "connections": {...}, "models": [...], "agents": [...], "state": bool}, all keys present."""
    section = Section(findings, "permissions", value, keys=KEYS)
    rules = section.listing("network", most=MOST_HOSTS)
    slots = section.mapping("connections", most=MOST_SLOTS)
    return {
        "network": [_read_rule(findings, number, rule, schema) for number, rule in enumerate(rules)],
        "connections": {name: _read_slot(findings, name, slot) for name, slot in slots.items()},
        "models": list(section.texts("models", "write default or the name of a model.", pattern=MODEL, most=20)),
        "agents": list(section.texts("agents", "write publisher/slug.", pattern=AGENT, most=20)),
        "state": section.boolean("state"),
    }


def writes(permissions: dict[str, Any]) -> bool:
    """True if the agent may change something outside: by a method that does not only read, or an action whose name says so."""
    actions = [action for slot in permissions["connections"].values() for action in slot["actions"]]
    methods = [method for rule in permissions["network"] for method in rule["methods"]]
    return any(not action.startswith(READ_VERBS) for action in actions) or any(one not in READING for one in methods)


def destroys(permissions: dict[str, Any]) -> bool:
    """True if an action's name says that it takes something away for good."""
    actions = [action for slot in permissions["connections"].values() for action in slot["actions"]]
    return any(action.startswith(DESTROY_VERBS) for action in actions)


def level_of(permissions: dict[str, Any]) -> str:
    """low, medium or high. Source: product specification, section 3, note 2.

    An action counts as a write unless its name begins with a reading verb.
    """
    actions = [action for slot in permissions["connections"].values() for action in slot["actions"]]
    rules = permissions["network"]
    if any(rule["host"] == "*" for rule in rules) or any(not action.startswith(READ_VERBS) for action in actions):
        return "high"
    writes = any(method not in READING for rule in rules for method in rule["methods"])
    more = permissions["connections"] or permissions["models"] or permissions["agents"]
    return "medium" if more or writes or len(rules) > FEW_HOSTS else "low"


def _read_rule(findings: Findings, number: int, value: Any, schema: dict[str, Any] | None) -> dict[str, Any]:
    section = Section(findings, f"permissions.network[{number}]", value, keys=("host", "ports", "methods", "why"))
    methods = section.texts("methods", f"choose from {', '.join(METHODS)}.", pattern="|".join(METHODS), most=7)
    return {
        "host": _read_host(section, schema),
        "ports": _read_ports(section),
        "methods": list(methods) or ["GET", "HEAD"],
        "why": section.text("why", "say in one sentence why; people read it before they agree.", most=200),
    }


def _read_host(section: Section, schema: dict[str, Any] | None) -> str:
    host = section.text("host", "write a host name, *.name, * or ${input.field}.")
    if not host or host == "*":
        return host
    field = FROM_INPUT.fullmatch(host)
    if field:
        _check_field(section, field[1], schema)
    elif "://" in host or "/" in host:
        section.note("host", f'"{host[:60]}" is an address; write the host name alone, such as api.example.com.')
    elif not HOST.fullmatch(host):
        section.note("host", f'"{host[:60]}" is no host name; write one such as api.example.com, in lower case.')
    return host


def _check_field(section: Section, name: str, schema: dict[str, Any] | None) -> None:
    if schema is None:
        return  # its own mistakes come first
    field = schema.get("properties", {}).get(name)
    inner = field.get("items") if isinstance(field, dict) and field.get("type") == "array" else field
    if field is None:
        section.note("host", f"There is no input field {name}; name one that holds a URL.")
    elif not isinstance(inner, dict) or inner.get("format") != "uri":
        section.note("host", f"The input field {name} must hold a URL; give it type: string and format: uri.")


def _read_ports(section: Section) -> list[int]:
    ports = []
    for number, port in enumerate(section.listing("ports", most=10)):
        if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535:
            ports.append(port)
        else:
            section.note(f"ports[{number}]", "Write a port from 1 to 65,535.")
    return ports or [443]


def _read_slot(findings: Findings, name: str, value: Any) -> dict[str, Any]:
    path = f"permissions.connections.{name}"
    if not re.fullmatch(SLOT, name):
        findings.add(path, "A slot's name has lower-case letters, digits and underscores; rename it.")
    section = Section(findings, path, value, keys=("connector", "actions", "account", "optional", "why"))
    actions = section.texts("actions", "name actions of the connector, such as list_issues.", pattern=ACTION, most=40)
    if not section.has("actions"):
        section.note("actions", "This is missing; name the actions the agent calls, such as [list_issues].")
    return {
        "connector": section.text("connector", "name a connector, such as github.", pattern=CONNECTOR),
        "actions": list(actions),
        "account": section.choice("account", ("tenant", "member"), default="tenant"),
        "optional": section.boolean("optional"),
        "why": section.text("why", "say in one sentence why; people read it before they agree.", most=200),
    }
