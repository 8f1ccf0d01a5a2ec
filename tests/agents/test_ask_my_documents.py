"""Ask My Documents: quotes that stand where they are said to stand, an honest no, and files that mean harm."""

import io
import re
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

LEAVE = "How many days of leave may be carried over into the next year?"


@pytest.fixture(scope="session")
def documents(bundle):
    return bundle("fieldnotes/ask-my-documents")


@pytest.fixture
def ask(documents):
    def run(question, files=None, *, check=True, **given):
        began = time.monotonic()
        contents = {name: text.encode() if isinstance(text, str) else text for name, text in (files or {}).items()}
        asked = {"question": question, **({"files": list(contents)} if contents else {}), **given}
        done = documents.run_as_given(asked, contents)
        assert time.monotonic() - began < 30
        assert not check or done.error is None, done.error
        return done

    return run


@pytest.fixture
def handbook(documents):
    folder = documents.folder / "samples"
    return {name: (folder / name).read_text() for name in ("handbook.md", "expenses.csv")}


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        (LEAVE, "Up to 5 days may be carried over into the next year."),
        (
            "When is a doctor's certificate needed?",
            "A doctor's certificate is needed from the fourth day of illness on",
        ),
        ("How much may I spend on equipment without asking?", "up to 300 EUR a year without asking anybody."),
        (
            "How long is the period of notice?",
            "The period of notice is three months to the end of a month, for both sides.",
        ),
        (
            "Who is told about a stolen device?",
            "A lost or stolen device is reported to security@fieldnotes.example within one hour",
        ),
        ("What is the daily rate in Switzerland?", "item: Daily rate, Switzerland; limit EUR: 64"),
        ("hours in a full week", "A full week has 38 hours."),
    ],
)
def test_the_answer_quotes_the_sentence_that_answers(ask, handbook, question, quote):
    run = ask(question, handbook)
    assert run.result["answered"], run.result
    assert quote in run.result["answer"], run.result["answer"]


def test_every_quote_stands_on_the_line_that_is_named(ask, handbook):
    for question in (LEAVE, "What may a hotel cost per night?", "period of notice in the first six months"):
        run = ask(question, {"handbook.md": handbook["handbook.md"]})
        lines = handbook["handbook.md"].splitlines()
        quotes = re.findall("\u201c(.*?)\u201d \\[\\d\\]", run.result["answer"])
        for quote, source in zip(quotes, run.result["sources"], strict=True):
            line = int(source.rpartition(" ")[2])
            assert quote[:25] in " ".join(lines[line - 1 : line + 3]), (quote, source)


def test_rows_are_passages_as_they_stand_in_the_document(ask, handbook):
    run = ask(LEAVE, {"handbook.md": handbook["handbook.md"]})
    lines = handbook["handbook.md"].splitlines()
    for item in run.items:
        assert item["quote"] == "\n".join(lines[item["first"] - 1 : item["last"]])
    assert [item["rank"] for item in run.items] == [1, 2, 3, 4, 5]
    assert run.items[0]["heading"] == "Leave"
    assert run.items[0]["cited"]


@pytest.mark.parametrize(
    "question",
    [
        "Which colour has the company car of the founder?",
        "Who won the chess championship?",
        "Is smoking allowed on the balcony?",
        "Welche Farbe hat der Drucker?",
    ],
)
def test_what_the_documents_do_not_say_is_not_answered(ask, handbook, question):
    run = ask(question, handbook)
    assert run.result["answered"] is False
    assert run.result["answer"].startswith("Your documents do not answer this.")
    assert not any(item["cited"] for item in run.items)


def test_words_that_no_document_has_are_named_beside_an_answer(ask, handbook):
    run = ask("How many days of leave may be carried over into the next year in Patagonia?", handbook)
    assert run.result["absent"] == ["patagonia"]
    assert "No document has: patagonia" in run.files["answer.md"].decode()


def test_one_word_of_several_is_no_answer(ask):
    run = ask("What does parking cost in Lisbon?", {"a.md": "Parking is behind the house. " * 3})
    assert run.result["answered"] is False


