"""Our small readers agree with the standard library's, and refuse what must be refused."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform import sdk
from agent_platform.sdk import AgentError, _zip
from agent_platform.sdk._bundle import sha256, unpack
from agent_platform.sdk._json import _by_c_functions, _by_the_package

PAIRS = [_by_c_functions(), _by_the_package()]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
DEAR = {"re", "json", "enum", "threading", "socket", "ssl", "http", "urllib", "logging", "typing", "zipfile", "hashlib"}


@pytest.mark.parametrize(("encode", "parse"), PAIRS, ids=["c", "package"])
@given(value=JSON)
def test_json_goes_round(encode, parse, value) -> None:
    text = encode(value)
    assert parse(text) == value == json.loads(text)
    assert parse(f" \n{text}\t".encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(("encode", "parse"), PAIRS, ids=["c", "package"])
def test_both_kinds_of_json_refuse_the_same(encode, parse) -> None:
    for text in ("", "{", "{} {}", '{"a":}', "nul", b"\xff"):
        with pytest.raises(ValueError, match=r".*"):
            parse(text)
    circular: list = []
    circular.append(circular)
    for value in (float("nan"), float("inf"), circular):
        with pytest.raises(ValueError, match=r".*"):
            encode(value)
    with pytest.raises(TypeError, match="set"):
        encode({"a": {1}})
    assert encode({1: "é", None: 2.5}) == '{"1":"é","null":2.5}'


@given(files=st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.py", fullmatch=True), st.binary(), max_size=5))
def test_a_zip_reads_as_the_standard_library_reads_it(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    content = buffer.getvalue()
    assert {entry.name: b"".join(_zip.pieces(content, entry)) for entry in _zip.entries(content, 100)} == files


@pytest.mark.sec
@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_zip_is_refused_or_read_never_a_crash(at: int, value: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.py", "def go(run):\n    return 1\n" * 20)
    content = bytearray(buffer.getvalue())
    content[at % len(content)] = value
    try:
        for entry in _zip.entries(bytes(content), 100):
            for _ in _zip.pieces(bytes(content), entry):
                pass
    except _zip.BadZip:
        pass


@pytest.mark.sec
def test_a_file_larger_than_its_directory_entry_says_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10_000_000))
    content = buffer.getvalue().replace((10_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (entry,) = _zip.entries(content, 10)
    with pytest.raises(_zip.BadZip, match="not what the directory says"):
        list(_zip.pieces(content, entry))


@pytest.mark.sec
def test_too_many_entries_and_other_packings_are_refused(tmp_path: Path) -> None:
    for method, count, says in ((zipfile.ZIP_STORED, 10_001, "at most 10,000"), (zipfile.ZIP_BZIP2, 1, "use deflate")):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for number in range(count):
                archive.writestr(f"{number}.py", "x")
        content = buffer.getvalue()
        with pytest.raises(AgentError, match=says):
            unpack(content, sha256(content).hexdigest(), str(tmp_path))


def test_a_sandbox_does_not_pay_for_modules_it_may_never_use() -> None:
    code = (
        "import sys; before = set(sys.modules); import agent_platform.sdk.runner; print(*(set(sys.modules) - before))"
    )
    path = str(Path(sdk.__path__[0]).parents[1])
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({path!r}); {code}"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "agent_platform.sdk.runner" in imported
    assert not DEAR & set(imported)
