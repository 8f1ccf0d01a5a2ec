"""A workspace's place with a driver that has one: as large as its plan, told anew by each process every ten minutes."""

import time
from collections import OrderedDict
from uuid import UUID

import structlog
from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runtime

log = structlog.get_logger()
# Source: the manifest, which lets no agent declare more
MOST_CPU, MOST_MEMORY_MB = 4, 8_192
MOST_CHILDREN = 50  # of a run and of all that they start: `_children.py`, which comes later on the way
FEW_MORE = 4
TOLD_SECONDS = 600.0
MOST_TOLD = 10_000
_told: OrderedDict[tuple[int, UUID], float] = OrderedDict()


def ensure_place(driver: runtime.RuntimeDriver, tenant_id: UUID) -> None:
    """The driver holds the workspace to what its plan has, whatever the queue may do: its runs, each with the most children it
    may have, and a few more, which are ending or are builds. A driver that is away learns it later.
    """
    key = (id(driver), tenant_id)
    if _told.get(key, 0.0) > time.monotonic():
        return
    with tenant_session(tenant_id) as session:
        places = session.execute(
            text("SELECT cap FROM app.tenant_slots WHERE tenant_id = :tenant"), {"tenant": tenant_id}
        ).scalar_one_or_none()
    if places is None:
        return  # nothing has been launched here yet that a plan could hold
    most = places * (1 + MOST_CHILDREN) + FEW_MORE
    try:
        driver.ensure_tenant(
            runtime.TenantPolicy(
                tenant_id=str(tenant_id), sandboxes=most, cpu=most * MOST_CPU, memory_mb=most * MOST_MEMORY_MB
            )
        )
    except (runtime.Transient, runtime.Rejected) as error:
        log.warning("driver_place_not_ensured", tenant_id=str(tenant_id), error=str(error))
        return
    _told[key] = time.monotonic() + TOLD_SECONDS
    while len(_told) > MOST_TOLD:
        _told.popitem(last=False)
