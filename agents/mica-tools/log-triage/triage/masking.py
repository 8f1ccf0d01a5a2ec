"""Takes out of a message what changes from line to line."""

import re

HEX_DIGITS = "0123456789abcdefABCDEF"
ZEROS = str.maketrans("123456789", "000000000")
MAX_KNOWN = 50_000

QUOTED = re.compile(r"\"[^\"]{0,400}\"|(?<!\w)'[^']{0,200}'(?!\w)")
PARTS = re.compile(
    r"(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)"
    r"|(?P<url>\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>)\]]+)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<time>\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?)"
    r"|(?P<ip>(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\w.]))"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b|\b(?=[0-9A-F]*\d)(?=\d*[A-F])[0-9A-F]{8,}\b)"
    r"|(?P<path>(?<![\w.<])(?:/[\w.@%+~-]+){2,}/?|\b[A-Z]:\\[\w.\\-]+)"
    r"|(?P<num>(?<![A-Za-z_\d])[-+]?\d+(?:[.,:/-]\d+)*(?:e[-+]?\d+)?(?:ns|us|µs|ms|s|m|h|B|kB|KB|MB|GB|KiB|MiB|GiB|%)?(?![A-Za-z_\d]))"
    r"|(?P<tail>(?<=[A-Za-z])[-_#:]?\d+\b)"
)
NAMES = {name: f"<{name}>" for name in ("uuid", "url", "email", "time", "ip", "hex", "path", "num")}
SEGMENT_VARIES = re.compile(r"\d|^.{25,}$|[%@=,;]")
MAX_SEGMENTS = 4


_known: dict[str, str] = {}


def mask(message: str) -> str:
    """The message with numbers, ids, addresses, paths and quoted text as <num>, <uuid>, <ip>, <path>, <str> and so on."""
    if '"' in message or "'" in message:
        message = QUOTED.sub("<str>", message)
    return " ".join([word if word.isalpha() else mask_word(word) for word in message.split()])


def mask_word(word: str) -> str:
    """One word without blanks. Words of one shape share a result, which is what makes long logs quick."""
    shape = word.translate(ZEROS)
    masked = _known.get(shape)
    if masked is None:
        masked = _mask_new(word, shape)
    return masked or PARTS.sub(_name, word)


def _mask_new(word: str, shape: str) -> str:
    if len(word) >= 16 and not word.strip(HEX_DIGITS + "-") and not word.isdecimal():
        return "<uuid>" if len(word) == 36 and word.count("-") == 4 else "<hex>"
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    masked = PARTS.sub(_name, shape)
    # What keeps a digit (x86_64) cannot be shared by its shape: empty says so.
    _known[shape] = "" if "0" in masked else masked
    return _known[shape]


def mask_path(path: str) -> str:
    """A URL path without its query; segments that vary and deep ones become <*>."""
    segments = path.partition("?")[0].partition("#")[0].split("/")
    shown = [segment if not SEGMENT_VARIES.search(segment) else "<*>" for segment in segments[: MAX_SEGMENTS + 1]]
    return "/".join(shown) + ("/…" if len(segments) > MAX_SEGMENTS + 1 else "")


def _name(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return NAMES.get(kind) or found.group()[0].strip("0123456789") + "<num>"
