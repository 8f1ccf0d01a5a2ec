"""PII Finder & Redactor: files: CSV cells, encodings, JSON, and what is no text."""

import csv
import io
import json

import pytest


@pytest.fixture(scope="session")
def redactor(bundle):
    return bundle("openworks/pii-redactor")


CSV = (
    'id,email,"dateOfBirth",phone_number,SSN,note\r\n'
    '1,a@example.org,14.03.1985,5551234567,536904399,"says ""hi"", b@example.org\r\nnext line"\r\n'
    "2,,1990-01-01,030/123456,4111 1111,1111 1111\r\n"
)


def test_a_csv_is_masked_in_place_and_its_columns_give_meaning(redactor):
    run = redactor.run({}, files={"file": CSV.encode()})
    assert run.result["masked_file"] == "masked.csv"
    assert run.files["masked.csv"].decode() == (
        'id,email,"dateOfBirth",phone_number,SSN,note\r\n'
        '1,[EMAIL],[DATE_OF_BIRTH],[PHONE],[SSN_US],"says ""hi"", [EMAIL]\r\nnext line"\r\n'
        "2,,[DATE_OF_BIRTH],[PHONE],4111 1111,1111 1111\r\n"
    )
    assert [item["field"] for item in run.items] == [
        "email", "dateOfBirth", "phone_number", "SSN", "note", "dateOfBirth", "phone_number",
    ]  # fmt: skip
    assert run.items[0]["place"] == "2:3 (email)"


def test_a_csv_without_a_header_gives_no_value_as_a_name(redactor):
    run = redactor.run({}, files={"file": b"a@example.org,Anna\nb@example.org,Bo\n"})
    assert {item["field"] for item in run.items} == {"column 1"}
    assert "example.org" not in json.dumps([run.items, run.logs, run.result]) + run.files["masked.csv"].decode()


def test_a_finding_never_reaches_over_the_border_of_a_cell(redactor):
    for delimiter in ",;\t|":
        rows = [["a", "b", "c"], ["4111 1111", "1111 1111", "x"], ["4111", "111111111111", "y"]]
        content = "\n".join(delimiter.join(row) for row in rows)
        run = redactor.run({}, files={"file": content.encode()})
        assert run.items == []
        assert run.files["masked.csv"].decode() == content


@pytest.mark.parametrize(
    "content",
    [
        "ü a@example.org é".encode("cp1252"),
        b"\xff\xfe" + "ü a@example.org".encode("utf-16-le"),
        b"\xfe\xff" + "ü a@example.org".encode("utf-16-be"),
        b"\xef\xbb\xbfa@example.org\x80\x81",
    ],
)
def test_every_byte_outside_the_findings_stays(redactor, content):
    run = redactor.run({}, files={"file": content})
    mail, label = "a@example.org", "[EMAIL]"
    codec = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2], "ascii")
    assert run.files["masked.txt"] == content.replace(mail.encode(codec), label.encode(codec))


@pytest.mark.parametrize("content", [b"", b" \n ", b"PK\x03\x04", b"\x00\x01\x02", b"\x89PNG", b"\x1f\x8b"])
def test_what_is_not_text_is_the_consumer_s_to_change(redactor, content):
    error = redactor.run({}, files={"file": content}).error
    assert (error.failure_class, error.field) == ("input", "file")


def test_json_stays_valid_and_is_no_csv(redactor):
    rows = [{"mail": "a@example.org", "n": n, "iban": "DE89370400440532013000"} for n in range(5)]
    run = redactor.run({}, files={"file": "\n".join(map(json.dumps, rows)).encode()})
    masked = [json.loads(line) for line in run.files["masked.txt"].decode().splitlines()]
    assert masked[4] == {"mail": "[EMAIL]", "n": 4, "iban": "[IBAN]"}


def test_ten_thousand_rows(redactor):
    lines = "".join(f"{n},user{n}@example.org,4111111111111111\n" for n in range(10_000))
    run = redactor.run({}, files={"file": f"id,mail,card\n{lines}".encode()})
    assert run.result["kinds"] == {"card": 10_000, "email": 10_000}
    rows = list(csv.reader(io.StringIO(run.files["masked.csv"].decode())))
    assert rows[10_000] == ["9999", "[EMAIL]", "[CARD]"]
