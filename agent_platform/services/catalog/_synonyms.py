"""Words that people use for one another when they look for an agent."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.models.catalogue import Synonym

# Each group means the same to somebody who searches, in English and German; the first word stands for the group.
GROUPS = tuple(
    tuple(line.split())
    for line in """
redact mask anonymize anonymise pseudonymize scrub censor schwärzen anonymisieren maskieren
pii personal gdpr privacy sensitive dsgvo datenschutz personenbezogen personenbezogene
profile profiling describe statistics stats eda statistik auswerten auswertung
clean cleaning cleanse dedupe deduplicate tidy bereinigen säubern aufräumen
duplicate duplicates twice dubletten dublette doppelte
csv spreadsheet excel xlsx table tabular tabelle tabellen
chart graph plot diagram visualize visualise diagramm grafik
log logs logfile syslog trace logdatei logdateien protokoll protokolle protokolldatei
incident outage postmortem alert störung ausfall
error exception failure crash fehler absturz
seo crawl crawler spider sitemap suchmaschine
link links url href verweis verweise
broken dead defekte defekt kaputte tote
tls ssl certificate https cert zertifikat zertifikate
uptime monitor availability ping überwachen überwachung verfügbarkeit erreichbarkeit
ticket support helpdesk zendesk kundendienst anfragen kundenanfragen kundenservice
triage classify prioritize prioritise sort sortieren einordnen klassifizieren
repo repository github git
digest summary weekly zusammenfassung wöchentlich
summarize summarise summary zusammenfassen
document documents pdf docs file dokument dokumente unterlagen datei dateien
question answer ask chat qa frage fragen antwort antworten
invoice receipt bill rechnung rechnungen beleg belege quittung
expense expenses spesen reisekosten auslagen
bank statement konto kontoauszug kontoauszüge
reconcile match abgleichen abgleich
translate translation translator language übersetzen übersetzung übersetzer
contract agreement vertrag verträge
check verify audit prüfen prüfung
compare diff vergleichen vergleich
survey questionnaire poll umfrage umfragen fragebogen
meeting minutes transcript besprechung sitzung protokoll
transcribe transcription speech dictation audio recording diktat aufnahme transkription
cv resume application applicant lebenslauf bewerbung bewerbungen
job vacancy stelle stellenanzeige
calendar appointment termin termine kalender
roster shift shifts dienstplan schichtplan schicht
inventory stock warehouse lager lagerbestand bestand
accessibility a11y wcag barrierefreiheit barrierefrei
image picture photo bild bilder foto
address addresses adresse adressen
price prices preis preise
customer customers kunde kunden
review reviews feedback bewertung bewertungen
license licence licenses licences lizenz lizenzen
website webpage webseite webseiten
password secret credential passwort passwörter
news nachrichten
recipe rezept rezepte
trip journey travel reise reisen
""".strip().splitlines()
)


def ensure_synonyms() -> int:
    """The words above are in the table; others stay. Returns how many pairs were new."""
    pairs = [{"word": first, "also": other} for first, *others in GROUPS for other in others]
    with publisher_session() as session:
        made = session.execute(
            insert(Synonym).on_conflict_do_nothing(index_elements=["word", "also"]).returning(col(Synonym.word)), pairs
        )
        return len(made.all())
