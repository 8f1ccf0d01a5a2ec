import io
import json
import logging

import pytest
import structlog

from agent_platform.core.log import configure_logs, redact
from agent_platform.core.money import parse_usd

TOKEN = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"
KEY = "apk_0123456789abcdefghijABCDEFGHIJ012345"


@pytest.fixture
def written():
    """What the loggers of the block wrote; the loggers of other tests are as before afterwards."""
    root, factory, before = logging.getLogger(), logging.getLogRecordFactory(), structlog.get_config()
    level = root.level
    stream = io.StringIO()
    configure_logs(as_json=True, stream=stream)
    ours = root.handlers[0]
    yield stream.getvalue
    root.removeHandler(ours)
    root.setLevel(level)
    logging.setLogRecordFactory(factory)
    structlog.configure(**before)


@pytest.mark.parametrize(
    "text",
    [
        f"Cookie: ap_sid={TOKEN}; theme=dark",
        f"{{'cookie': '__Host-sid={TOKEN}', 'host': 'x'}}",
        f"(b'cookie', b'ap_sid={TOKEN}')",
        f'"authorization": "Bearer {TOKEN}"',
        f"Authorization: Basic {TOKEN}",
        f"GET /auth/finish?code={TOKEN}&next=/ HTTP/1.1",
        f"GET /auth/github/callback?state={TOKEN}",
        f"GET /invite/{TOKEN} 200",
        f"key={TOKEN[:3]} apk_{TOKEN}",
        f"apr_{TOKEN}",
        f"whsec_{TOKEN}",
        f"postgresql://ap_app:{TOKEN}@127.0.0.1/x",
    ],
)
def test_secrets_do_not_reach_the_log(text):
    assert TOKEN not in redact(text)


@pytest.mark.parametrize(
    "text", ["run_0192 started", "GET /agents?q=mail 200", "3 of 4 done at 10:20", "apple_pie is no key"]
)
def test_other_words_stay(text):
    assert redact(text) == text


def test_records_of_every_logger_are_redacted_with_their_tracebacks(written):
    try:
        raise ValueError(f"cookie: ap_sid={TOKEN}")
    except ValueError:
        logging.getLogger("somebody.else").exception("failed with %s", KEY)
    said = written()
    assert "somebody.else" in said
    assert "Traceback" in said
    assert TOKEN not in said
    assert KEY not in said


def test_structured_fields_are_redacted_at_any_depth(written):
    structlog.get_logger("ours").warning(
        "odd", token=TOKEN, url=f"/x?code={TOKEN}", inner={"password": TOKEN, "n": [KEY]}
    )
    said = written()
    assert "odd" in said
    assert TOKEN not in said
    assert KEY not in said


def test_the_framework_s_words_about_an_event_are_cut(written):
    tab = "9b2f1c1e-7f0a-4c8e-9a41-0a4b6d0c7a11"
    logging.getLogger("reflex.app").warning("Failed for %s: Event(name='x', payload={'a': 'typed'})", tab)
    logging.getLogger("reflex.event").warning(
        "Error transforming event argument 'a' with value 'typed' and type hint 'int'"
    )
    said = written()
    assert "type hint" in said
    assert tab not in said
    assert "typed" not in said.replace("type hint", "")


def noted(logger, act):
    try:
        act()
    except Exception:
        logging.getLogger(logger).exception("message async handler error")


def test_what_a_stranger_sent_to_a_socket_is_one_line_and_what_we_did_is_not(written):
    noted("engineio.server", lambda: json.loads("{"))
    noted("engineio.server", lambda: parse_usd("much"))
    noted("engineio.server", lambda: {}["x"])
    noted("other", lambda: json.loads("{"))
    lines = written().splitlines()
    assert ["Traceback" in line for line in lines] == [False, True, True, True]
    assert "JSONDecodeError" in lines[0]
