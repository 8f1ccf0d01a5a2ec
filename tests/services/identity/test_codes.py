from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from agent_platform.core.ids import digest, new_secret
from agent_platform.services import identity, tenancy
from agent_platform.services.identity import CodeFacts, CodePurpose
from agent_platform.services.identity.errors import CodeRefused
from tests.doubles.people import arrive

MINE = digest("cookie")


def issue(purpose=CodePurpose.EMAIL, binding=MINE, **carries):
    return identity.in_platform(
        identity.issue_code, purpose=purpose, host="localhost", binding=binding, carries=CodeFacts(**carries)
    )


def redeem(code, purpose=CodePurpose.EMAIL, host="localhost:3000", binding=MINE):
    return identity.in_platform(identity.redeem_code, code=code, purpose=purpose, host=host, binding=binding)


def test_a_code_brings_back_what_it_carries(settings):
    assert redeem(issue(email="a@example.com", next_path="/runs")) == CodeFacts(
        email="a@example.com", next_path="/runs"
    )


@pytest.mark.sec
@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": CodePurpose.ADMIN},
        {"host": "acme.localhost"},
        {"binding": digest("other")},
        {"binding": None},
    ],
)
def test_a_code_for_something_else_is_refused_and_not_used_up(settings, wrong):
    code = issue()
    with pytest.raises(CodeRefused):
        redeem(code, **wrong)
    assert redeem(code)


@pytest.mark.sec
def test_unknown_used_and_expired_codes_read_the_same(settings, database):
    used, expired = issue(), issue()
    redeem(used)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.one_time_codes set expires_at = now()")
    sentences = set()
    for code in (used, expired, new_secret(), "", "'; drop table platform.one_time_codes; --"):
        with pytest.raises(CodeRefused) as refusal:
            redeem(code)
        sentences.add(refusal.value.sentence)
    assert len(sentences) == 1


@pytest.mark.sec
def test_one_of_many_at_the_same_moment_gets_the_code(settings):
    code = issue()

    def attempt(_):
        try:
            return bool(redeem(code))
        except CodeRefused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("purpose", "seconds"),
    [
        (CodePurpose.OAUTH, 600),
        (CodePurpose.HAND_OFF, 60),
        (CodePurpose.ADMIN, 600),
        (CodePurpose.EMAIL, 900),
        (CodePurpose.EMAIL_CHANGE, 900),
    ],
)
def test_each_purpose_has_its_time(settings, database, purpose, seconds):
    issue(purpose)
    with psycopg.connect(database.superuser) as connection:
        left = connection.execute(
            "select extract(epoch from expires_at - now()) from platform.one_time_codes"
        ).fetchone()
    assert seconds - 30 < left[0] <= seconds


def test_the_operators_link_makes_operator_and_workspace_once(settings, database):
    links = {identity.in_platform(identity.admin_link) for _ in range(3)}
    assert len(links) == 3
    with psycopg.connect(database.superuser) as connection:
        operators = connection.execute("select slug from app.tenants where is_operator").fetchall()
        assert operators == [("platform-operator",)]
        assert connection.execute("select role from platform.platform_roles").fetchall() == [("operator",)]
        assert connection.execute("select role from app.memberships").fetchall() == [("owner",)]


def test_two_first_starts_at_once_make_one_operator(settings, database):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: identity.in_platform(identity.admin_link), range(4)))
    with psycopg.connect(database.superuser) as connection:
        assert connection.execute("select count(*) from platform.users").fetchone() == (1,)


def test_two_first_sign_ins_of_one_identity_at_once_make_one_person(settings, database):
    with ThreadPoolExecutor(4) as pool:
        people = set(pool.map(lambda _: arrive("Ann Lee", 1).id, range(4)))
    assert len(people) == 1
    assert len(identity.in_platform(tenancy.list_workspaces, user_id=people.pop())) == 1


def test_two_first_sign_ins_of_one_name_at_once_get_two_addresses(settings):
    with ThreadPoolExecutor(4) as pool:
        people = list(pool.map(lambda number: arrive("Ann", number), range(1, 5)))
    slugs = {identity.in_platform(tenancy.list_workspaces, user_id=person.id)[0].slug for person in people}
    assert len(slugs) == 4