def test_one_passage_answers_a_question_with_a_word_that_it_has_not(ask):
    run = ask("What is the maximum hotel limit per night?", text="The hotel limit is 150 EUR per night.")
    assert (run.result["answer"], run.result["absent"]) == (
        "\u201cThe hotel limit is 150 EUR per night.\u201d [1]",
        ["maximum"],
    )


@pytest.mark.parametrize("question", ["Who won the chess championship?", "Which colour has the hotel of the founder?"])
def test_one_passage_is_no_answer_to_another_question(ask, question):
    assert ask(question, text="The hotel limit is 150 EUR per night.").result["answered"] is False


def test_german_is_asked_and_answered(ask):
    run = ask(
        "Wie viele Urlaubstage d\u00fcrfen \u00fcbertragen werden?",
        {
            "regeln.md": "# Urlaub\n\nBis zu 5 Urlaubstage d\u00fcrfen ins n\u00e4chste Jahr \u00fcbertragen werden. Danach verfallen sie."
        },
    )
    assert "Bis zu 5 Urlaubstage d\u00fcrfen ins n\u00e4chste Jahr \u00fcbertragen werden." in run.result["answer"]


def test_it_never_says_that_it_wrote_the_answer(ask, handbook):
    run = ask(LEAVE, handbook)
    assert run.result["method"] == "quotes"
    assert "without a model" in run.result["note"]
    assert "without a model" in run.files["answer.md"].decode()


def test_text_is_asked_where_no_file_is_given(ask):
    assert ask("How high is the tower?", text="The tower is 91 metres high.").result["sources"] == ["text, line 1"]


def test_the_name_of_an_uploaded_file_is_shown_and_not_its_id(documents):
    run = documents.run({"question": LEAVE, "files": ["samples/handbook.md"]})
    assert run.result["sources"][0].startswith("samples/handbook.md, line")


# -- formats -----------------------------------------------------------------------------------------------------------


