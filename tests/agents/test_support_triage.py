"""Support Triage: classes, urgency, drafts, what a person's answer means, and tickets that mean harm."""

import csv
import io
import json

import pytest

SEND, HOLD = "Let the replies below go out", "Hold all of them back"
PRICES = {"ticket": 10_000}


@pytest.fixture(scope="session")
def desk(bundle):
    return bundle("fieldnotes/support-triage")


@pytest.fixture
def triage(desk):
    def run(*tickets, answers=True, check=True, **given):
        replies = {f"approval replies-{n}": answers for n in range(1, 30)} if answers is not None else {}
        options = {name: given.pop(name) for name in ("cap_micro_usd", "files", "dry_run") if name in given}
        rows = {"tickets": list(tickets)} if tickets else {}
        done = desk.run(rows | given, replies=replies, prices=PRICES, **options)
        assert not check or done.error is None, done.error
        return done

    return run


def ticket(body="Hello", subject="", number="1", sender="Anna Berg <anna@example.com>"):
    return {"id": number, "from": sender, "subject": subject, "body": body}


def rows(run, kind):
    return [item for item in run.items if item["kind"] == kind]


@pytest.mark.parametrize(
    ("subject", "body", "kind", "urgency"),
    [
        ("URGENT", "Nobody can log in since 9, we cannot work at all!!!", "outage", "critical"),
        ("Refund", "Order 4711 was charged twice, please refund one.", "refund", "normal"),
        ("", "Where can I find the invoice of October? The VAT is wrong.", "billing", "normal"),
        ("Dark mode", "It would be great to have a dark mode some day. No hurry.", "feature", "low"),
        ("", "I forgot my password and am locked out.", "login", "normal"),
        ("Paket", "Mein Paket ist nicht angekommen, bitte dringend nachfragen.", "delivery", "high"),
        ("", "Ich m\u00f6chte mein Abo k\u00fcndigen.", "cancellation", "normal"),
        ("", "Somebody hacked my account, act immediately, my lawyer is informed.", "security", "critical"),
        ("Hello", "We rank your website with our SEO service and backlinks.", "spam", "low"),
        ("", "How do I export my orders?", "how-to", "normal"),
        ("", "Great work, well done!", "praise", "low"),
        ("", "Do you have a shop in Lyon?", "other", "normal"),
        ("", "The app crashes since the update.", "bug", "normal"),
    ],
)
def test_class_and_urgency_follow_the_words_and_name_them(triage, subject, body, kind, urgency):
    (item,) = rows(triage(ticket(body, subject)), "ticket")
    assert (item["class"], item["urgency"]) == (kind, urgency), item
    assert bool(item["reasons"]) is (kind != "other")


@pytest.mark.parametrize(
    "body",
    [
        "The manual is downloaded.",
        "Which cryptographic keys are there?",
        "Your courteous team",
        "Please address it to me",
        "Ist es gerichtet?",
    ],
)
def test_a_word_that_goes_on_is_another_word(triage, body):
    (item,) = rows(triage(ticket(body)), "ticket")
    assert (item["class"], item["reasons"]) == ("other", [])


def test_a_word_with_another_end_is_the_same_word(triage):
    found = rows(
        triage(
            ticket("Invoices"),
            ticket("Both were refunded", number="2"),
            ticket("K\u00fcndigung, dringende", number="3"),
        ),
        "ticket",
    )
    assert {reason for item in found for reason in item["reasons"]} == {"invoice", "refund", "kundig", "dringend"}


def test_not_urgent_is_not_urgent(triage):
    (item,) = rows(triage(ticket("My password does not work. It is not urgent, no hurry.")), "ticket")
    assert item["urgency"] == "low"


def test_the_most_urgent_come_first_and_each_is_charged_once(triage):
    run = triage(
        ticket("Dark mode would be great", number="a"), ticket("The site is down, nobody can work!!", number="b")
    )
    assert [item["ticket"] for item in rows(run, "ticket")] == ["b", "a"]
    assert run.spent_micro_usd == 20_000


