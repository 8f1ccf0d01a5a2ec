"""What the sign-in page makes of its address."""

import pytest

from agent_platform.services import identity
from agent_platform.views.sign_in import address_view, door_view, problem_of, sign_in_view, workspace_of

DOORS = identity.SignInDoors(github=True, email=True, outbox=False)


def test_a_hand_over_names_the_workspace_it_leads_to():
    target = "/auth/hand-off?to=northwind&nonce=abc&next=%2Fruns"
    view = sign_in_view({"next": target}, DOORS, base_netloc="localhost:3000")
    assert (view.title, view.host, view.seed) == ("Sign in to northwind", "northwind.localhost:3000", "northwind")
    assert view.next == target
    assert view.github_href == "/auth/github?next=%2Fauth%2Fhand-off%3Fto%3Dnorthwind%26nonce%3Dabc%26next%3D%252Fruns"


@pytest.mark.parametrize("target", ["", "/runs", "/agents?to=northwind", "https://evil.example/auth/switch?to=x"])
def test_any_other_way_names_none(target):
    view = sign_in_view({"next": target}, DOORS, base_netloc="localhost:3000")
    assert (view.title, view.workspace) == ("Sign in", "")


@pytest.mark.sec
@pytest.mark.parametrize("slug", ["<b>", "a b", "x" * 41, "..", "a/b", "ünder"])
def test_only_what_could_be_an_address_is_repeated(slug):
    assert workspace_of(f"/auth/switch?to={slug}") == ""


@pytest.mark.sec
def test_problems_are_known_sentences_and_never_the_callers_words():
    assert problem_of({}) == ""
    assert problem_of({"problem": "banned"}) == identity.PROBLEMS["banned"]
    assert problem_of({"problem": "<b>hello"}) == identity.PROBLEMS["refused"]


def test_a_workspaces_door_leads_to_the_auth_host():
    view = door_view({"next": "/runs"}, "acme", host="acme.localhost:3000")
    assert view.away == "/auth/start?next=%2Fruns"
    assert (view.github, view.email) == (False, False)


def test_an_address_is_free_or_another_is_offered():
    assert address_view("", "", suffix=".localhost").fault == ""
    assert address_view("acme", "acme", suffix=".localhost").shown == "acme.localhost"
    taken = address_view("acme", "acme-2", suffix=".localhost")
    assert (taken.free, taken.offer) == (False, "acme-2")
    assert taken.fault.startswith("acme is taken")
