"""API keys: made here, shown once, revoked here."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import InputInvalid
from agent_platform.core.policy import Caller, policy
from agent_platform.services import tenancy
from agent_platform.state._storefront import known_id
from agent_platform.state.session import Session
from agent_platform.views.keys import ENDS, KeyView, chosen_scopes, days_until, key_view

LOST = "The connection was lost. If you have not copied the key, revoke it and make another one."


class KeysState(Session):
    showing: str = "loading"
    keys: list[KeyView] = []
    name: str = ""
    name_fault: str = ""
    scopes_fault: str = ""
    reads: bool = True
    writes: bool = True
    ends: str = "90"
    made: str = ""  # the name of the key that is shown now
    secret: str = ""  # sent to the browser once and never kept here
    revoking: str = ""
    revoking_name: str = ""

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
        if not self._is_back:
            self.name, self.reads, self.writes, self.ends = "", True, True, "90"
            self.made = self.revoking = self.name_fault = self.scopes_fault = ""
        elif self.made:
            await self.say(f"The key “{self.made}” is shown no more", note=LOST, level="warning")
            self.made = ""
        await self._load()

    @rx.event
    @policy("member")
    async def write_name(self, value: str) -> None:
        self.name, self.name_fault = value, ""

    @rx.event
    @policy("member")
    async def toggle_reads(self) -> None:
        self.reads, self.scopes_fault = not self.reads, ""

    @rx.event
    @policy("member")
    async def toggle_writes(self) -> None:
        self.writes, self.scopes_fault = not self.writes, ""

    @rx.event
    @policy("member")
    async def choose_ends(self, value: str) -> None:
        self.ends = value if value in ENDS else "90"

    @rx.event
    @policy("member", rate="write")
    async def make(self) -> None:
        """The key is shown; a wrong field is marked and nothing is made."""
        scopes = chosen_scopes(reads=self.reads, writes=self.writes)
        try:
            key = await self.in_tenant(_make, name=self.name, scopes=scopes, days=days_until(self.ends))
        except InputInvalid as error:
            self._mark(error)
            return
        await self.tell_once(secret=key)
        self.made, self.name = self.name.strip(), ""
        await self._load()

    @rx.event
    @policy("viewer")
    async def ask_revoke(self, key: str, name: str) -> None:
        self.revoking, self.revoking_name = key, name

    @rx.event
    @policy("viewer")
    async def close_revoke(self, shown: bool) -> None:
        if not shown:
            self.revoking = ""

    @rx.event
    @policy("viewer", rate="write")
    async def revoke(self):
        key, self.revoking = self.revoking, ""
        yield  # shut before it may be refused
        await self.in_tenant(_revoke, key=key)
        self.made = ""
        await self.say("Revoked", note="It opens nothing any more.")
        await self._load()

    def _mark(self, error: InputInvalid) -> None:
        faults = {problem.path: problem.message for problem in error.errors}
        self.name_fault, self.scopes_fault = faults.get("name", ""), faults.get("scopes", "")

    async def _load(self) -> None:
        self.keys = await self.in_tenant(_read)
        self.showing = "ready"


def _read(session: TenantSession, *, caller: Caller) -> list[KeyView]:
    now, zone = datetime.now(UTC), ZoneInfo(caller.time_zone)
    return [
        key_view(one, user_id=caller.user_id, now=now, zone=zone) for one in tenancy.list_keys(session, by=_id(caller))
    ]


def _make(session: TenantSession, *, name: str, scopes: list[str], days: int | None, caller: Caller) -> str:
    return tenancy.make_key(session, name=name, scopes=scopes, days=days, by=_id(caller))


def _revoke(session: TenantSession, *, key: str, caller: Caller) -> None:
    tenancy.revoke_key(session, key_id=known_id(key), by=_id(caller))


def _id(caller: Caller) -> UUID:
    assert caller.user_id is not None
    return caller.user_id
