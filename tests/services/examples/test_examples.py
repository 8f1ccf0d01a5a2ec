"""Which runs become examples, what everybody reads of them, and who may change that."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.ids import new_id
from agent_platform.services import audit, catalog, examples, identity, quality
from tests.factories import caller_of, make_reviewer
from tests.services.examples.maker import Maker


@pytest.fixture
def maker(settings) -> Maker:
    return Maker()


def test_a_saved_run_is_read_by_everybody_with_what_it_was_given_and_put_out(maker):
    run_id = maker.finish(value={"total": 3})
    saved = maker.save(run_id, " Three   rows ", "Counts to three.\n")
    assert (saved.slug, saved.title, saved.line) == ("three-rows", "Three rows", "Counts to three.")
    assert maker.read() == []  # the job has not come yet
    maker.work()
    assert [(one.title, one.version) for one in maker.read()] == [("Three rows", "1.0.0")]
    page = maker.page()
    assert page.kept.input == {"n": 3}
    assert (page.kept.rows, page.kept.row_count, page.kept.result) == ([{"i": 0}, {"i": 1}, {"i": 2}], 3, {"total": 3})
    assert (page.publisher, page.agent_name, page.listed_version) == ("maker", "Counter", "1.0.0")
    run = maker.now_by_id(run_id)
    assert (page.card.ran_at, page.cost_micro_usd) == (run.finished_at, run.charged_micro_usd)
    with public_session() as session:
        stored = session.execute(text("SELECT row_to_json(e)::text FROM catalogue.examples e")).scalar_one()
    for secret in (maker.publisher, maker.caller.user_id, run_id):
        assert str(secret) not in stored


def test_an_example_stays_as_it_was_when_its_run_is_gone(maker, database):
    run_id = maker.finish()
    maker.save(run_id)
    maker.work()
    before = maker.page()
    with psycopg.connect(database.superuser, autocommit=True) as god:
        god.execute("SET session_replication_role = replica")
        god.execute("DELETE FROM app.run_items WHERE run_id = %s", (run_id,))
        god.execute("DELETE FROM app.runs WHERE id = %s", (run_id,))
    maker.work()
    assert maker.page() == before


@pytest.mark.sec
@pytest.mark.parametrize("column", ["kept", "version", "run_id", "listing_id", "slug", "cost_micro_usd"])
def test_no_process_can_change_what_an_example_shows(maker, column):
    maker.save(maker.finish())
    statements = {
        "kept": "UPDATE app.examples SET kept = '{}'",
        "version": "UPDATE app.examples SET version = '9'",
        "run_id": "UPDATE app.examples SET run_id = id",
        "listing_id": "UPDATE app.examples SET listing_id = id",
        "slug": "UPDATE app.examples SET slug = 'x'",
        "cost_micro_usd": "UPDATE app.examples SET cost_micro_usd = 0",
    }
    for role in ("app", "worker", "platform", "publisher", "broker"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting_as(role),
            tenant_session(maker.publisher) as session,
        ):
            session.execute(text(statements[column]))


def test_a_long_output_is_kept_up_to_its_hundredth_row_and_says_of_how_many(maker):
    maker.save(maker.finish(rows=120))
    maker.work()
    kept = maker.page().kept
    assert (len(kept.rows), kept.row_count, kept.rows[-1]) == (100, 120, {"i": 99})


@pytest.mark.parametrize(("role", "features", "may"), [
    ("owner", (), True), ("admin", (), True), ("member", ("build",), True), ("member", (), False), ("viewer", (), False),
])  # fmt: skip
def test_who_may_speak_for_the_publisher_keeps_its_examples(maker, role, features, may):
    run_id = maker.finish()
    person = replace(caller_of(maker.publisher, role=role, name="Ben"), features=features)
    assert maker.standing(run_id, person).offered is may
    if not may:
        with pytest.raises(examples.NotPublisher, match="Nothing changed"):
            maker.save(run_id, caller=person)
        kept = maker.save(run_id)
        for change in (lambda: maker.rename(kept.id, "x", "y", person), lambda: maker.remove(kept.id, person)):
            with pytest.raises(examples.NotPublisher):
                change()
        return
    kept = maker.save(run_id, caller=person)
    maker.rename(kept.id, "Counted", "By Ben.", person)
    maker.remove(kept.id, person)
    assert maker.standing(run_id).slug == ""


@pytest.mark.sec
def test_nobody_keeps_or_changes_what_is_another_workspace_s(maker):
    run_id = maker.finish()
    kept = maker.save(run_id)
    with tenant_session(maker.stranger) as session:
        for attack in (
            lambda: examples.save_example(session, run_id=run_id, title="x", line="x", caller=maker.stranger_caller),
            lambda: examples.rename_example(
                session, example_id=kept.id, title="x", line="x", caller=maker.stranger_caller
            ),
            lambda: examples.remove_example(session, example_id=kept.id, caller=maker.stranger_caller),
        ):
            with pytest.raises(NotFound):
                attack()
    with acting_as("worker"):
        examples.publish_example(tenant_id=maker.publisher, example_id=kept.id)
        examples.publish_example(tenant_id=maker.stranger, example_id=kept.id)  # a message with a foreign id
    assert [one.title for one in maker.read()] == ["Three rows"]


def test_a_run_of_somebody_else_s_agent_is_no_example(maker):
    maker.consumer, maker.caller = maker.stranger, maker.stranger_caller
    run_id = maker.finish()
    with tenant_session(maker.stranger) as session:
        run = maker.now_by_id(run_id)
        assert examples.standing(session, run=run, caller=maker.caller) == examples.Standing()
        with pytest.raises(examples.ExampleRefused, match="own agent"):
            examples.save_example(session, run_id=run_id, title="x", line="x", caller=maker.caller)


def test_only_a_real_run_that_has_succeeded_becomes_an_example(maker):
    broken = maker.running(key="broken")
    assert maker.standing(broken.id) == examples.Standing()
    maker.end(broken, phase="failed", reason="error", exit_code=1)
    assert maker.standing(broken.id) == examples.Standing()
    with pytest.raises(examples.ExampleRefused, match="has succeeded"):
        maker.save(broken.id)
    dry = maker.finish("dry", dry_run=True)
    assert maker.standing(dry).why_not.startswith("This was a dry run")
    with pytest.raises(examples.ExampleRefused, match="dry run"):
        maker.save(dry)


def test_a_version_that_is_not_public_has_no_examples(maker):
    run_id = maker.finish()
    maker.release_is("yanked")
    assert maker.standing(run_id).why_not.startswith("Version 1.0.0 of this agent is not public.")
    with pytest.raises(examples.ExampleRefused, match="Nothing was saved"):
        maker.save(run_id)
    maker.release_is("published")
    maker.listing_is(state="withdrawn")
    with pytest.raises(examples.ExampleRefused, match="is not public"):
        maker.save(run_id)


def test_one_run_is_one_example_whose_words_change_and_whose_address_stays(maker):
    run_id = maker.finish()
    kept = maker.save(run_id)
    with pytest.raises(examples.ExampleRefused, match="already"):
        maker.save(run_id, "Another title")
    assert maker.standing(run_id).slug == "three-rows"
    maker.work()
    before = maker.page()
    maker.rename(kept.id, "Counted to three", "And no further.")
    maker.work()
    after = maker.page()
    assert (after.card.title, after.card.line, after.kept) == ("Counted to three", "And no further.", before.kept)
    assert maker.save(maker.finish("k2"), "Three rows").slug == "three-rows-2"


def test_what_was_removed_is_gone_in_whatever_order_the_messages_come(maker):
    kept = maker.save(maker.finish())
    maker.remove(kept.id)
    maker.work()
    assert maker.read() == []
    with pytest.raises(NotFound):
        maker.page()
    with pytest.raises(NotFound):
        maker.remove(kept.id)
    with tenant_session(maker.publisher) as session:
        assert [one.action for one in audit.list_entries(session)][:2] == ["example.removed", "example.saved"]


def test_an_agent_has_twenty_examples_at_most_however_many_are_saved_at_once(maker):
    runs = [maker.finish(f"k{number}") for number in range(4)]
    maker.fill(examples.MOST_EXAMPLES - 1)

    def save(run_id):
        try:
            return maker.save(run_id).slug
        except examples.TooManyExamples as refusal:
            return refusal.sentence

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(save, runs))
    assert answers.count("three-rows") == 1
    assert sum(answer.startswith("Counter has 20 examples") for answer in answers) == 3
    with tenant_session(maker.publisher) as session:
        assert len(examples.list_own(session, agent_id=maker.listing_id)) == 20


@pytest.mark.parametrize(
    ("title", "line"), [("", "x"), ("x", ""), (" \n\0", "x"), ("x" * 81, "x"), ("x", "x" * 161), ("x", "\t")]
)
def test_an_example_needs_a_title_and_a_line(maker, title, line):
    run_id = maker.finish()
    with pytest.raises(InputInvalid, match="Nothing was saved"):
        maker.save(run_id, title, line)
    assert maker.standing(run_id).slug == ""


def test_a_suspended_agent_shows_none_from_that_moment_on_and_all_again_when_lifted(maker):
    maker.save(maker.finish())
    maker.work()
    reviewer = make_reviewer()
    identity.in_platform(catalog.suspend, listing_id=maker.listing_id, reason="Mines coins.", by=reviewer)
    assert maker.read() == []
    with pytest.raises(NotFound):
        maker.page()
    with pytest.raises(examples.ExampleRefused):
        maker.save(maker.finish("k2"), "Another")
    identity.in_platform(catalog.lift, listing_id=maker.listing_id, reason="Fixed.", by=reviewer)
    assert len(maker.read()) == 1
    assert maker.page().card.title == "Three rows"


def test_an_example_is_hidden_with_its_agent_and_with_its_version(maker):
    maker.save(maker.finish())
    maker.work()
    maker.release_is("yanked")
    assert maker.read() == []
    maker.release_is("published")
    maker.listing_is(visibility="unlisted")
    assert maker.page().indexed is False
    with public_session() as session:
        assert examples.count_addresses(session) == 0
        assert examples.list_addresses(session, skip=0, most=10) == []
    maker.listing_is(visibility="public", state="withdrawn")
    with pytest.raises(NotFound):
        maker.page()


def test_examples_lie_behind_the_fence_of_their_publisher(maker):
    maker.save(maker.finish())
    with tenant_session(maker.stranger) as session:
        assert session.execute(text("SELECT count(*) FROM app.examples")).scalar_one() == 0


def test_the_score_counts_example_pages(maker):
    def points():
        with acting_as("worker"):
            quality.refresh_quality()
        with public_session() as session:
            found = quality.find_quality(session, listing_id=maker.listing_id)
        return next(
            one.points for factor in found.factors for one in factor.checks if one.title == "Three example pages"
        )

    assert points() == 0
    for number, wanted in ((1, 2), (2, 2), (3, 4)):
        maker.save(maker.finish(f"k{number}"))
        maker.work()
        assert points() == wanted


def test_an_unknown_example_and_an_unknown_run_read_like_those_of_others(maker):
    with pytest.raises(NotFound, match="belongs to another workspace"):
        maker.save(new_id())
    for slug in ("", "nothing", "three-rows\0", "../..", "%", "x" * 5_000):
        with pytest.raises(NotFound, match="no such example"):
            maker.page(slug)


@pytest.mark.parametrize(("title", "slug"), [
    ("Three rows", "three-rows"), ("  --Ärger & Co--  ", "rger-co"), ("日本語", "example"), ("x" * 80, "x" * 60),
    ("<script>alert(1)</script>", "script-alert-1-script"), ("../../etc/passwd", "etc-passwd"), ("a.md", "a-md"),
])  # fmt: skip
def test_a_title_becomes_a_plain_part_of_an_address(title, slug):
    assert examples.slug_of(title, set()) == slug
    assert examples.slug_of(title, {slug}) == f"{slug}-2"
