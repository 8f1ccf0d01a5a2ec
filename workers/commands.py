"""What the command line and the supervisor can start: name -> where it is and what it does. Imported on demand."""

from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

from agent_platform.core.settings import get_settings


class Command(NamedTuple):
    """`arguments` in brackets may be left out; the command itself reads them."""

    target: str
    summary: str
    arguments: str = ""

    def takes(self, number: int) -> bool:
        """Whether that many words may follow the name."""
        return self.arguments.startswith("[") or number == len(self.arguments.split())


COMMANDS = MappingProxyType(
    {
        "run": Command("workers.supervisor:main", "start everything on this machine and keep it running"),
        "web": Command("workers.web:main", "serve pages and the HTTP API"),
        "worker": Command("workers.__main__:main", "work off one queue: runs, builds or maintenance", "QUEUE"),
        "watch": Command("workers.watch:main", "settle runs whose sandbox ended; one is elected"),
        "beat": Command("workers.beat:main", "schedules and the reconciler; one is elected"),
        "broker": Command("agent_platform.broker.server:main", "the one door that agents have"),
        "sandbox-host": Command("workers.sandbox_host:main", "start and watch sandboxes on this machine"),
        "check-runtime": Command(
            "workers.driver:refuse_unready", "refuse a runtime that cannot start agents, saying why"
        ),
        "migrate": Command("workers.upkeep:migrate", "create missing database roles, bring the tables up to date"),
        "maintain": Command("workers.upkeep:maintain_partitions", "daily upkeep of the database"),
        "seed": Command(
            "workers.seeding:main",
            "fill an empty installation with sample agents and their first runs; with an option, only synthetic listings",
            "[--listings NUMBER | --remove]",
        ),
        "sign-in-link": Command("workers.upkeep:sign_in_link", "print a link that signs the administrator in once"),
        "demo-budget": Command(
            "workers.upkeep:demo_budget",
            "what demos may cost a day and a month, in dollars; 0 0 ends them",
            "DAY MONTH",
        ),
        "check": Command("workers.upkeep:check", "refuse an unsafe configuration, saying how to mend it"),
    }
)


LOGGING = frozenset(COMMANDS) - {"run", "sandbox-host"}  # these two stay small and say what they have to say themselves
NEED_RUNNING = frozenset({"check", "demo-budget", "maintain", "migrate", "seed", "sign-in-link"})


def call(name: str, *arguments: str) -> Any:
    """Runs the command in this process and returns what it returns."""
    if name in LOGGING:
        from agent_platform.core.log import configure_logs

        configure_logs(as_json=get_settings().env == "production")
    module, _, function = COMMANDS[name].target.partition(":")
    return getattr(import_module(module), function)(*arguments)
