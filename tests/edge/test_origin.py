import pytest

from agent_platform.edge.origin import is_own_origin, needs_origin, same_origin

pytestmark = pytest.mark.usefixtures("settings")


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:3000", "localhost:3000", True),
        ("HTTP://LocalHost:3000", "localhost:3000", True),
        ("http://localhost", "localhost:80", True),
        ("http://localhost:3000", "localhost:3001", False),
        ("https://localhost:3000", "localhost:3000", False),
        ("http://localhost:3000/", "localhost:3000", False),
        ("http://a.localhost:3000", "localhost:3000", False),
        ("http://localhost:3000@evil.example", "localhost:3000", False),
        ("http://localhost:3000.evil.example", "localhost:3000", False),
        ("file://", "localhost:3000", False),
        ("http://[", "localhost:3000", False),
        ("null", "null", False),
        ("", "", False),
        (None, "localhost:3000", False),
    ],
)
def test_an_origin_is_own_only_if_scheme_name_and_port_agree(origin, host, own):
    assert is_own_origin(origin, host) is own
    assert same_origin(origin, {"HTTP_HOST": host}) is own


@pytest.mark.parametrize("path", ["/v1/runs", "/hooks/x", "/stripe", "/sandbox/payments/v1/charges", "/mcp"])
def test_machine_routes_are_exempt(path):
    assert not needs_origin("POST", path)


@pytest.mark.parametrize("path", ["/v1x", "/auth/sign-out", "/_upload", "/sandbox/mail", "/hooked", "//v1/x"])
def test_everything_else_that_writes_needs_its_origin(path):
    assert needs_origin("POST", path)
    assert not needs_origin("GET", path)
