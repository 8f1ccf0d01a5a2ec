"""Detectors for national numbers that can be checked."""

from redactor import checks
from redactor.candidate import by_pattern

EDGE, END = r"(?<![\w-])(?<!\d\.)", r"(?![\w-])"
GAP = "[ .-]?"

DETECTORS = {
    "ssn_us": [
        by_pattern("ssn_us", rf"{EDGE}\d{{3}}-\d{{2}}-\d{{4}}{END}", checks.ssn_us, confidence=0.8, words="ssn|social security|ss#"),
        by_pattern("ssn_us", rf"{EDGE}\d{{3}} ?\d{{2}} ?\d{{4}}{END}", checks.ssn_us, confidence=0.8,
                   words="ssn|social security|ss#", needs_words=True),
    ],
    "tax_id_de": [
        by_pattern("tax_id_de", rf"{EDGE}[1-9]\d ?\d{{3}} ?\d{{3}} ?\d{{3}}{END}", checks.tax_id_de, confidence=0.85,
                   words="steuer|idnr|tin|tax id|tax number|identifikationsnummer"),
    ],
    "nir_fr": [
        by_pattern("nir_fr", rf"{EDGE}[12] ?\d{{2}} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{{2}}|2[AB]) ?\d{{3}} ?\d{{3}} ?\d{{2}}{END}",
                   checks.nir_fr, confidence=0.95, words="nir|sécurité sociale|securite sociale|insee"),
    ],
    "dni_es": [
        by_pattern("dni_es", rf"{EDGE}(?:\d{{8}}|[XYZ]-?\d{{7}})-?[A-Z]{END}", checks.dni_es, confidence=0.85,
                   words="dni|nie|nif|documento"),
    ],
    "bsn_nl": [
        by_pattern("bsn_nl", rf"{EDGE}\d{{2,4}}{GAP}\d{{2,3}}{GAP}\d{{2,4}}{END}",
                   lambda digits: len(digits) in {8, 9} and checks.bsn_nl(digits), confidence=0.9,
                   words="bsn|burgerservice|sofi|citizen service", needs_words=True),
    ],
    "nino_uk": [
        by_pattern("nino_uk", rf"{EDGE}[A-Z]{{2}} ?\d{{2}} ?\d{{2}} ?\d{{2}} ?[A-D]{END}", checks.nino_uk, confidence=0.75,
                   words="nino|national insurance|ni number|ni no"),
    ],
    "codice_fiscale_it": [
        by_pattern("codice_fiscale_it", rf"(?i:{EDGE}[A-Z]{{6}}[\dL-V]{{2}}[A-EHLMPR-T][\dL-V]{{2}}[A-Z][\dL-V]{{3}}[A-Z]{END})",
                   checks.codice_fiscale_it, confidence=0.97, words="codice fiscale|c f"),
    ],
    "pesel_pl": [
        by_pattern("pesel_pl", rf"{EDGE}\d{{11}}{END}", checks.pesel_pl, confidence=0.9, words="pesel", needs_words=True),
    ],
    "ahv_ch": [
        by_pattern("ahv_ch", rf"{EDGE}756\.?\d{{4}}\.?\d{{4}}\.?\d{{2}}{END}", checks.ahv_ch, confidence=0.95, words="ahv|avs|navs"),
    ],
    "cpf_br": [
        by_pattern("cpf_br", rf"{EDGE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}{END}", checks.cpf_br, confidence=0.95, words="cpf"),
        by_pattern("cpf_br", rf"{EDGE}\d{{11}}{END}", checks.cpf_br, confidence=0.9, words="cpf", needs_words=True),
    ],
}  # fmt: skip
