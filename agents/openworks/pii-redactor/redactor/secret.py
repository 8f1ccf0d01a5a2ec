"""Detectors for passwords in addresses and for keys that their makers mark with a prefix."""

import re
from collections.abc import Iterator

from redactor.candidate import Candidate, Near

ADDRESS_WITH_PASSWORD = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://([^\s/:@\"'<>,;|]{0,128}:[^\s/@\"'<>,;|]{1,256})@", re.IGNORECASE
)
KEYS = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"A(?:KIA|SIA)[A-Z2-7]{16}"  # Amazon Web Services
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}"  # GitHub
    r"|glpat-[A-Za-z0-9_-]{20,}"  # GitLab
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}"  # Slack
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}"  # Stripe
    r"|AIza[A-Za-z0-9_-]{35}"  # Google
    r"|sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{20,}"  # model providers
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"  # SendGrid
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{32,}"  # package registries
    r"|hf_[A-Za-z0-9]{30,}|dop_v1_[a-f0-9]{64}"  # Hugging Face, DigitalOcean
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # JSON Web Token
    r")(?![A-Za-z0-9_])"
)
PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]{0,20}PRIVATE KEY)-----[A-Za-z0-9+/=\s:,\\-]{1,12000}?-----END \1-----")


def find_url_credentials(text: str, _near: Near) -> Iterator[Candidate]:
    for found in ADDRESS_WITH_PASSWORD.finditer(text):
        yield Candidate(found.start(1), found.end(1), "url_credentials", 0.97)


def find_api_keys(text: str, _near: Near) -> Iterator[Candidate]:
    for pattern in (KEYS, PRIVATE_KEY):
        for found in pattern.finditer(text):
            yield Candidate(found.start(), found.end(), "api_key", 0.97)
