"""The rules: what words speak for a class or for urgency, in English and German. A star is for any end of the word: refund* is refunded too."""

CLASSES: dict[str, dict[str, int]] = {
    "outage": {
        "outage*": 5, "is down": 4, "site down": 4, "not reachable": 3, "unreachable*": 3, "nobody can": 5, "no one can": 5, "none of our": 3,
        "all users": 3, "cannot work": 4, "can t work": 4, "error 500": 3, "503": 2, "production is": 3,
        "ausfall*": 5, "niemand kann": 5, "nicht erreichbar": 4, "steht still": 4, "keiner kann": 5,
    },
    "security": {
        "hacked": 5, "phishing": 4, "breach*": 4, "leak*": 3, "vulnerabilit*": 5, "stolen": 3, "unauthorized": 4, "unauthorised": 4, "someone else": 2,
        "suspicious*": 3, "not me who": 4, "gdpr": 3, "gehackt*": 5, "datenleck*": 5, "unbefugt*": 4, "dsgvo": 3, "verdachtig*": 3, "gestohlen*": 3,
    },
    "login": {
        "log in": 3, "login*": 3, "sign in": 3, "password*": 3, "locked out": 4, "two factor": 3, "2fa": 3, "reset link*": 3, "account access": 3,
        "anmelden": 3, "einloggen": 3, "passwort*": 3, "kennwort*": 3, "gesperrt*": 3, "zugang*": 2,
    },
    "refund": {
        "refund*": 5, "money back": 5, "charged twice": 5, "double charge*": 5, "one of them back": 3, "reimburse*": 4, "chargeback*": 4,
        "erstatt*": 5, "geld zuruck": 5, "doppelt abgebucht": 5, "doppelt berechnet": 5, "ruckzahlung*": 5,
    },
    "billing": {
        "invoice*": 4, "billing": 4, "receipt*": 2, "vat": 3, "tax number*": 3, "payment*": 2, "credit card*": 2, "price*": 1, "charged": 2, "subscription fee*": 3,
        "rechnung*": 4, "abbuchung*": 3, "zahlung*": 2, "umsatzsteuer*": 3, "abgebucht": 2, "lastschrift*": 3,
    },
    "cancellation": {
        "cancel*": 4, "close my account": 5, "delete my account": 5, "unsubscribe*": 3, "terminate*": 3, "end my contract": 5,
        "kundig*": 5, "konto loschen": 5, "widerruf*": 4, "stornier*": 4,
    },
    "delivery": {
        "deliver*": 3, "shipment*": 3, "shipping": 3, "parcel*": 4, "package*": 2, "tracking": 3, "has not arrived": 4, "did not arrive": 4, "courier*": 3,
        "liefer*": 3, "paket*": 4, "sendung*": 3, "versand*": 3, "nicht angekommen": 5,
    },
    "bug": {
        "bug": 4, "bugs": 4, "buggy": 4, "error*": 2, "crash*": 4, "does not work": 3, "doesn t work": 3, "not working": 3, "broken": 3, "stack trace*": 4, "blank page*": 3, "fails": 2,
        "wrong result*": 3, "since the update": 3, "fehler*": 3, "absturz*": 4, "sturzt ab": 4, "funktioniert nicht": 3, "geht nicht": 2, "kaputt*": 3,
    },
    "how-to": {
        "how do i": 4, "how can i": 4, "how to": 3, "where do i": 3, "where can i": 3, "is it possible": 2, "can you explain": 3, "which button*": 3,
        "wie kann ich": 4, "wie mache ich": 4, "wo finde ich": 4, "ist es moglich": 2,
    },
    "feature": {
        "feature*": 3, "would be great": 4, "would be nice": 4, "wish*": 2, "suggest*": 3, "please add": 4, "dark mode": 2, "roadmap*": 3, "integration with": 2,
        "ware schon": 4, "vorschlag*": 3, "wunsche mir": 4, "bitte erganz*": 4,
    },
    "praise": {
        "thank you so much": 3, "great work": 4, "love your": 3, "well done": 4, "excellent service": 4, "vielen dank fur": 2, "toller service": 4, "super arbeit": 4,
    },
    "spam": {
        "seo service*": 5, "backlink*": 5, "crypto": 3, "cryptocurrenc*": 3, "casino*": 5, "guest post*": 5, "rank your website*": 5, "lottery": 5, "you have won": 5, "bitcoin*": 3,
        "cheap pills": 5, "investment opportunity": 5, "dear sir madam": 2,
    },
}  # fmt: skip
ORDER = tuple(CLASSES)  # of two equally likely classes the first, which needs a person sooner

URGENT: dict[str, int] = {
    "urgent*": 2, "asap": 2, "immediately": 2, "right now": 2, "emergenc*": 3, "as soon as possible": 2, "today": 1, "deadline*": 1, "within 24": 1, "within 24h": 1,
    "lawyer*": 2, "legal action*": 3, "court": 2, "authorit*": 1, "cannot work": 2, "nobody can": 2, "none of our": 1, "all users": 2, "losing money": 3,
    "third time": 2, "unacceptable": 1, "still waiting": 1, "disappointed": 1, "furious": 2,
    "dringend*": 2, "sofort*": 2, "umgehend*": 2, "notfall*": 3, "heute noch": 1, "frist*": 1, "anwalt*": 2, "gericht": 2, "gerichtlich*": 2, "niemand kann": 2,
    "unverschamt*": 1, "zum dritten mal": 2, "warte immer noch": 1,
}  # fmt: skip
CALM: dict[str, int] = {
    "no hurry": 3, "not urgent*": 4, "no rush": 3, "whenever": 2, "some day": 2, "just a question": 1, "nicht dringend*": 4, "keine eile": 3, "irgendwann": 2,
}  # fmt: skip
BY_CLASS = {"outage": 3, "security": 3, "login": 1, "refund": 1, "feature": -1, "praise": -2, "spam": -3}
GERMAN = frozenset("ich nicht und der die das ist ein eine mit bitte wir sie habe seit auf fur mir mich kann haben wurde noch bei zu".split())
ENGLISH = frozenset("the and is not you have with please we my for to of it was this that can has been on at your our me are".split())
