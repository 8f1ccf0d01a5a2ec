"""Pictures of people over HTTP: sent by themselves, served as nothing but a picture."""

import io

import pytest
from PIL import Image
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import people
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.services import identity
from tests.api.site.test_storefronts import picture
from tests.doubles.browser import Browser
from tests.doubles.people import arrive, enrol, found, inside

BASE, ACME = "http://localhost:3000", "http://acme.localhost:3000"


@pytest.fixture
async def browser(settings, tmp_path):
    opened = Browser(Edge(Starlette(routes=api.guarded(people.routes())), get_settings(), tmp_path), BASE)
    yield opened
    await opened.close()


@pytest.fixture
def ann(settings):
    return arrive("Ann Lee", 1)


def enter(browser, person, host="localhost"):
    where = identity.Browser(host, "", "")
    token = identity.in_platform(identity.open_session, user_id=person.id, browser=where)
    browser.cookies.setdefault(host, {})["ap_sid"] = token


async def send(browser, content, base=BASE, **more):
    cookies = browser.cookies.get(base.partition("//")[2].partition(":")[0], {})
    headers = {"origin": base, "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} | more
    sent = {"file": ("me.svg", content, "image/svg+xml")}
    return await browser._inside.post(f"{base}/people/picture", files=sent, headers=headers)


async def test_what_is_sent_is_drawn_anew_and_served_as_nothing_but_a_picture(browser, ann):
    enter(browser, ann)
    assert (await send(browser, picture() + b"<script>alert(1)</script>")).status_code == 201
    shown = await browser.get(f"/people/{ann.id}/picture")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("inline")
    assert b"<script>" not in shown.content
    assert max(Image.open(io.BytesIO(shown.content)).size) == 256


@pytest.mark.sec
async def test_members_see_it_on_their_host_and_strangers_nowhere(browser, ann):
    bob = arrive("Bob", 2)
    acme = found(ann, "acme")
    identity.in_platform(identity.set_avatar, user_id=ann.id, content=picture())
    path = f"/people/{ann.id}/picture"
    assert (await browser.get(path)).status_code == 401
    enter(browser, bob)
    enter(browser, bob, "acme.localhost")
    assert [(await browser.get(f"{base}{path}")).status_code for base in (BASE, ACME)] == [404, 404]
    inside(acme, enrol, person=bob, role="viewer")
    enter(browser, bob, "acme.localhost")
    assert [(await browser.get(f"{base}{path}")).status_code for base in (BASE, ACME)] == [404, 200]
    assert (await browser.get("/people/nobody/picture")).status_code == 404


@pytest.mark.parametrize(("content", "status"), [(b"<svg/>", 422), (b"\0" * 1_048_577, 413)])
async def test_what_is_no_picture_is_refused(browser, ann, content, status):
    enter(browser, ann)
    assert (await send(browser, content)).status_code == status


@pytest.mark.sec
async def test_another_site_changes_no_picture(browser, ann):
    enter(browser, ann)
    assert (await send(browser, picture(), origin="http://evil.localhost:3000")).status_code == 403
    assert (await browser.get(f"/people/{ann.id}/picture")).status_code == 404
