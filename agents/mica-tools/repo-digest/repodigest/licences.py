"""Which licence a text is, by its own words. Source of the names: SPDX licence list."""

import json
import re

SIGNS = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
    ("GNU LIBRARY GENERAL PUBLIC LICENSE", "LGPL"),
    ("GNU GENERAL PUBLIC LICENSE VERSION 2", "GPL-2.0"),
    ("GNU GENERAL PUBLIC LICENSE", "GPL-3.0"),
    ("APACHE LICENSE VERSION 2.0", "Apache-2.0"),
    ("MOZILLA PUBLIC LICENSE VERSION 2.0", "MPL-2.0"),
    ("ECLIPSE PUBLIC LICENSE", "EPL-2.0"),
    ("BOOST SOFTWARE LICENSE", "BSL-1.0"),
    ("BUSINESS SOURCE LICENSE", "BUSL-1.1"),
    ("THIS IS FREE AND UNENCUMBERED SOFTWARE", "Unlicense"),
    ("CREATIVE COMMONS ZERO", "CC0-1.0"),
    ("PERMISSION IS HEREBY GRANTED, FREE OF CHARGE, TO ANY PERSON OBTAINING A COPY", "MIT"),
    ("PERMISSION TO USE, COPY, MODIFY, AND/OR DISTRIBUTE THIS SOFTWARE FOR ANY PURPOSE", "ISC"),
    ("REDISTRIBUTION AND USE IN SOURCE AND BINARY FORMS", "BSD-2-Clause"),
)
THIRD_CLAUSE = "NEITHER THE NAME OF"
FILE = re.compile(r"(?:^|/)(?:licen[cs]e|copying|unlicense)(?:[.-][a-z0-9.-]{1,20})?$", re.IGNORECASE)
TOML_LINE = re.compile(r"^license\s*=\s*(?:\{\s*text\s*=\s*)?[\"']([^\"'\n]{1,60})[\"']", re.MULTILINE)


def is_licence_file(path: str) -> bool:
    """At the top, or one folder below it: deeper ones speak of something else."""
    return path.count("/") <= 1 and FILE.search(path) is not None


def licence_of(text: str) -> str:
    """An SPDX name, or "other" for a licence in other words. The first named is meant: texts name other licences further down."""
    plain = " ".join(text[:20_000].upper().split()).replace(", VERSION", " VERSION")
    found = [(at, name) for sign, name in SIGNS if (at := plain.find(sign)) >= 0]
    _, licence = min(found, key=lambda one: one[0], default=(0, "other"))  # of signs at one place the longer, which stands first
    return "BSD-3-Clause" if licence == "BSD-2-Clause" and THIRD_CLAUSE in plain else licence


def declared_licence(path: str, text: str) -> str:
    """What package.json, pyproject.toml or Cargo.toml say."""
    name = path.rpartition("/")[2].lower()
    if name in {"pyproject.toml", "cargo.toml"}:
        found = TOML_LINE.search(text[:100_000])
        return found[1] if found else ""
    if name == "package.json":
        try:
            said = json.loads(text).get("license")
        except (ValueError, AttributeError, RecursionError):
            return ""
        return said[:60] if isinstance(said, str) else ""
    return ""
