import pytest

pytestmark = pytest.mark.sec
TYPED = "a-word-only-the-person-typed"


async def test_a_known_error_is_shown_in_its_own_words(visit, world):
    tab = await visit().open_tab()
    await tab.call("refuse")
    notice = await tab.told("This run has finished")
    assert notice["title"] == "This run has finished. Nothing was charged; start another."
    assert notice["level"] == "error"


async def test_an_unknown_error_is_shown_as_a_reference_and_logged(visit, world, server):
    tab = await visit("acme.localhost", world.owner).open_tab()
    await tab.call("break_down", typed="division")
    notice = await tab.told("Something failed on our side")
    assert notice["note"] == f"Nothing was charged by this click. Reference {notice['id']}."
    assert "division" not in str(notice)
    log = server.log.read_text()
    assert notice["id"] in log
    assert "ZeroDivisionError" in log


async def test_a_page_that_is_opened_again_does_not_repeat_old_sentences(visit, world):
    visitor = visit()
    tab = await visitor.open_tab()
    await tab.call("speak")
    assert (await tab.told("Saved."))["note"] == "All of it."
    await tab.socket.close()
    again = await visitor.open_tab(token=tab.token)
    assert again.notices == []


async def test_no_log_holds_a_cookie_a_tab_or_what_was_typed_into_an_unknown_event(visit, world, server):
    visitor = visit("acme.localhost", world.owner)
    tab = await visitor.open_tab()
    await tab.send("no.such.handler", typed=TYPED)
    await tab.call("open_door", unknown_argument=TYPED)
    await tab.call("break_down", typed="division")
    await tab.told("Something failed")
    await tab.socket.send_str(f'42/_event,["event","{TYPED}"]')
    other = await visit().open_tab()
    await other.settled()
    log = server.log.read_text()
    assert "Error processing event queue entry" in log
    token = visitor.cookie.partition("=")[2]
    assert [secret for secret in (token, tab.token, TYPED) if secret in log] == []
