"""Bundles that are right, and what a wrong one is told."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_platform.sdk import _zip
from agent_platform.services import agents
from agent_platform.services.agents._archive import MIB
from agent_platform.services.agents._bundle import packed_bundle
from tests.services.agents.samples import CODE, bundle, manifest, text_of, zip_of
from tests.services.agents.zips import MANIFEST, NOTHING, check, refusal


def stored(content: bytes) -> tuple[agents.Bundle, bytes]:
    with packed_bundle(content) as (found, packed):
        return found, packed.read()


def test_a_bundle_is_stored_under_the_digest_of_its_bytes():
    found, content = stored(bundle({"README.md": "# Hi", "CHANGELOG.md": "1.0.0"}))
    assert hashlib.sha256(content).hexdigest() == found.digest
    assert (found.bytes, found.files, found.readme, found.changelog) == (len(content), 4, "# Hi", "1.0.0")
    assert found.manifest.slug == "site-auditor"
    assert found.manifest_text == MANIFEST


def test_the_sandbox_reads_what_is_stored():
    _, content = stored(bundle({"data/deep/file.bin": bytes(range(256)) * 100, "empty.txt": ""}))
    unpacked = {entry.name: b"".join(_zip.pieces(content, entry)) for entry in _zip.entries(content, 10_000)}
    assert unpacked["data/deep/file.bin"] == bytes(range(256)) * 100
    assert set(unpacked) == {"agent.yaml", "main.py", "data/deep/file.bin", "empty.txt"}


def test_equal_content_has_one_digest_however_it_was_packed():
    files = {"agent.yaml": MANIFEST, "main.py": CODE}
    loose, backwards = check(zip_of(files)), check(zip_of(dict(reversed(files.items()))))
    wrapped = check(zip_of({f"site-auditor/{name}": content for name, content in files.items()}))
    littered = check(
        zip_of({**files, "__MACOSX/._main.py": "x", ".DS_Store": "x", "__pycache__/main.pyc": "x", ".git/HEAD": "x"})
    )
    polyglot = check(b"#!/bin/sh\necho hello\n" + zip_of(files))
    assert len({one.digest for one in (loose, backwards, wrapped, littered, polyglot)}) == 1
    assert check(zip_of({**files, "more.py": ""})).digest != loose.digest


def test_nothing_around_or_beside_the_files_is_stored():
    content = bundle()
    found, packed = stored(b"MZ prefix" + content)
    assert b"MZ prefix" not in packed
    assert found.digest == check(content).digest


def test_texts_are_cut_and_made_storable():
    found = check(bundle({"readme.MD": b"\xef\xbb\xbf# Caf\xe9\0" + b"x" * 600_000}))
    assert found.readme.startswith("# Caf\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}x")
    assert len(found.readme) <= 256 * 1024


def test_a_zip_without_a_manifest_says_where_it_looked():
    assert refusal(zip_of({"main.py": CODE})) == (
        "The zip holds no agent.yaml at its top. Pack the folder that holds agent.yaml." + NOTHING
    )
    assert refusal(zip_of({"a/b/agent.yaml": MANIFEST, "main.py": CODE})) == (
        'The zip holds no agent.yaml at its top. It does hold "a/b/agent.yaml". Pack the folder that holds agent.yaml.'
        + NOTHING
    )
    assert 'It does hold "agent.yml".' in refusal(zip_of({"agent.yml": MANIFEST, "main.py": CODE}))
    assert refusal(zip_of({})).startswith("The zip holds no agent.yaml at its top.")


@pytest.mark.parametrize(
    ("files", "path", "sentence"),
    [
        (
            {"agent.yaml": MANIFEST},
            "source.entry",
            "The zip holds no main.py; add the file, or name the module that holds the function.",
        ),
        (
            {"agent.yaml": b"\xff\xfe\x00", "main.py": CODE},
            "agent.yaml",
            "The file is not UTF-8 text; save it as UTF-8.",
        ),
        (
            {"agent.yaml": "a: " + "x" * 300_000, "main.py": CODE},
            "agent.yaml",
            "The file has more than 256 KiB; make it shorter.",
        ),
        (
            {
                "agent.yaml": text_of(manifest(resources={"disk_mb": 16})),
                "main.py": CODE,
                "noise": hashlib.shake_128(b"n").digest(20 * MIB),
            },
            "resources.disk_mb",
            "The bundle unpacks to 22 MB; raise disk_mb to at least that.",
        ),
    ],
)
def test_a_manifest_that_does_not_fit_its_bundle_is_refused(files, path, sentence):
    with pytest.raises(agents.ManifestInvalid) as refused:
        check(zip_of(files))
    (problem,) = refused.value.errors
    assert (problem.path, problem.message) == (path, sentence)


def test_a_package_can_be_the_entry():
    assert check(zip_of({"agent.yaml": text_of(manifest(source__entry="tool.cli:run")), "tool/cli/__init__.py": CODE}))


@pytest.mark.sec
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.data())
def test_any_damage_is_a_refusal_or_the_same_content(data):
    content = bytearray(bundle({"README.md": "# Hi"}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = check(bytes(content))
    except (agents.BundleRefused, agents.BundleTooLarge, agents.ManifestInvalid):
        return
    assert found.manifest.slug == "site-auditor"
