"""Repo Digest and archives that mean harm."""

import gzip
import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.repositories import packed, rows, tarred, text_of


def expect_refused(run, words):
    assert (run.error.failure_class, run.error.field) == ("input", "file")
    assert words in run.error.message, run.error.message


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\windows\\x", "..\\x", "a\u202eb", "x/" * 80 + "y"]
)
def test_paths_that_lead_out_or_confuse_are_counted_and_not_shown(read, name):
    run = read(packed({name: "secret words", "README.md": "# A\n"}, root=""))
    assert (run.result["refused"], list(rows(run))) == (1, ["README.md"])
    assert "secret words" not in text_of(run)


def test_links_and_devices_are_counted_and_not_followed(read):
    members = []
    for kind, name in (
        (tarfile.SYMTYPE, "link"),
        (tarfile.LNKTYPE, "hard"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
    ):
        info = tarfile.TarInfo(f"repo/{name}")
        info.type, info.linkname = kind, "/etc/passwd"
        members.append(info)
    run = read(tarred({"repo/README.md": "# A\n"}, members=members))
    assert (run.result["refused"], list(rows(run))) == (4, ["README.md"])


def test_a_symlink_in_a_zip_is_not_read_as_a_file(read):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("repo/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("repo/a.py", "x = 1\n")
    run = read(content.getvalue())
    assert (run.result["refused"], list(rows(run))) == (1, ["a.py"])


def test_a_tar_that_unpacks_without_end_is_left(read):
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb", compresslevel=1) as packing:
        info = tarfile.TarInfo("repo/huge.bin")
        info.size = 600 * 1024 * 1024
        packing.write(info.tobuf())
        for _ in range(600):
            packing.write(b"\0" * (1 << 20))
    expect_refused(read(content.getvalue(), check=False), "unpacks to more than 500 MiB")


def test_a_zip_bomb_of_many_files_is_left(read, digest, monkeypatch):
    monkeypatch.setattr(digest.module("repodigest.archive"), "MOST_UNPACKED_BYTES", 20 * 1024 * 1024)
    expect_refused(read(packed({f"{n}.txt": "a" * 4_000_000 for n in range(30)}), check=False), "unpacks to more than")


def test_a_file_that_claims_to_be_small_and_is_not_is_read_at_its_beginning(read):
    run = read(packed({"big.txt": "line\n" * 1_000_000, "README.md": "# A\n"}))
    assert rows(run)["big.txt"]["bytes"] == 5_000_000
    assert not rows(run)["big.txt"]["included"]


def test_more_entries_than_a_repository_has_are_refused(read):
    expect_refused(read(packed({f"{n}": "" for n in range(60_000)}), check=False), "more than 50,000 entries")


def test_a_directory_that_would_fill_the_memory_is_not_read(read):
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, 0x7FFFFFFF, 0, 0)
    expect_refused(read(b"PK\x03\x04" + b"\0" * 100 + end, check=False), "more than 50,000 entries")


@pytest.mark.parametrize("comment", [b"", b"c" * 65_535])
def test_a_second_directory_that_a_large_zip_has_is_not_read(read, comment):
    content = packed({"a.py": "x = 1\n"})
    start, end = content[:-22], content[-22:]
    number, length, at = struct.unpack_from("<H2L", end, 10)
    second = b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, number, number, length, at)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, len(start), 1)
    expect_refused(
        read(start + second + locator + end[:-2] + struct.pack("<H", len(comment)) + comment, check=False), "ZIP64"
    )


def test_a_header_that_would_fill_the_memory_is_not_read(read):
    content = io.BytesIO()
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 300 * 1024 * 1024
    content.write(info.tobuf(tarfile.USTAR_FORMAT))
    content.write(b"\0" * 4096)
    expect_refused(read(content.getvalue(), check=False), "damaged")


def test_headers_of_headers_end(read):
    content = io.BytesIO()
    for _ in range(5_000):
        info = tarfile.TarInfo("x")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 10
        content.write(info.tobuf(tarfile.GNU_FORMAT) + b"a" * 10 + b"\0" * 502)
    expect_refused(read(content.getvalue(), check=False), "damaged")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b"%PDF-1.7", "no archive"), (b"PK\x03\x04broken", "no end"), (b"\x1f\x8b\x08\x00broken", "damaged"),
        (b"7z\xbc\xaf\x27\x1c", "no archive"), (b"\x00" * 2048, "no archive"), (gzip.compress(b"plain text, and no tar", mtime=0), "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_archive_is_the_consumer_s_to_change(read, content, words):
    expect_refused(read(content, check=False), words)


def test_a_password_is_named(read):
    content = bytearray(packed({"a.py": "x = 1\n"}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1
    expect_refused(read(bytes(content), check=False), "password")


def test_a_rare_method_is_named(read):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.py", "x = 1\n")
    expect_refused(read(content.getvalue(), check=False), "method")


def test_an_archive_of_nothing_is_named(read):
    expect_refused(read(packed({}), check=False), "holds no files")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "[" * 100_000), ("package.json", '{"dependencies": 7}'), ("package.json", '{"scripts": []}'), ("pyproject.toml", "a = " + "[" * 50_000),
        ("pyproject.toml", "= = ="), ("pom.xml", "<dependency>" * 50_000), ("go.mod", "require " * 50_000), ("Gemfile", "gem '" * 50_000),
        ("requirements.txt", "a" * 500_000), ("composer.json", "null"), ("Cargo.toml", "[dependencies]\nserde = 1\n[dependencies]"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_a_file_like_others(read, name, text):
    run = read(packed({name: text, "README.md": "# A\n"}))
    assert run.result["files"] == 2


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_archive_is_read_or_refused_with_a_sentence(digest, cuts):
    content = bytearray((digest.folder / "samples/parcels.tar.gz").read_bytes())
    for at, value in cuts:
        content[at % len(content)] = value
    run = digest.run({}, files={"file": bytes(content)})
    assert run.error is None or run.error.failure_class == "input"
