"""The real application with one more state, whose handlers do nothing but show that they ran and for whom."""

import reflex as rx

from agent_platform.app import app
from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict
from agent_platform.core.policy import Caller, current_caller, policy
from agent_platform.services import tenancy
from agent_platform.state.session import Session, in_tenant_of, snapshot
from tests.protocol.probe_app_words import SECRET_WORD

__all__ = ["app"]


class Probe(Session):
    seen: str = ""
    rows: int = 0
    secret: str = ""

    @rx.event
    @policy("public")
    async def open_door(self):
        self.seen = f"open_door {current_caller().user_name or 'nobody'}"

    @rx.event
    @policy("viewer")
    async def view(self):
        self.seen = f"view {current_caller().role}"

    @rx.event
    @policy("member", rate="write")
    async def change(self, tenant_id: str = ""):
        self.seen = f"change {(await self.in_tenant(tenancy.get_workspace)).slug}"

    @rx.event
    @policy("signed_in")
    async def leave_something(self):
        self.secret = SECRET_WORD

    @rx.event
    @policy("signed_in")
    async def who_am_i_in_the_service(self):
        self.seen = await self.in_tenant(name_of_caller)

    @rx.event
    @policy("public")
    async def refuse(self):
        raise Conflict("This run has finished. Nothing was charged; start another.")

    @rx.event
    @policy("public")
    async def break_down(self, typed: str):
        raise ZeroDivisionError(typed)

    @rx.event
    @policy("public")
    async def repeat(self, typed: str):
        self.seen = f"repeat {typed}"

    @rx.event
    @policy("public")
    async def speak(self):
        await self.say("Saved.", note="All of it.")

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self):
        event = snapshot()
        async for _ in live.nudges(f"probe:{current_caller().session_id}"):
            workspace = await in_tenant_of(event, tenancy.get_workspace)
            async with self:
                self.rows += 1
                self.seen = f"follow {workspace.slug}"

    @rx.event
    @policy("public")
    async def chain(self):
        return Probe.change

    async def _hidden(self):
        self.seen = "hidden"


def name_of_caller(_session: TenantSession, *, caller: Caller) -> str:
    return f"{caller.user_name} in {caller.tenant_slug}"
