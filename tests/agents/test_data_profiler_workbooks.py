"""Data Profiler & Cleaner: Excel workbooks, honest and hostile, built part by part."""

import csv
import io
import zipfile

import pytest

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
SHEETS = '<sheets><sheet name="Old" sheetId="1" state="hidden" r:id="rId9"/><sheet name="Data" sheetId="2" r:id="rId1"/></sheets>'
TARGETS = (
    '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId9" Target="/xl/worksheets/hidden.xml"/></Relationships>'
)
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="&quot;Day&quot; 0.00"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
STRINGS = (
    f"<sst {MAIN}><si><t>name</t></si><si><t>joined</t></si><si><r><t>Ann </t></r><r><t>Berg</t></r></si>"
    "<si><t>日本</t><rPh><t>ニホン</t></rPh></si></sst>"
)
ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>seen</t></is></c>'
    '<c r="D1" t="str"><v>sum</v></c><c r="E1" t="inlineStr"><is><t>ok</t></is></c></row>'
    '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" s="1"><v>45974</v></c><c r="C2" s="2"><v>45974.5</v></c>'
    '<c r="D2" s="3"><f>A1+1</f><v>0.30000000000000004</v></c><c r="E2" t="b"><v>1</v></c></row>'
    '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="E4" t="b"><v>0</v></c></row>'
)


def workbook(rows=ROWS, **parts):
    content = {
        "xl/workbook.xml": f"<workbook {MAIN} {RELATIONS}>{SHEETS}</workbook>",
        "xl/_rels/workbook.xml.rels": TARGETS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        "xl/worksheets/hidden.xml": f"<worksheet {MAIN}><sheetData/></worksheet>",
    } | {f"xl/{name}.xml": text for name, text in parts.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            if text is not None:
                archive.writestr(name, text)
    return target.getvalue()


@pytest.fixture
def profile(bundle):
    return lambda content: bundle("openworks/data-profiler").run({}, files={"file": content})


def cleaned(run):
    assert run.error is None, run.error
    return list(csv.reader(io.StringIO(run.files["cleaned.csv"].decode(), newline="")))


def test_shared_inline_and_rich_strings_dates_and_gaps_are_read(profile):
    run = profile(workbook())
    assert run.result["format"] == "xlsx"
    assert cleaned(run) == [
        ["name", "joined", "seen", "sum", "ok"],
        ["Ann Berg", "2025-11-13", "2025-11-13T12:00:00", "0.3", "true"],
        ["日本", "", "", "", "false"],
    ]


def test_the_day_that_never_was_and_the_other_calendar(bundle):
    to_iso = bundle("openworks/data-profiler").module("profiler.workbook").serial_to_iso
    assert to_iso(1) == "1900-01-01"
    assert to_iso(59) == "1900-02-28"
    assert to_iso(61) == "1900-03-01"
    assert to_iso(45974.75) == "2025-11-13 18:00:00"
    assert to_iso(0.5) == "12:00:00"
    assert to_iso(0, date1904=True) == "1904-01-01"


@pytest.mark.parametrize(
    "parts",
    [
        {"workbook": None},
        {"_rels/workbook.xml": None, "workbook": "<workbook/>"},
        {"worksheets/sheet1": None},
        {"worksheets/sheet1": "<worksheet><sheetData><row>"},
        {"workbook": f"<workbook {MAIN}><sheets/></workbook>"},
    ],
)
def test_a_damaged_workbook_is_the_consumer_s_to_change(profile, parts):
    assert profile(workbook(**parts)).error.failure_class == "input"


def test_entities_that_grow_are_refused(profile):
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        f"<worksheet {MAIN}><sheetData>&b;</sheetData></worksheet>"
    )
    run = profile(workbook(**{"worksheets/sheet1": bomb}))
    assert run.error.failure_class == "input"
    assert "document type" in run.error.message


def test_files_of_the_machine_cannot_be_pulled_in(profile):
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + f"<sst {MAIN}><si><t>&a;</t></si></sst>"
    assert profile(workbook(sharedStrings=outside)).error.failure_class == "input"


def test_a_workbook_that_unpacks_to_more_than_allowed_is_refused_before_it_is_unpacked(profile):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(301):
            part.write(bytes(1024 * 1024))
    assert len(target.getvalue()) < 1024 * 1024
    assert "300 MB" in profile(target.getvalue()).error.message


def test_a_workbook_of_too_many_parts_is_refused(profile):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(2001):
            archive.writestr(f"xl/{number}.xml", "")
    assert profile(target.getvalue()).error.failure_class == "input"


def test_a_cell_far_to_the_right_is_refused(profile):
    assert "columns" in profile(workbook('<row r="1"><c r="XFD1"><v>1</v></c></row>')).error.message


def test_a_wrong_reference_to_a_shared_string_gives_an_empty_cell(profile):
    run = profile(workbook('<row><c t="str"><v>h</v></c></row><row><c t="s"><v>99</v></c><c><v>7</v></c></row>'))
    assert cleaned(run)[1] == ["", "7"]
