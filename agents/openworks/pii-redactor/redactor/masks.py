"""What stands in the place of a finding."""

import hashlib
import hmac

from redactor.candidate import bare

LAST_FOUR_KINDS = frozenset({
    "card", "iban", "phone", "ssn_us", "tax_id_de", "nir_fr", "dni_es", "bsn_nl", "nino_uk", "codice_fiscale_it", "pesel_pl",
    "ahv_ch", "cpf_br",
})  # fmt: skip
STARS = "****"
TOKEN_CHARACTERS = 12


def mask(kind: str, raw: str, *, style: str, key: str) -> str:
    """The replacement; it holds no delimiter, quote or line break and begins like no formula.

    `hash` gives the same token for the same value under the same `key`, however the value is spaced.
    """
    if style == "label":
        return f"[{kind.upper()}]"
    if style == "hash":
        return f"{kind}_{_token(kind, raw, key)}"
    if style == "last4":
        return _last4(kind, raw)
    return STARS * 2


def _last4(kind: str, raw: str) -> str:
    if kind == "email":
        return f"{STARS}@{raw.rpartition('@')[2]}"
    if kind in LAST_FOUR_KINDS:
        return STARS + bare(raw)[-4:]
    return STARS * 2


def _token(kind: str, raw: str, key: str) -> str:
    same = raw.lower() if kind in {"email", "ipv4", "ipv6", "api_key", "url_credentials"} else bare(raw)
    return hmac.new(key.encode(), f"{kind}:{same}".encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[
        :TOKEN_CHARACTERS
    ]
