"""Commands that run once and end. Without addresses in the environment they use the installation that runs on the data folder."""

from agent_platform.core.db.check import refuse_unsafe_role
from agent_platform.core.db.maintain import maintain
from agent_platform.core.db.migrate import upgrade
from agent_platform.core.db.roles import ensure_roles
from agent_platform.core.errors import InputInvalid
from agent_platform.core.money import parse_usd
from agent_platform.core.settings import ROLES, adopt, get_settings
from agent_platform.core.start import refuse_unsafe_settings
from agent_platform.services import identity, tenancy, visitors
from workers.services import SERVING


def migrate() -> None:
    """Roles exist, the tables are those of this version, there are partitions to write to, and workspaces that the platform needs."""
    settings = get_settings()
    given = {role: settings.role_url(role) for role in ROLES}
    addresses = ensure_roles(_owner_url(), settings.data_dir / "secrets", given=given)
    upgrade(addresses["owner"])
    maintain(addresses["owner"])
    adopt({f"DATABASE_URL_{role.upper()}": addresses[role] for role in ROLES})
    tenancy.in_platform(tenancy.ensure_reserved_workspaces)


def maintain_partitions() -> None:
    for name in maintain(_owner_url()):
        print(f"made partition {name}")  # noqa: T201 - the answer of a command


def sign_in_link() -> None:
    path = identity.in_platform(identity.admin_link)
    print("Signs the administrator in once, within 10 minutes:")  # noqa: T201 - the answer of a command
    print(f"{get_settings().base_url}{path}")  # noqa: T201


def demo_budget(day: str, month: str) -> None:
    """Demos of visitors stop at these amounts from now on. Raises: InputInvalid."""
    try:
        wanted = visitors.Budget(parse_usd(day), parse_usd(month))
    except ValueError:
        raise InputInvalid("Write both amounts in dollars with a point, such as 5 50. Nothing changed.") from None
    visitors.set_budget(wanted)
    print(f"Demos may cost ${day} a day and ${month} a month.")  # noqa: T201 - the answer of a command


def check() -> None:
    """Returns only if this configuration may serve; P-99."""
    refuse_unsafe_settings(get_settings())
    identity.refuse_unsafe_sign_in(get_settings())
    for role in SERVING:
        if get_settings().role_url(role):
            refuse_unsafe_role(role)
    print("The configuration is safe to serve.")  # noqa: T201


def _owner_url() -> str:
    if url := get_settings().database_url:
        return url
    raise InputInvalid("Set DATABASE_URL to the login that owns the database; `make run` does this by itself.")
