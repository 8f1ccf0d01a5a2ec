"""Check digits and the other rules that tell a real number from a row of digits. Input is already bare: no blanks."""

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
NINO_REFUSED_PREFIXES = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
CODICE_MONTHS = "ABCDEHLMPRST"
CODICE_DIGITS = {letter: str(digit) for digit, letter in enumerate("LMNPQRSTUV")}
CODICE_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip


def luhn(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(text: str) -> bool:
    """Source: ISO 13616-1: the first four go to the end, letters become 10 to 35, the rest of 97 is 1."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def tax_id_de(digits: str) -> bool:
    """Source: German Federal Central Tax Office: ISO 7064 mod 11,10; one of the first ten digits is there two or three times."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    repeats = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    if repeats[-1] not in {2, 3} or repeats[-2] > 1:
        return False
    product = 10
    for digit in digits[:10]:
        product = (((int(digit) + product) % 10 or 10) * 2) % 11
    return (11 - product) % 10 == int(digits[10])


def nir_fr(text: str) -> bool:
    """Source: INSEE: the key is 97 less the rest of 97; Corsican 2A counts as 19, 2B as 18."""
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and text[13:].isdecimal() and 97 - int(number) % 97 == int(text[13:])


def dni_es(text: str) -> bool:
    """Source: Spanish Ministry of the Interior: the letter is the rest of 23; NIE: X, Y, Z are 0, 1, 2."""
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return len(number) == 8 and number.isdecimal() and DNI_LETTERS[int(number) % 23] == text[-1]


def bsn_nl(digits: str) -> bool:
    """Source: Dutch tax office, eleven test: weights 9 to 2, the last one -1."""
    padded = digits.zfill(9)
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return int(padded) > 0 and sum(int(d) * w for d, w in zip(padded, weights, strict=True)) % 11 == 0


def nino_uk(text: str) -> bool:
    """Source: HMRC NIM39110: no check digit, but letters and prefixes that are never given out."""
    return (
        len(text) == 9
        and not set(text[:2]) & set("DFIQUV")
        and text[1] != "O"
        and text[:2] not in NINO_REFUSED_PREFIXES
        and text[2:8].isdecimal()
        and text[8] in "ABCD"
    )


def codice_fiscale_it(text: str) -> bool:
    """Source: Italian ministerial decree of 23 December 1976, with the letters that replace digits of twins."""
    plain = list(text)
    for place in (6, 7, 9, 10, 12, 13, 14):
        plain[place] = CODICE_DIGITS.get(text[place], text[place])
    day = "".join(plain[9:11])
    if text[8] not in CODICE_MONTHS or not day.isdecimal() or not (1 <= int(day) <= 31 or 41 <= int(day) <= 71):
        return False
    odd = sum(CODICE_ODD[letter] for letter in text[:15:2])
    even = sum(int(letter, 36) - (0 if letter.isdecimal() else 10) for letter in text[1:15:2])
    return (odd + even) % 26 == ord(text[15]) - ord("A")


def pesel_pl(digits: str) -> bool:
    """Source: Polish Ministry of Digital Affairs: weights 1, 3, 7, 9; the month carries the century."""
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    total = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), strict=True))
    return 1 <= month <= 12 and 1 <= day <= 31 and total % 10 == 0


def ahv_ch(digits: str) -> bool:
    """Source: eCH-0044: an EAN-13 that begins with 756."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return len(digits) == 13 and digits.startswith("756") and total % 10 == 0


def cpf_br(digits: str) -> bool:
    """Source: Brazilian Federal Revenue: two digits, each the rest of 11 of weighted sums."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != int(digits[length]):
            return False
    return True


def ssn_us(digits: str) -> bool:
    """Source: US Social Security Administration: areas 000, 666 and 900 up, group 00, serial 0000 are never given out."""
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def card(digits: str) -> bool:
    """A length that the issuer of these first digits uses, and a Luhn digit. Source: ISO/IEC 7812 issuer ranges."""
    return len(digits) in _issuer_lengths(digits) and len(set(digits)) > 1 and luhn(digits)


def _issuer_lengths(digits: str) -> tuple[int, ...]:
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    if digits[0] == "4":
        return (13, 16, 19)  # Visa
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return (16,)  # Mastercard
    if two in {34, 37}:
        return (15,)  # American Express
    if two in {36, 38, 39} or 300 <= three <= 305:
        return (14, 16)  # Diners Club
    if four == 6011 or two == 65 or 644 <= three <= 649 or two == 62 or 3528 <= four <= 3589:
        return (16, 17, 18, 19)  # Discover, UnionPay, JCB
    return ()
