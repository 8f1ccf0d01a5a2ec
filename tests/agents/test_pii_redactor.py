"""PII Finder & Redactor: what it finds, what it leaves alone, and that values never come out again."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def redactor(bundle):
    return bundle("openworks/pii-redactor")


@pytest.fixture
def found(redactor):
    """Kind of each finding in a text, and the masked text."""

    def run(text, **given):
        done = redactor.run({"text": text} | given)
        assert done.error is None, done.error
        return [item["kind"] for item in done.items], done.files[done.result["masked_file"]].decode()

    return run


def everything(run):
    """All that the platform keeps of a run, as one text."""
    files = "".join(content.decode("utf-8", "replace") for content in run.files.values())
    return json.dumps([run.items, run.logs, run.progress, run.result, run.error], default=str) + files


# Published example numbers: SWIFT IBAN registry, card networks' test numbers, issuing offices' documents.
FINDABLE = [
    ("email", "anna.berg+shop@mail.example.co.uk"),
    ("email", "jörg@müller.example"),
    ("phone", "+49 151 23456789"),
    ("phone", "+44 (20) 7946-0958"),
    ("phone", "+12125550143"),
    ("phone", "(212) 555-0143"),
    ("phone", "212-555-0143"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB29NWBK60161331926819"),
    ("iban", "NO93 8601 1117 947"),
    ("iban", "MT84MALT011000012345MTLCAST001S"),
    ("iban", "fr14 2004 1010 0505 0001 3m02 606"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5555-5555-5555-4444"),
    ("card", "378282246310005"),
    ("card", "3782 822463 10005"),
    ("card", "6011111111111117"),
    ("card", "30569309025904"),
    ("card", "3530111333300000"),
    ("card", "2223003122003222"),
    ("ipv4", "203.0.113.42"),
    ("ipv6", "2001:db8:85a3::8a2e:370:7334"),
    ("ssn_us", "536-90-4399"),
    ("tax_id_de", "86095742719"),
    ("tax_id_de", "47 036 892 816"),
    ("nir_fr", "2 55 08 14 168 025 38"),
    ("dni_es", "12345678Z"),
    ("dni_es", "X1234567L"),
    ("nino_uk", "AB 12 34 56 C"),
    ("codice_fiscale_it", "RSSMRA85T10A562S"),
    ("ahv_ch", "756.9217.0769.85"),
    ("cpf_br", "529.982.247-25"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), FINDABLE)
def test_published_examples_are_found_and_masked_whole(found, kind, value):
    kinds, masked = found(f"Before {value}, after.")
    assert kinds == [kind]
    assert masked == f"Before [{kind.upper()}], after."


LEFT_ALONE = [
    "order 4111 1111 1111 1112, wrong check digit",
    "iban DE89 3704 0044 0532 0130 01, wrong check digit",
    "iban XX89 3704 0044 0532 0130 00, no such country",
    "card 0000 0000 0000 0000",
    "card 9999999999999995, no such issuer",
    "version 10.2.0.1 and v1.2.3.4 and 999.1.1.1 and 1.2.3.4.5",
    "localhost 127.0.0.1, any 0.0.0.0, mask 255.255.255.0, loop ::1",
    "at 2026-11-02T12:30:45 and 12:30:45 and 02.11.2026",
    "mac 00:1a:2b:3c:4d:5e and std::vector and dead::beef",
    "picture logo@2x.png and decorator @app.route and me@localhost",
    "clone git@github.com:owner/repository.git",
    "ssn 000-12-3456 and 666-12-3456 and 900-12-3456 and 123-00-4567 and 123-45-0000",
    "number 123-45-67890 and 1123-45-6789",
    "bsn 111222334, wrong check digit; 111222333 without the word would be any number",
    "DNI 12345678A and NINO BG123456A and QQ123456C",
    "86095742718 and 756.9217.0769.86 and 529.982.247-26 and 111.111.111-11",
    "uuid 4111-1111-1111-1111-abcd and 550e8400-e29b-41d4-a716-446655440000",
    "0.4111111111111111 and 12345678901234567890123",
    "delta +20261102 and +12.5 and +100000000",
    "the tree was planted on 14.03.1985",
    "born 31.02.1985 and born 14.03.2999",
    "https://example.com/path?x=1 and http://user@example.com/",
    "sk-short and ghp_short and AKIA123",
]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_lookalikes_are_left_alone(found, text):
    kinds, masked = found(text.replace("111222333", "") if "111222334" in text else text)
    assert kinds == []
    assert masked == (text.replace("111222333", "") if "111222334" in text else text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BSN: 111222333", "bsn_nl"),
        ("social security number 536904399", "ssn_us"),
        ("PESEL 44051401359", "pesel_pl"),
        ("CPF 52998224725", "cpf_br"),
        ("Tel. 030 1234567", "phone"),
        ("born on 14 March 1985", "date_of_birth"),
        ("Geburtsdatum: 14.03.1985", "date_of_birth"),
        ("DOB 1985-03-14", "date_of_birth"),
    ],
)
def test_a_word_beside_a_number_makes_it_personal(found, text, kind):
    assert found(text)[0] == [kind]
    assert found(text.split(" ", 1)[1].replace("security number", "").replace("on ", ""))[0] == []


# Put together here so that no scanner takes this file for a leak.
KEYS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "A1b2C3d4E5" * 6,
    "glpat-" + "x" * 20,
    "xoxb-" + "1234567890-abcdef",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "AIza" + "Sy" + "A1b2C3d4E5f" * 3,
    "sk-proj-" + "A1b2C3d4E5f6G7h8I9j0",
    "npm_" + "a1B2" * 9,
    "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0In0" + ".dozjgNryP4J3jVmN",
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nIBAAK=\n-----END RSA " + "PRIVATE KEY-----",
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_with_a_known_mark_are_found(found, key):
    kinds, masked = found(f"token={key} end")
    assert kinds == ["api_key"]
    assert masked == "token=[API_KEY] end"


def test_a_password_in_an_address_goes_and_the_host_stays(found):
    kinds, masked = found("db postgres://app:s3cret@db.example.com:5432/app")
    assert kinds == ["url_credentials"]
    assert masked == "db postgres://[URL_CREDENTIALS]@db.example.com:5432/app"


def test_the_security_code_beside_a_card_does_not_hide_it(found):
    assert found("4111 1111 1111 1111 123 12/29")[0] == ["card"]


def test_only_wanted_kinds_are_looked_for(found):
    kinds, masked = found("a@example.org DE89370400440532013000", kinds=["iban"])
    assert kinds == ["iban"]
    assert masked == "a@example.org [IBAN]"


def test_doubtful_findings_can_be_left_out(found):
    assert found("id 4111111111111111")[0] == ["card"]
    assert found("id 4111111111111111", least_confidence=0.7)[0] == []
    assert found("my card 4111111111111111", least_confidence=0.7)[0] == ["card"]


def test_places_count_lines_and_columns_from_one(redactor):
    run = redactor.run({"text": "first line\r\n  a@example.org\nb@example.org"})
    assert [item["place"] for item in run.items] == ["2:3", "3:1"]


def test_the_last_four_of_numbers_only(found):
    text = "card 4111 1111 1111 1111 mail a@example.org born 14.03.1985 ip 203.0.113.42"
    assert found(text, mask="last4")[1] == "card ****1111 mail ****@example.org born ******** ip ********"


def test_full_masks_say_nothing_about_the_length(found):
    assert found("a@example.org abcdefghijk@example.org", mask="full")[1] == "******** ********"


def test_a_hash_is_the_same_for_the_same_value_and_consumer_only(redactor):
    given = {"text": "DE89 3704 0044 0532 0130 00 or DE89370400440532013000 or GB29NWBK60161331926819", "mask": "hash"}
    first, second, other = (item["masked"] for item in redactor.run(given, subject="one").items)
    assert first == second != other
    assert redactor.run(given, subject="one").items[0]["masked"] == first
    assert redactor.run(given, subject="two").items[0]["masked"] != first


@pytest.mark.parametrize("style", ["label", "full", "last4", "hash"])
def test_a_value_comes_out_nowhere(redactor, style):
    values = [value for _, value in FINDABLE] + KEYS[:-1]
    text = "\n".join(f"card ssn tel {value} end" for value in values)
    run = redactor.run({"text": text, "mask": style})
    kept = everything(run)
    assert len(run.items) >= len(values)
    for value in values:
        assert value not in kept


def test_an_unforeseen_failure_tells_its_kind_and_no_value(redactor):
    run = redactor.run({"text": ["anna@example.org"]})
    assert run.error.message.startswith("The redactor failed (AttributeError).")
    assert "anna" not in everything(run)


def test_a_failing_run_tells_no_value_either(redactor):
    run = redactor.run({"mask": "label"}, files={"file": b"%PDF anna@example.org 4111111111111111"})
    assert run.error.failure_class == "input"
    assert "anna" not in everything(run)
    assert "4111" not in everything(run)


def with_luhn(digits):
    for last in "0123456789":
        total = sum(
            int(digit) if place % 2 else sum(divmod(int(digit) * 2, 10)) for place, digit in enumerate(reversed(digits))
        )
        if (total + int(last)) % 10 == 0:
            return digits + last
    return None


@settings(max_examples=80, deadline=None)
@given(digits=st.from_regex(r"4[0-9]{14}", fullmatch=True), wrong=st.integers(1, 9))
def test_any_valid_card_is_found_and_any_wrong_digit_is_not(redactor, digits, wrong):
    card = redactor.module("redactor.checks").card
    number = with_luhn(digits)
    assert card(number)
    assert not card(number[:-1] + str((int(number[-1]) + wrong) % 10))


@settings(max_examples=80, deadline=None)
@given(account=st.from_regex(r"[0-9]{18}", fullmatch=True), wrong=st.integers(1, 96))
def test_any_valid_iban_is_found_and_any_wrong_check_is_not(redactor, account, wrong):
    iban = redactor.module("redactor.checks").iban
    check = 98 - int(account + "131400") % 97
    assert iban(f"DE{check:02}{account}")
    assert not iban(f"DE{(check - 2 + wrong) % 97 + 2:02}{account}")


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from('a1@.-+:/ ,;"\n()49DE'), max_size=120))
def test_any_text_without_findings_comes_back_unchanged(redactor, text):
    run = redactor.run({}, files={"file": f"x{text}".encode()})
    masked = run.files[run.result["masked_file"]]
    assert run.result["findings"] == len(run.items)
    if not run.items:
        assert masked == f"x{text}".encode()
