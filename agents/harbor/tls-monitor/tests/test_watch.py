"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from main import watch

from agent_platform.sdk.testing import run_agent

GOOD = {
    "strict-transport-security": "max-age=31536000",
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
LED = (301, {"location": "https://shop.example/"}, "")


def test_a_host_that_does_everything_right_is_in_order():
    replies = {"GET https://shop.example/": (200, GOOD, "hello"), "GET http://shop.example/": LED}
    run = run_agent(watch, {"urls": ["https://shop.example/"]}, replies)
    assert run.error is None
    assert (run.items[0]["state"], run.items[0]["http_to_https"], run.items[0]["hsts_days"]) == ("ok", True, 365)


def test_what_changed_since_the_run_before_is_told():
    replies = {"GET https://shop.example/": (200, GOOD, ""), "GET http://shop.example/": LED}
    before = run_agent(watch, {"urls": ["https://shop.example/"]}, replies)
    replies["GET https://shop.example/"] = 503
    after = run_agent(watch, {"urls": ["https://shop.example/"]}, replies, state=before.state)
    assert "State was ok, is error." in after.items[0]["changes"]
    assert "Status was 200, is 503." in after.items[0]["changes"]


def test_what_is_no_address_is_an_input_error():
    run = run_agent(watch, {"urls": ["ftp://shop.example/"]})
    assert (run.error.failure_class, run.error.field) == ("input", "urls")
