"""The state behind the members' page, on real rows."""

from agent_platform.core import mail
from agent_platform.core.settings import get_settings
from agent_platform.state.settings import MembersState
from tests.doubles.tab import Page


async def test_an_invitation_is_mailed_once_and_listed(northwind, enter, said):
    enter(northwind.owner)
    opened = Page(MembersState, "/settings/members")
    await opened.send("open")
    await opened.send("write_email", "bob@example.com")
    await opened.send("invite")
    assert [message.to for message in mail.list_kept(get_settings())] == ["bob@example.com"]
    assert [(one.email, one.role) for one in opened.state.people.invitations] == [("bob@example.com", "member")]
    assert said == ["Invited"]