def test_a_draft_has_name_order_language_and_signature(triage):
    run = triage(
        ticket("Order no. 4711-0815 was charged twice, refund please"),
        ticket("Bitte erstatten Sie mir die Rechnung RE-778, ich habe sie doppelt bezahlt", number="2"),
        signature="Team North",
    )
    english, german = (item["text"] for item in rows(run, "ticket"))
    assert english.startswith("Hello Anna Berg,\n\n")
    assert "This is about 4711-0815." in english
    assert english.endswith("Kind regards\nTeam North")
    assert german.startswith("Guten Tag Anna Berg,")
    assert "Es geht um RE-778." in german


def test_own_words_replace_ours_and_are_filled_once(triage):
    run = triage(
        ticket("charged twice, refund order {name}99", sender="{order} <a@example.com>"),
        texts={"refund": "Dear {name}: {order} is checked. {unknown}"},
    )
    text = rows(run, "ticket")[0]["text"]
    assert "Dear {order}: " in text  # what was put in is not filled again
    assert "{unknown}" in text


# -- the answer --------------------------------------------------------------------------------------------------------


def test_until_somebody_answers_nothing_may_go_out(triage):
    run = triage(ticket("refund please, charged twice"), answers=None)
    assert run.waiting.key == "replies-1"
    assert (len(rows(run, "ticket")), rows(run, "send"), run.result) == (1, [], None)


def test_a_plain_yes_lets_the_drafts_go(triage):
    run = triage(ticket("refund please, charged twice", "Twice"))
    (sent,) = rows(run, "send")
    assert (sent["to"], sent["subject"], sent["edited"], sent["approved_by"]) == (
        "anna@example.com",
        "Re: Twice",
        False,
        "Test Person",
    )
    assert sent["text"] == rows(run, "ticket")[0]["text"]


def test_no_holds_all_back_with_the_words_of_the_person(triage):
    run = triage(ticket("refund"), answers={"approved": False, "comment": "I call her."})
    assert [item["why"] for item in rows(run, "held")] == ["Test Person said no: I call her."]


def test_nobody_in_time_holds_all_back(triage):
    run = triage(ticket("refund"), answers={"approved": False, "by": None})
    assert [item["why"] for item in rows(run, "held")] == ["Nobody answered in time."]


@pytest.mark.parametrize(
    ("data", "sent", "why"),
    [
        ({"replies": SEND, "reply_1": "Mine."}, "Mine.", None),
        ({"replies": SEND}, None, "Test Person emptied this reply."),
        ({"replies": SEND, "reply_1": "  \n "}, None, "Test Person emptied this reply."),
        ({"replies": HOLD, "reply_1": "Mine."}, None, "Test Person held all of these back."),
    ],
)
def test_each_way_to_fill_the_form_means_what_it_says(triage, data, sent, why):
    run = triage(ticket("refund"), answers={"approved": True, "data": data})
    assert [item["text"] for item in rows(run, "send")] == ([sent] if sent else [])
    assert [item["why"] for item in rows(run, "held")] == ([why] if why else [])


def test_a_ticket_without_an_address_is_held_and_spam_gets_no_reply(triage):
    run = triage(ticket("refund", sender=""), ticket("casino backlinks seo service", number="2"))
    assert [item["why"] for item in rows(run, "held")] == ["The ticket has no address to reply to."]
    assert run.result["no_reply"] == 1
    assert rows(run, "send") == []


def test_ten_at_a_time_are_asked_about_the_most_urgent_first(triage):
    run = triage(*(ticket("password", number=str(n)) for n in range(24)), ticket("outage, nobody can work", number="x"))
    assert [question.key for question in run.questions] == ["replies-1", "replies-2", "replies-3"]
    assert run.questions[0].title == "May 10 replies go out? (part 1 of 3) 1 of them to critical tickets."
    assert run.questions[0].data["Reply 1"].startswith("Ticket x, critical, outage, to anna@example.com:")
    assert run.result["to_send"] == 25


