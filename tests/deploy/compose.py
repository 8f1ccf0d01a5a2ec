"""deploy/compose.yaml as Compose reads it: interpolated, merged, and as the flags that it gives an engine."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "compose.yaml"
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<sign>[-?])(?P<rest>[^{}]*))?\})")
# Source: the Compose specification (compose-spec/spec.md); what `flags` below knows of it.
AS_FLAGS = {
    "user", "init", "read_only", "cap_drop", "cap_add", "security_opt", "tmpfs", "pids_limit", "mem_limit", "volumes",
    "environment", "healthcheck", "entrypoint", "command", "stop_grace_period",
}  # fmt: skip
LEFT_TO_COMPOSE = {
    "image",
    "build",
    "restart",
    "logging",
    "networks",
    "network_mode",
    "depends_on",
    "ports",
    "profiles",
    "shm_size",
}


class VariableMissing(Exception):
    pass


def services(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return load(environment)["services"]


def load(environment: Mapping[str, str]) -> dict[str, Any]:
    """Raises: VariableMissing for one that is required."""
    return _filled(yaml.safe_load(FILE.read_text(encoding="utf-8")), environment)


def flags(service: dict[str, Any]) -> list[str]:
    """Of `docker run`, image and command left out. Fails for a key that it does not know."""
    assert set(service) <= AS_FLAGS | LEFT_TO_COMPOSE, set(service) - AS_FLAGS - LEFT_TO_COMPOSE
    given = [f"--user={service['user']}", f"--pids-limit={service['pids_limit']}", f"--memory={service['mem_limit']}"]
    given += [f"--{flag}" for flag, key in (("init", "init"), ("read-only", "read_only")) if service.get(key)]
    for flag, key in (
        ("cap-drop", "cap_drop"),
        ("cap-add", "cap_add"),
        ("security-opt", "security_opt"),
        ("tmpfs", "tmpfs"),
    ):
        given += [f"--{flag}={value}" for value in service.get(key, [])]
    given += [f"--volume={volume}" for volume in service.get("volumes", [])]
    if test := service.get("healthcheck", {}).get("test"):
        given += [
            f"--health-cmd={' '.join(test[1:])}",
            "--health-interval=2s",
            "--health-timeout=10s",
            "--health-retries=30",
        ]
    return [
        *given,
        *(f"--env={name}" for name in service["environment"]),
    ]  # values come by the environment, not by `ps`


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, environment) for item in value]
    return VARIABLE.sub(lambda match: _variable(match, environment), value) if isinstance(value, str) else value


def _variable(match: re.Match[str], environment: Mapping[str, str]) -> str:
    if match[0] == "$$":
        return "$"
    if value := environment.get(match["name"]):
        return value
    if match["sign"] == "?":
        raise VariableMissing(match["name"])
    return match["rest"] or ""
