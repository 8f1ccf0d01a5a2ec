import pytest

from agent_platform.core import mail
from agent_platform.core.ids import digest
from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from tests.doubles.people import arrive, found, inside

BOB = "bob@example.com"


@pytest.fixture
def invitation(settings):
    ann = arrive("Ann Lee", 1)
    acme = found(ann, "acme")
    return "/invite/" + inside(acme, tenancy.invite, email="bob@example.com", role="member", by=ann.id)


@pytest.fixture
def signed_in(open_browser):
    def signed_in(person):
        browser = open_browser()
        where = identity.Browser("localhost", "", "")
        browser.cookies["localhost"] = {
            "ap_sid": identity.in_platform(identity.open_session, user_id=person.id, browser=where)
        }
        return browser

    return signed_in


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(invitation, open_browser):
    asked = await open_browser().get(invitation)
    assert asked.headers["location"] == f"/sign-in?next={invitation.replace('/', '%2F')}"


async def test_looking_changes_nothing_and_the_button_joins_once(invitation, signed_in):
    bob = arrive("Bob", 2, email=BOB)
    browser = signed_in(bob)
    page = await browser.get(invitation)
    assert page.status_code == 200
    assert "Join Acme" in page.text
    assert "Bob" in page.text
    assert len(identity.in_platform(tenancy.list_workspaces, user_id=bob.id)) == 1
    joined = await browser.post(invitation)
    assert "/auth/switch?to=acme" in joined.text
    await browser.follow(await browser.get("/auth/switch?to=acme"))
    token = browser.cookie("ap_sid", "acme.localhost")
    there = identity.in_platform(identity.find_caller, token_hash=digest(token), host="acme.localhost")
    assert there.role == "member"
    eve = signed_in(arrive("Eve", 3))
    assert (await eve.post(invitation)).status_code == 404
    refused = await eve.get(invitation, accept="text/html")
    assert refused.status_code == 404
    assert "Your workspace" in refused.text
    assert "Sign in" not in refused.text


@pytest.mark.sec
async def test_accepting_needs_a_session_and_a_form_of_this_site(invitation, signed_in, open_browser):
    assert (await open_browser().post(invitation)).status_code == 401
    bob = signed_in(arrive("Bob", 2))
    assert (await bob.post(invitation, origin="http://acme.localhost:3000")).status_code == 403


@pytest.mark.sec
async def test_an_invented_code_reads_like_a_used_one_and_is_counted(open_browser, settings):
    browser = open_browser()
    answers = [await browser.get("/invite/" + "x" * 43) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    assert (await open_browser().get("/invite/short")).status_code in {404, 429}


async def test_on_a_workspaces_host_the_link_leads_to_the_auth_host(invitation, open_browser):
    answer = await open_browser().get(f"http://acme.localhost:3000{invitation}")
    assert answer.headers["location"] == get_settings().base_url + invitation


@pytest.mark.sec
async def test_names_of_workspaces_are_text_not_markup(settings, signed_in):
    ann = arrive("Ann <script>", 1)
    acme = found(ann, "acme")
    inside(acme, tenancy.rename, name="<img src=x onerror=alert(1)>", by=ann.id)
    code = inside(acme, tenancy.invite, email="bob@example.com", role="member", by=ann.id)
    page = await signed_in(arrive("<b>Bob", 2, email=BOB)).get(f"/invite/{code}")
    assert "<img" not in page.text
    assert "<b>Bob" not in page.text
    outbox = await signed_in(ann).get("/sandbox/mail")
    assert "<img" not in outbox.text
    assert "&lt;img" in outbox.text
    assert len(mail.list_kept(settings)) == 1


@pytest.mark.sec
async def test_the_link_of_somebody_else_says_whose_it_might_be_and_opens_nothing(invitation, signed_in):
    mallory = arrive("Mallory", 2, email="mallory@example.com")
    browser = signed_in(mallory)
    for answer in (await browser.get(invitation), await browser.post(invitation)):
        assert answer.status_code == 403
        assert "This invitation is for b" in answer.text
        assert BOB not in answer.text
    assert len(identity.in_platform(tenancy.list_workspaces, user_id=mallory.id)) == 1
