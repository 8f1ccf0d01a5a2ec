"""Words as they are compared: without case, accents and the commonest endings of English and German."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]{1,60}(?:[.,]\d{1,20})?")
ENDINGS = ("ungen", "ments", "ment", "tion", "ions", "ung", "ing", "ed", "es", "en", "er", "em", "ly", "e", "s", "n")
LEAST_STEM = 4
PASSED_OVER = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by can could did do does
doing down during each few for from further get give had has have having he her here hers him his how i if in into is it its itself just let
like long many may me might more most much must my no nor not now of off on once only or other our out over own please same say says shall she
should so some such tell than that the their them then there these they this those through to too under until up us very was we were what when
where which while who whom whose why will with would you your
aber alle als also am an auf aus bei bin bis bitte da damit dann das dass dein dem den denn der des die dies diese dieser dir doch du durch ein
eine einem einen einer eines er es fur gibt habe haben hat ich ihr ihre im in ist ja kann kein konnen man mein mich mir mit muss nach nicht noch
nur ob oder ohne sein sich sie sind so soll uber um und uns unser viel viele vom von vor wann war was weil welche welcher welches wem wen wenn wer
werden wie wieder wieviel will wir wird wo wurde zu zum zur""".split()
)
NUMBER_ASKED = re.compile(r"\b(?:how (?:many|much|long|often|far|old)|when|what (?:is|are) the (?:limit|price|cost|fee|deadline|maximum|minimum)|wie ?viele?|wie (?:lange|oft|hoch)|wann)\b")


def words_of(text: str) -> list[str]:
    """The stems of all words in order, common ones left out."""
    return [stem(word) for word in WORD.findall(folded(text)) if word not in PASSED_OVER]


def folded(text: str) -> str:
    """Lower case without accents; \N{LATIN SMALL LETTER SHARP S} is ss."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def stem(word: str) -> str:
    """Ends are taken off once, the longest that fits; numbers stay as they are."""
    if word[:1].isdigit():
        return word
    if word.endswith(("ies", "ied")) and len(word) > LEAST_STEM:
        return word[:-3] + "y"
    for ending in ENDINGS:
        least = LEAST_STEM - 1 if ending == "s" else LEAST_STEM
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def asks_for_a_number(question: str) -> bool:
    return NUMBER_ASKED.search(folded(question)) is not None
