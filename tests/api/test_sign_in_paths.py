import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.api._entry import safe_path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/runs",
        "/runs/run_1?tab=log",
        "/agents/a/b",
        "/auth/switch?to=acme&next=%2Fruns",
        "/a%20b",
        "/search?q=%3Cb%3E",
    ],
)
def test_a_path_of_this_host_stays(path):
    assert safe_path(path) == path


@pytest.mark.sec
@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "runs",
        "//evil.example",
        "///evil.example",
        "////evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "http://evil.example",
        "https:evil.example",
        "https:///evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http:/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "//[::1",
        "/" + "x" * 2_000,
        "/\x00",
        "/\x7f",
    ],
)
def test_anything_else_becomes_the_start_page(text):
    assert safe_path(text) == "/"


@pytest.mark.sec
@pytest.mark.parametrize(
    "path", ["/x#//evil.example", "/é", "/\u3002evil.example", "/?next=//evil.example", "/@evil.example"]
)
def test_what_stays_is_rebuilt_in_plain_ascii_without_a_fragment(path):
    rebuilt = safe_path(path)
    assert rebuilt.isascii()
    assert "#" not in rebuilt
    assert rebuilt.startswith("/")


@pytest.mark.sec
@given(st.text(alphabet="/\\:@.?#%&;\t\r\n ahtps0", max_size=20))
def test_no_text_leads_away(text):
    path = safe_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert not set(path) & set("\\\r\n\t #")
    assert safe_path(path) == path
