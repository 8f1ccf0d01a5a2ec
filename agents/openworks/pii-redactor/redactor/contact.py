"""Detectors for e-mail addresses, telephone numbers, network addresses and dates of birth."""

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from redactor.candidate import Candidate, Near
from redactor.countries import has_calling_code

AT_DOMAIN = re.compile(r"@(?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24})(?![\w@-])")
LOCAL_PART = re.compile(r"[\w.+%!#&*=?^{}~'-]{1,64}$")
INSIDE_ADDRESS = re.compile(r"://[^\s/@]*$")
NO_DOMAINS = frozenset("png jpg jpeg gif svg webp css js ts py json html md txt pdf zip".split())

BLANKS = " \u00a0().\\-/"
INTERNATIONAL = re.compile(rf"(?<![\w+.])(\+|00)([1-9](?:[{BLANKS}]{{0,2}}\d){{6,14}})(?![\d\w])")
NORTH_AMERICAN = re.compile(
    r"(?<![\w.+-])(?:1[ .-])?(?:\(([2-9]\d{2})\) ?|([2-9]\d{2})[ .-])[2-9]\d{2}[.-]\d{4}(?![\w-])"
)
NATIONAL = re.compile(rf"(?<![\w+.])\(?0\d(?:[{BLANKS}]{{0,2}}\d){{6,11}}(?![\w-])")
PLAIN_NUMBER = re.compile(rf"(?<![\w+.])\d(?:[{BLANKS}]{{0,2}}\d){{6,13}}(?![\w-])")
PHONE_WORDS = re.compile(
    r"(?<![a-z])(?:tel|telephone|telefon|telefono|téléphone|phone|phone number|mobile|mobil|cell|handy|fax|whatsapp|call(?: me)?(?: on| at)?)"
    r"(?![a-z])[ :.#=]*(?:\(?\w{0,4}\)?[ :.]*)?$"
)
PHONE_COLUMN = re.compile(
    r"^(?:[a-z]+ )?(?:tel|telephone|telefon|phone|mobile|mobil|cell|fax|handy)(?: (?:no|nr|number))?$"
)

IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])", re.IGNORECASE
)
VERSION_WORDS = re.compile(r"(?:version|ver|release|build|firmware|v)[ :.=]*$")

BIRTH_WORDS = re.compile(
    r"(?<![a-z])(?:born|birth|birthdate|birthday|date of birth|dob|geboren|geburtsdatum|geb|né|née|naissance|fecha de nacimiento|nacido|"
    r"nacida|nato|nata|nascita|geboortedatum)(?![a-z])[^\d]{0,20}$"
)
DATES = re.compile(
    r"(?<![\d.-])(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4})|"
    r"(?P<day>\d{1,2})\.? (?P<name>[a-zä]{3,9})\.?,? (?P<y2>\d{4})|(?P<name2>[a-zä]{3,9})\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?,? (?P<y3>\d{4}))(?!\d)",
    re.IGNORECASE,
)
MONTH_STARTS = ("jan", "feb", "mar mär", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez")


def find_emails(text: str, _near: Near) -> Iterator[Candidate]:
    for found in AT_DOMAIN.finditer(text):
        at = found.start()
        before = text[max(0, at - 64) : at]
        local = LOCAL_PART.search(before)
        if not local or found[1].lower() in NO_DOMAINS or INSIDE_ADDRESS.search(text[max(0, at - 256) : at]):
            continue
        name = local.group().lstrip(".'=*&#?!")
        if not name or (name == "git" and text[found.end() : found.end() + 1] == ":"):
            continue
        yield Candidate(at - len(name), found.end(), "email", 0.95)


def find_phones(text: str, near: Near) -> Iterator[Candidate]:
    for found in INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", found[2])
        said = _phone_said(near(found.start()))
        if _is_international(digits) and (said or (found[1] == "+" and len(digits) >= 10)):
            yield Candidate(found.start(), found.end(), "phone", 0.97 if said else 0.9)
    for found in NORTH_AMERICAN.finditer(text):
        if not (found[1] or found[2]).endswith("11"):
            yield Candidate(found.start(), found.end(), "phone", 0.97 if _phone_said(near(found.start())) else 0.8)
    for pattern in (NATIONAL, PLAIN_NUMBER):
        for found in pattern.finditer(text):
            before = near(found.start())
            if _phone_said(before) if pattern is NATIONAL else PHONE_COLUMN.search(before):
                yield Candidate(found.start(), found.end(), "phone", 0.9)


def find_ipv4(text: str, near: Near) -> Iterator[Candidate]:
    for found in IPV4.finditer(text):
        try:
            address = ipaddress.IPv4Address(found.group())
        except ValueError:
            continue
        if (
            address.is_loopback
            or address.is_unspecified
            or found.group().startswith("255.")
            or _is_version(near, found.start())
        ):
            continue
        yield Candidate(found.start(), found.end(), "ipv4", 0.7 if address.is_private else 0.9)


def find_ipv6(text: str, _near: Near) -> Iterator[Candidate]:
    for found in IPV6.finditer(text):
        try:
            address = ipaddress.IPv6Address(found.group())
        except ValueError:
            continue
        groups = [group for group in found.group().split(":") if group]
        if (
            address.is_loopback
            or address.is_unspecified
            or len(groups) < 3
            or not any(map(str.isdecimal, found.group()))
        ):
            continue
        yield Candidate(found.start(), found.end(), "ipv6", 0.95)


def find_births(text: str, near: Near) -> Iterator[Candidate]:
    for found in DATES.finditer(text):
        if _is_past_date(found) and BIRTH_WORDS.search(near(found.start())):
            yield Candidate(found.start(), found.end(), "date_of_birth", 0.9)


def _is_international(digits: str) -> bool:
    if digits[0] == "1":
        return len(digits) == 11 and digits[1] in "23456789" and digits[4] in "23456789"
    return 8 <= len(digits) <= 15 and has_calling_code(digits)


def _phone_said(before: str) -> bool:
    return bool(PHONE_WORDS.search(before) or PHONE_COLUMN.search(before))


def _is_version(near: Near, start: int) -> bool:
    return bool(VERSION_WORDS.search(near(start)))


def _is_past_date(found: re.Match[str]) -> bool:
    year = int(found["y"] or found["year"] or found["y2"] or found["y3"])
    if found["y"]:
        pairs = [(int(found["m"]), int(found["d"]))]
    elif found["year"]:
        pairs = [(int(found["b"]), int(found["a"])), (int(found["a"]), int(found["b"]))]
    else:
        name = (found["name"] or found["name2"]).lower()[:3]
        month = next((place for place, names in enumerate(MONTH_STARTS, start=1) if name in names.split()), 0)
        pairs = [(month, int(found["day"] or found["day2"]))]
    return any(_was(year, month, day) for month, day in pairs)


def _was(year: int, month: int, day: int) -> bool:
    try:
        return date(1900, 1, 1) <= date(year, month, day) <= datetime.now(UTC).date()
    except ValueError:
        return False
