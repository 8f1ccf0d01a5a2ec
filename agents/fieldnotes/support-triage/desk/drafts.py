"""Drafts from texts for each class. What a customer wrote is put in by plain replacement, never read as a template."""

import re
from typing import Any

from desk.sorting import Sorted

MOST_CHARACTERS = 1_200
SIGNATURE = "The support team"
ORDER = re.compile(
    r"\b(?:order|invoice|ticket|parcel|bestellung|bestellnummer|rechnung|auftrag|paket)\s{0,3}(?:no\.?|nr\.?|number|nummer)?\s{0,3}[:#]?\s{0,3}([A-Z0-9][A-Z0-9-]{2,24})",
    re.IGNORECASE,
)
GREETINGS = {"en": ("Hello {name},", "Hello,"), "de": ("Guten Tag {name},", "Guten Tag,")}
CLOSINGS = {"en": "Kind regards\n{signature}", "de": "Mit freundlichen Gr\u00fc\u00dfen\n{signature}"}
ABOUT = {"en": "This is about {order}.", "de": "Es geht um {order}."}
TEXTS = {
    "en": {
        "outage": "thank you for telling us. We are looking into why you cannot work, and write again as soon as we know more.",
        "security": "thank you for telling us. A colleague who is responsible for security is looking at this now. Please change your password meanwhile, and do not delete anything.",
        "login": "sorry that you cannot get in. Please ask for a new link on the sign-in page and look into your spam folder. If none comes within ten minutes, answer this message and we look at your account.",
        "refund": "thank you for your message. We are checking the payment and tell you the result. You need not do anything until then.",
        "billing": "thank you for your message. We are looking at the invoice and come back to you with an answer or a corrected copy.",
        "cancellation": "we are sorry to see you go. We have noted your wish and confirm the date at which your contract ends.",
        "delivery": "thank you for your message. We are asking the carrier where your parcel is, and tell you what we hear.",
        "bug": "thank you for the description. We try to see the error ourselves. If you can, tell us which browser or version you use and what you did just before.",
        "how-to": "thank you for your question. We answer it step by step below.",
        "feature": "thank you for the idea. We have put it on the list from which we plan, and cannot promise a date.",
        "praise": "thank you. That is good to read, and we pass it on to everybody who worked on it.",
        "other": "thank you for your message. A colleague reads it and answers you.",
    },
    "de": {
        "outage": "danke f\u00fcr die Nachricht. Wir suchen gerade, warum Sie nicht arbeiten k\u00f6nnen, und melden uns, sobald wir mehr wissen.",
        "security": "danke f\u00fcr die Nachricht. Eine Kollegin, die f\u00fcr Sicherheit zust\u00e4ndig ist, sieht sich das jetzt an. Bitte \u00e4ndern Sie inzwischen Ihr Passwort und l\u00f6schen Sie nichts.",
        "login": "es tut uns leid, dass Sie nicht hineinkommen. Bitte fordern Sie auf der Anmeldeseite einen neuen Link an und sehen Sie auch im Spamordner nach. Kommt binnen zehn Minuten keiner, antworten Sie auf diese Nachricht.",
        "refund": "danke f\u00fcr die Nachricht. Wir pr\u00fcfen die Zahlung und sagen Ihnen das Ergebnis. Bis dahin m\u00fcssen Sie nichts tun.",
        "billing": "danke f\u00fcr die Nachricht. Wir sehen uns die Rechnung an und melden uns mit einer Antwort oder einer berichtigten Fassung.",
        "cancellation": "schade, dass Sie gehen. Wir haben Ihren Wunsch vermerkt und best\u00e4tigen Ihnen, wann Ihr Vertrag endet.",
        "delivery": "danke f\u00fcr die Nachricht. Wir fragen beim Zusteller nach, wo Ihr Paket ist, und sagen Ihnen, was wir h\u00f6ren.",
        "bug": "danke f\u00fcr die Beschreibung. Wir versuchen, den Fehler selbst zu sehen. Wenn m\u00f6glich, nennen Sie uns Browser oder Version und was Sie unmittelbar davor getan haben.",
        "how-to": "danke f\u00fcr die Frage. Wir beantworten sie unten Schritt f\u00fcr Schritt.",
        "feature": "danke f\u00fcr den Vorschlag. Wir haben ihn auf die Liste gesetzt, aus der wir planen, und k\u00f6nnen keinen Termin versprechen.",
        "praise": "danke, das liest man gern. Wir geben es an alle weiter, die daran gearbeitet haben.",
        "other": "danke f\u00fcr die Nachricht. Jemand aus dem Team liest sie und antwortet Ihnen.",
    },
}


def draft_of(one: Sorted, given: dict[str, Any]) -> str:
    """The reply as it is proposed: it promises nothing that a person has not decided."""
    language, ticket = one.language, one.ticket
    order = order_of(f"{ticket.subject}\n{ticket.body[:4_000]}")
    own = (given.get("texts") or {}).get(one.kind, "")
    named, unnamed = GREETINGS[language]
    text = own.strip() or TEXTS[language][one.kind]
    parts = [named if ticket.name else unnamed, text, ABOUT[language] if order and "{order}" not in text else "", CLOSINGS[language]]
    filled = "\n\n".join(part for part in parts if part)
    signature = " ".join(str(given.get("signature") or "").split()) or SIGNATURE
    values = {"{name}": ticket.name, "{order}": order, "{signature}": signature}
    return _filled(filled, values)[:MOST_CHARACTERS]


def order_of(text: str) -> str:
    """The first number of an order, invoice or parcel; it has a digit in it."""
    return next((found[1] for found in ORDER.finditer(text) if any(letter.isdigit() for letter in found[1])), "")


def _filled(text: str, values: dict[str, str]) -> str:
    """In one pass: what was put in is not looked at again."""
    return re.sub("|".join(re.escape(name) for name in values), lambda found: values[found[0]], text)