def test_a_question_is_one_that_the_platform_takes(desk, triage):
    from agent_platform.services.runs import read_question

    long = [
        ticket("refund \U0001f600 " * 2_000, "s" * 500, number=f"{n}" * 20, sender=f"{'n' * 100} <a@example.com>")
        for n in range(10)
    ]
    run = triage(*long, texts={"refund": "\U0001f600" * 1000}, role="owner", wait_hours=168)
    (question,) = run.questions
    body = {
        "key": question.key,
        "title": question.title,
        "data": question.data,
        "form": question.form,
        "role": question.role,
    }
    read = read_question(json.dumps(body | {"expires_seconds": 168 * 3600, "on_expire": "reject"}).encode())
    assert read.role == "owner"


def test_the_same_run_from_the_top_gives_the_same_rows(desk, triage):
    given = [ticket("refund", number=str(n)) for n in range(12)]
    first, second = triage(*given, answers=None), triage(*given)
    assert rows(second, "ticket") == rows(first, "ticket")
    assert second.questions[0] == first.questions[0]


def test_a_dry_run_asks_nobody(triage):
    run = triage(ticket("refund"), answers=None, dry_run=True)
    assert [item["approved_by"] for item in rows(run, "send")] == ["dry run"]


def test_at_the_cap_only_what_was_sorted_is_asked_about(triage):
    run = triage(*(ticket("password", number=str(n)) for n in range(5)), cap_micro_usd=30_000)
    assert (run.result["tickets"], len(run.questions[0].data), run.spent_micro_usd) == (3, 3, 30_000)


# -- files -------------------------------------------------------------------------------------------------------------


def test_csv_json_and_json_lines_are_the_same_tickets(triage):
    given = [{"ticket": "1", "email": "a@example.com", "title": "Refund", "message": "charged twice"}]
    table = io.StringIO()
    writer = csv.DictWriter(table, given[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows(given)
    contents = [table.getvalue(), json.dumps(given), json.dumps({"tickets": given}), json.dumps(given[0])]
    found = [triage(files={"file": content.encode()}).items for content in contents]
    assert all(items == found[0] for items in found)
    assert found[0][0]["class"] == "refund"


@pytest.mark.parametrize(
    "content",
    [
        "id,from,subject,body\n7,a@example.com,Refund,charged twice\n" + ",,,\n 8,, ,\n" * 300,
        '[{"subject": "Refund"}, {"id": "8", "body": " "}]',
    ],
)
def test_rows_without_subject_and_message_are_no_tickets(triage, content):
    run = triage(files={"file": content.encode()})
    assert (run.result["tickets"], run.spent_micro_usd) == (1, 10_000)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b"  \n", "empty"), (b"\x00\x01\x02", "no text"), (b"%PDF-1.7\n%\x00", "no text"), (b"a,b\n1,2\n", "no column of messages"),
        (b"[1, 2]", "holds no tickets"), (b"[" * 100_000, "cannot be read"), (b"{broken", "cannot be read"), (b"[]", "holds no tickets"),
        (b'[{"x": 1}]', "No ticket has a message"), (b"body\n" + b"x\n" * 300, "more than 200 tickets"), (b"id,body\n7,a\n7,b\n", "stands twice"), (b"id,body\n7,\n", "No ticket has a message"),
        (b'body\n"' + b"x" * 300_000, "cannot be read"),
    ],
)  # fmt: skip
def test_what_holds_no_tickets_is_the_consumer_s_to_change(triage, content, words):
    run = triage(files={"file": content}, check=False)
    assert (run.error.failure_class, run.error.field, run.charges) == ("input", "file", [])
    assert words in run.error.message
