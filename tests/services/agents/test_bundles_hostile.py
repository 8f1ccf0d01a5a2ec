"""A corpus of attacks that are refused with a sentence."""

import hashlib
import io
import stat
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable

import pytest

from agent_platform.services import agents
from agent_platform.services.agents._archive import MIB
from tests.services.agents.samples import CODE, bundle, zip_of
from tests.services.agents.zips import MANIFEST, NOTHING, refusal


def with_entry(name: str, content: bytes = b"x", *, mode: int | None = None, change: Callable | None = None) -> bytes:
    """The good bundle with one entry more."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("agent.yaml", MANIFEST)
        packed.writestr("main.py", CODE)
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = name
        if mode is not None:
            info.create_system = 3
            info.external_attr = mode << 16
        if change:
            change(info)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a name that occurs twice
            packed.writestr(info, content)
    return target.getvalue()


TRAVERSAL = "leads out of the folder of agent.yaml. Rename it and pack again." + NOTHING
RELATIVE = "is not relative to the folder of agent.yaml. Rename it and pack again." + NOTHING
RESERVED = "is a name that some systems reserve. Rename it and pack again." + NOTHING


@pytest.mark.sec
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../evil.py", f'The name "../evil.py" {TRAVERSAL}'),
        ("a/../../evil.py", f'The name "a/../../evil.py" {TRAVERSAL}'),
        ("a/./b.py", f'The name "a/./b.py" {TRAVERSAL}'),
        ("a//b.py", f'The name "a//b.py" {TRAVERSAL}'),
        ("..", f'The name ".." {TRAVERSAL}'),
        ("../", f'The name "../" {TRAVERSAL}'),
        ("/etc/cron.d/evil", f'The name "/etc/cron.d/evil" {RELATIVE}'),
        ("C:/windows/evil.py", f'The name "C:/windows/evil.py" {RELATIVE}'),
        ("c:evil.py", f'The name "c:evil.py" {RELATIVE}'),
        ("file:stream", f'The name "file:stream" {RELATIVE}'),
        (
            "a\\..\\evil.py",
            'The name "a\\..\\evil.py" holds a backslash; separate folders with /. Rename it and pack again.' + NOTHING,
        ),
        (
            "evil\0.py",
            'The name "evil\N{REPLACEMENT CHARACTER}.py" holds invisible characters. Rename it and pack again.'
            + NOTHING,
        ),
        (
            "evil\n.py",
            'The name "evil\N{REPLACEMENT CHARACTER}.py" holds invisible characters. Rename it and pack again.'
            + NOTHING,
        ),
        (
            "evil\u202e.py",
            'The name "evil\N{REPLACEMENT CHARACTER}.py" holds invisible characters. Rename it and pack again.'
            + NOTHING,
        ),
        ("con.py", f'The name "con.py" {RESERVED}'),
        ("lib/NUL", f'The name "lib/NUL" {RESERVED}'),
        ("LPT1.txt", f'The name "LPT1.txt" {RESERVED}'),
        ("trailing.", f'The name "trailing." {RESERVED}'),
        ("trailing ", f'The name "trailing " {RESERVED}'),
        ("MAIN.py", '"main.py" and "MAIN.py" would be the same file. Rename one.' + NOTHING),
        ("main.py", '"main.py" and "main.py" would be the same file. Rename one.' + NOTHING),
        ("main.py/x", '"main.py" and "main.py" would be the same file. Rename one.' + NOTHING),
        (
            "a" * 241,
            f'The name "{"a" * 77}..." is longer than 240 bytes or deeper than 20 folders. Rename it and pack again.'
            + NOTHING,
        ),
        (
            "d/" * 20 + "x",
            f'The name "{"d/" * 20}x" is longer than 240 bytes or deeper than 20 folders. Rename it and pack again.'
            + NOTHING,
        ),
    ],
)
def test_a_dangerous_name_is_refused(name, sentence):
    assert refusal(with_entry(name)) == sentence


@pytest.mark.sec
@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind):
    assert refusal(with_entry("evil", b"/etc/passwd", mode=kind | 0o777)) == (
        '"evil" is a link or device. Only files and folders are allowed: pack the file itself.' + NOTHING
    )


@pytest.mark.sec
def test_an_encrypted_entry_is_refused():
    content = bytearray(with_entry("secret.py"))
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(bytes(content)) == '"secret.py" is encrypted. Pack the zip without a password.' + NOTHING


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method):
    def change(info):
        info.compress_type = method

    assert refusal(with_entry("more.py", change=change)) == (
        '"more.py" is packed in an unusual way. Pack the zip with ordinary compression.' + NOTHING
    )


@pytest.mark.sec
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"hello",
        b"PK\x03\x04" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" * 50,
        b"%PDF-1.7",
        b"\x1f\x8b\x08" + b"\0" * 50,
    ],
)
def test_what_is_no_zip_is_said_to_be_none(content):
    assert refusal(content) == "This is not a zip. Pack the folder that holds agent.yaml as a zip." + NOTHING


@pytest.mark.sec
def test_a_bomb_is_refused_by_what_it_really_unpacks_to():
    assert refusal(bundle({"zeros.bin": b"\0" * (20 * MIB)})) == (
        "The zip unpacks to more than 100 times its size, like a bomb. Leave out what is only repeated." + NOTHING
    )


@pytest.mark.sec
def test_a_bomb_that_lies_about_its_size_is_refused_too():
    content = bytearray(bundle({"zeros.bin": b"\0" * (20 * MIB)}))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)  # the size that its directory claims
    assert "Nothing was stored." in refusal(bytes(content))


@pytest.mark.sec
def test_entries_that_share_their_bytes_are_counted_each_time():
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("agent.yaml", MANIFEST)
        packed.writestr("main.py", CODE)
        packed.writestr("a", b"\0" * MIB)
    content = one.getvalue()
    at, end = content.rfind(b"PK\x01\x02"), content.rfind(b"PK\x05\x06")
    record = content[at:end]
    records = b"".join(record[:46] + bytes([letter]) + record[47:] for letter in b"abcdefghij")
    head = content[:at]
    first = content.find(b"PK\x01\x02")
    size = len(head) - first + len(records)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 12, 12, size, first, 0)
    assert "Nothing was stored." in refusal(head + records + tail)


@pytest.mark.sec
def test_too_many_entries_are_refused_before_they_are_listed():
    files = {f"f{number}": "" for number in range(10_001)}
    assert refusal(zip_of(files)) == "The zip has more than 10,000 entries, or is in the ZIP64 format." + NOTHING


@pytest.mark.sec
def test_a_directory_of_a_million_names_costs_no_memory():
    record = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = record * 1_000_000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5, 5, len(directory), 0, 0)
    stream = io.BytesIO(directory + tail)
    tracemalloc.start()
    with pytest.raises(agents.BundleTooLarge):
        agents.check_bundle(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * MIB


@pytest.mark.sec
def test_a_large_file_is_packed_without_holding_it_in_memory():
    noise = hashlib.shake_128(b"noise").digest(24 * MIB)
    content = bundle({"noise.bin": noise})
    stream = io.BytesIO(content)
    tracemalloc.start()
    agents.check_bundle(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * MIB


@pytest.mark.sec
def test_more_than_100_mib_are_refused_unread():
    class Endless(io.BytesIO):
        def seek(self, *where):
            return 100 * MIB + 1

        def read(self, *_):
            raise AssertionError("it was read")

    with pytest.raises(agents.BundleTooLarge, match="The zip is larger than 100 MiB"):
        agents.check_bundle(Endless())


@pytest.mark.sec
def test_a_damaged_entry_is_named():
    content = bytearray(bundle({"more.py": "x = 1\n" * 200}))
    at = content.find(b"more.py") + len("more.py")
    content[at + 5 : at + 15] = b"\xff" * 10
    assert refusal(bytes(content)) == 'The zip is damaged: "more.py" cannot be unpacked. Pack it again.' + NOTHING


@pytest.mark.sec
def test_a_truncated_zip_is_refused():
    content = bundle()
    for cut in range(0, len(content), 97):
        assert refusal(content[:cut]).endswith(NOTHING)