def word(*paragraphs, name="word/document.xml", heading=None):
    styled = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if heading else ""
    body = "".join(f"<w:p>{styled if text == heading else ''}<w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f"<?xml version='1.0'?><w:document><w:body>{body}</w:body></w:document>")
    return content.getvalue()


def test_a_word_file_is_read_by_paragraphs(ask):
    content = word("Towers", "Nothing here.", "The tower is 91 metres high &amp; white.", heading="Towers")
    run = ask("How high is the tower?", {"a.docx": content})
    assert run.result["answer"] == "\u201cThe tower is 91 metres high & white.\u201d [1]"
    assert run.result["sources"] == ["a.docx, paragraph 3"]
    assert run.items[0]["heading"] == "Towers"


def test_html_is_read_without_tags_and_scripts_and_lines_stay(ask):
    content = "<html><head><script>var tower = 'high';\nx()</script></head>\n<body><p>The <b>tower</b> is\n91 metres high.</p></body></html>"
    run = ask("How high is the tower?", {"a.html": content})
    assert "var tower" not in str(run.items)
    assert run.result["sources"] == ["a.html, line 3"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(ask, codec):
    run = ask(
        "Wie hoch ist der Turm in K\u00f6ln?", {"a.txt": "Der Turm in K\u00f6ln ist 157 Meter hoch.".encode(codec)}
    )
    assert "K\u00f6ln ist 157 Meter hoch." in run.result["answer"]


def test_rows_of_a_table_are_asked_with_the_names_of_their_columns(ask):
    run = ask("price of the red chair", {"a.csv": "item;colour;price\nchair;red;90\nchair;blue;80\n"})
    assert run.result["sources"][0] == "a.csv, line 2"
    assert "price: 90" in run.result["answer"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b" \n\t", "empty"), (b"%PDF-1.7 x", "a PDF"), (b"\xd0\xcf\x11\xe0x", "an old Office file"), (b"\x1f\x8bxxx", "a gzip archive"),
        (b"\x89PNG....", "a picture"), (b"{\\rtf1 x}", "an RTF file"), (b"ab\x00\x01\x02cd", "no text"), (b"PK\x03\x04broken", "no .docx"),
        (word("x", name="other.xml"), "no .docx"), (word(), "no text that can be read"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_named(ask, content, words):
    run = ask("Anything about towers?", {"odd.bin": content}, check=False)
    assert (run.error.failure_class, run.error.field) == ("input", "files")
    assert words in run.error.message
    assert run.error.message.startswith("odd.bin: ")


# -- documents that mean harm ------------------------------------------------------------------------------------------


def test_a_word_file_that_unpacks_without_end_is_refused(ask):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p>" + b"a" * (45 * 1024 * 1024))
    run = ask("Anything about towers?", {"a.docx": content.getvalue()}, check=False)
    assert "unpacks to more than 40 MiB" in run.error.message


@pytest.mark.parametrize(
    "content",
    [
        "<html>" + "<" * 500_000, "<html>" + "<!--" * 200_000, "<html>" + "<script>" * 200_000, "word " * 400_000, "x" * 2_000_000, "\n" * 500_000,
        "# " * 200_000, "a.b " * 300_000, "- x\n" * 50_000, "=" * 500_000, "\u0301" * 200_000, "\ufdfa" * 20_000, "|" * 300_000,
    ],
)  # fmt: skip
def test_no_text_makes_it_slow(ask, content):
    for name in ("a.html", "a.csv", "a.md"):
        ask("Where is the word of the tower?", {name: content + "\nend"})


def test_a_table_with_a_quote_that_never_ends_is_read(ask):
    assert ask("price of the chair", {"a.csv": 'item,price\n"chair,90\n' + "x" * 200_000}).error is None


def test_text_of_documents_never_becomes_formatting(ask):
    hostile = "# [x](javascript:y)\n\n```\nThe tower is <img src=x> 91 **metres** high. ![p](http://evil.example/p)\n```\n# Fake\n"
    text = ask("How high is the tower in metres?", {"`a|b`.md": hostile}).files["answer.md"].decode()
    outside, fence = [], ""
    for line in text.splitlines():
        if line.startswith("```") and (not fence or line == fence):
            fence = "" if fence else line.removesuffix("text")
        elif not fence:
            outside.append(line)
    plain = "\n".join(outside)
    assert not re.search(r"(?<!\\)<img", plain)
    assert not re.search(r"(?<!\\)\]\(", plain)
    assert "\n# Fake" not in plain


def test_a_question_without_words_is_the_consumer_s_to_change(ask):
    for question in ("???", "who is the", "\u200b\u200b\u200b"):
        run = ask(question, text="The tower.", check=False)
        assert (run.error.failure_class, run.error.field) == ("input", "question")


def test_more_than_fits_is_refused_with_the_number(ask):
    run = ask("Where is the tower?", {"a.csv": "a\n" + "row\n" * 70_000}, check=False)
    assert "more than 60,000 paragraphs" in run.error.message


TEXT = st.text(alphabet=st.sampled_from("ab .\n#-|<>&;\"'`\u00e9\u0130\x0b\x0c\u2028"), max_size=200)


@settings(max_examples=150, deadline=None)
@given(content=TEXT, name=st.sampled_from(["a.md", "a.csv", "a.html", "a"]))
def test_any_document_gives_passages_with_lines_of_its_own(documents, content, name):
    run = documents.run_as_given({"question": "ab ba aab", "files": [name]}, {name: b"start ab\n\n" + content.encode()})
    assert run.error is None, run.error
    lines = content.count("\n") + 3
    assert all(1 <= item["first"] <= item["last"] <= lines for item in run.items)


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.text(alphabet="abcdefgeinsrt", min_size=1, max_size=12), min_size=1, max_size=5))
def test_stems_are_the_same_for_the_same_word(documents, words):
    found = documents.module("answers.words")
    assert found.words_of(" ".join(words)) == [stem for word in words for stem in found.words_of(word.upper())]
