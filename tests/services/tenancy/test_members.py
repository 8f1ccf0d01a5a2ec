from concurrent.futures import ThreadPoolExecutor

import pytest

from agent_platform.core.errors import AppError, InputInvalid, NotFound
from agent_platform.services import audit, tenancy
from agent_platform.services.tenancy.errors import LastOwner, RoleTooLow
from tests.doubles.people import arrive, enrol, found, inside

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def team():
    people = {role: arrive(role.title(), number) for number, role in enumerate(["owner", "admin", "member", "viewer"])}
    people["outsider"] = arrive("Outsider", 9)
    acme = found(people["owner"], "acme", plan="business")
    for role in ("admin", "member", "viewer"):
        inside(acme, enrol, person=people[role], role=role)
    return acme, people


def roles(acme):
    return {member.display_name: member.role for member in inside(acme, tenancy.list_members)}


def test_members_are_listed_highest_role_first(team):
    acme, _ = team
    assert list(roles(acme).values()) == ["owner", "admin", "member", "viewer"]


@pytest.mark.parametrize(
    ("actor", "target", "role"),
    [
        ("admin", "member", "owner"),
        ("admin", "admin", "owner"),
        ("admin", "owner", "member"),
        ("member", "member", "admin"),
        ("member", "viewer", "member"),
        ("viewer", "viewer", "owner"),
        ("outsider", "outsider", "owner"),
        ("outsider", "owner", "viewer"),
    ],
)
def test_nobody_grants_or_takes_a_role_above_their_own(team, actor, target, role):
    acme, people = team
    before = roles(acme)
    with pytest.raises((RoleTooLow, NotFound)):
        inside(acme, tenancy.change_role, user_id=people[target].id, role=role, by=people[actor].id)
    assert roles(acme) == before


def test_an_admin_moves_members_up_to_admin_and_it_is_audited(team):
    acme, people = team
    inside(acme, tenancy.change_role, user_id=people["member"].id, role="admin", by=people["admin"].id)
    assert roles(acme)["Member"] == "admin"
    [entry] = inside(acme, audit.list_entries, limit=1)
    assert (entry.action, entry.detail) == ("member.role_changed", {"before": "member", "after": "admin"})


def test_the_last_owner_can_neither_leave_nor_be_lowered_nor_be_removed(team):
    acme, people = team
    owner = people["owner"].id
    with pytest.raises(LastOwner):
        inside(acme, tenancy.leave, user_id=owner)
    with pytest.raises(LastOwner):
        inside(acme, tenancy.change_role, user_id=owner, role="admin", by=owner)
    with pytest.raises(LastOwner):
        inside(acme, tenancy.remove_member, user_id=owner, by=owner)
    assert roles(acme)["Owner"] == "owner"


def test_an_owner_may_leave_once_there_is_another(team):
    acme, people = team
    owner = people["owner"].id
    inside(acme, tenancy.change_role, user_id=people["admin"].id, role="owner", by=owner)
    inside(acme, tenancy.leave, user_id=owner)
    assert roles(acme) == {"Admin": "owner", "Member": "member", "Viewer": "viewer"}


def test_two_owners_who_leave_at_once_leave_one_behind(team):
    acme, people = team
    inside(acme, tenancy.change_role, user_id=people["admin"].id, role="owner", by=people["owner"].id)

    def try_to_leave(person):
        try:
            inside(acme, tenancy.leave, user_id=person.id)
        except LastOwner:
            return "kept"
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_to_leave, [people["owner"], people["admin"]])) == ["kept", "left"]
    assert list(roles(acme).values()).count("owner") == 1


def test_an_admin_removes_a_member_but_not_an_owner(team):
    acme, people = team
    inside(acme, tenancy.remove_member, user_id=people["viewer"].id, by=people["admin"].id)
    with pytest.raises(RoleTooLow):
        inside(acme, tenancy.remove_member, user_id=people["owner"].id, by=people["admin"].id)
    assert "Viewer" not in roles(acme)


def test_an_admin_without_billing_cannot_hand_it_out(team):
    acme, people = team
    give = {"user_id": people["member"].id, "by": people["admin"].id}
    with pytest.raises(RoleTooLow):
        inside(acme, tenancy.set_features, features=["billing"], **give)
    inside(acme, tenancy.set_features, features=["build"], **give)
    inside(
        acme, tenancy.set_features, user_id=people["member"].id, features=["billing", "build"], by=people["owner"].id
    )
    [member] = [m for m in inside(acme, tenancy.list_members) if m.display_name == "Member"]
    assert member.features == ("billing", "build")


def test_unknown_roles_and_features_are_named(team):
    acme, people = team
    with pytest.raises(InputInvalid):
        inside(acme, tenancy.change_role, user_id=people["member"].id, role="root", by=people["owner"].id)
    with pytest.raises(InputInvalid):
        inside(acme, tenancy.set_features, user_id=people["member"].id, features=["root"], by=people["owner"].id)


def test_a_member_of_another_workspace_does_not_exist_here(team):
    acme, people = team
    with pytest.raises(NotFound) as real:
        inside(acme, tenancy.remove_member, user_id=people["outsider"].id, by=people["owner"].id)
    assert isinstance(real.value, AppError)
    assert real.value.status == 404
