"""Components draw from plain values and from state vars alike, and carry their roles and names."""

import plotly.graph_objects as go
import reflex as rx
from reflex.vars import VarData

from agent_platform.components import (
    agent_card,
    badges,
    buttons,
    callouts,
    cards,
    charts,
    feedback,
    fields,
    figures,
    filters,
    forms,
    log_view,
    markdown,
    meter,
    money,
    pager,
    permission_sheet,
    quote_bar,
    run_rows,
    tables,
    tabs,
    timeline,
)
from agent_platform.components.theme import inline
from agent_platform.pages._agent_permissions import sheet, waiting_version
from agent_platform.pages._agent_pricing import pricing_tab
from agent_platform.pages._agent_reviews import reviews_tab
from agent_platform.pages._frame import app_frame, public_frame, settings_frame
from agent_platform.pages._keep import keep_and_share
from agent_platform.views.format import MoneyView, money_exact
from agent_platform.views.forms import FieldView, RemovalView, fields_of
from agent_platform.views.parts import (
    AgentCardView,
    Crumb,
    FactView,
    FigureView,
    LogLine,
    MeterView,
    OptionView,
    PermissionView,
    RunRowView,
    TableView,
    TimelineBar,
    meter_view,
)
from agent_platform.views.shell import ShellView


def var(name, kind):
    """A var as a state would give it, without registering a state for the rest of the test session."""
    return rx.Var(name, _var_type=kind, _var_data=VarData(state="drawing", field_name=name)).guess_type()


def change(name, value):
    return rx.console_log(value)


choose = rx.console_log
word = var("word", str)
busy = var("busy", bool)
meter_var = var("meter", MeterView)
shell = var("shell", ShellView)
form_fields = var("fields", list[FieldView])
options = var("options", list[OptionView])


def drawn(component: rx.Component) -> str:
    return str(component.render())


def test_a_status_shows_icon_word_and_colour():
    text = drawn(badges.status_pill("capped"))
    assert "octagon-x" in text
    assert "Stopped at cap" in text
    assert "amber" in text


def test_a_status_var_covers_every_known_state():
    text = drawn(badges.status_pill(word))
    assert all(word in text for _, _, word in badges.all_looks().values())


def test_an_unknown_state_shows_its_own_word():
    assert "Half done" in drawn(badges.status_pill("half_done"))


def test_the_meter_has_its_role_and_text():
    text = drawn(meter.cost_meter(meter_view(166_000, 500_000, p50=140_000, p90=250_000)))
    assert "meter" in text
    assert "$0.166 of $0.50 cap" in text
    assert "typical $0.14" in text


def test_the_inline_style_of_a_meter_var_names_its_state_to_the_compiler():
    styled = inline(w=meter_var.fill)["style"]
    assert styled._get_all_var_data().state == "drawing"


def test_a_blocked_button_says_why():
    text = drawn(buttons.blocked_button("Run", reason="Your member cap has $0.31 left."))
    assert "tooltip" in text
    assert "$0.31 left" in text


def test_an_icon_button_has_a_name():
    assert "Notifications" in drawn(buttons.icon_button("bell", "Notifications"))


def test_an_urgent_callout_is_an_alert():
    assert "alert" in drawn(callouts.callout("Failed", "Nothing was charged.", kind="error", urgent=True))


def test_a_field_joins_label_control_and_fault():
    text = drawn(
        fields.field(fields.text_input("name", "x", choose), name="name", label="Name", error="Name is required.")
    )
    assert "name-fault" in text
    assert "Name is required." in text


def test_every_piece_draws_from_state_vars():
    pieces = [
        agent_card.agent_grid(var("agents", list[AgentCardView])),
        run_rows.run_table(var("runs", list[RunRowView])),
        figures.figure_strip(var("figures", list[FigureView])),
        cards.facts(var("facts", list[FactView])),
        forms.schema_form(form_fields, change),
        timeline.timeline_card(var("bars", list[TimelineBar]), total=word),
        log_view.log_view(var("lines", list[LogLine]), following=busy),
        permission_sheet.permission_sheet(var("permissions", list[PermissionView]), level=word),
        filters.filter_group("Category", options, choose),
        filters.chips(options, choose, on_clear=choose("")),
        tables.text_table(var("rows", TableView), name="Rows"),
        money.money(var("money", MoneyView), large=True),
        meter.cost_meter(meter_var),
        quote_bar.quote_bar(typical=word, sentence=word, source=word),
        pager.pager(
            word,
            on_previous=choose("p"),
            on_next=choose("n"),
            has_previous=busy,
            has_next=busy,
        ),
        tabs.tab_bar([tabs.Tab("a", "A", "1")], word, choose, name="Tabs"),
        tabs.segmented(options, word, choose, name="Choice"),
        fields.select("sort", word, choose, options),
        markdown.prose(word),
        charts.chart(var("figure", go.Figure), summary="Runs", twin=rx.el.div(), series=(2, 6)),
        feedback.loading_cards(),
        feedback.empty(word, word),
    ]
    assert all(drawn(piece) for piece in pieces)


def test_lists_may_be_plain_values():
    form = forms.schema_form(fields_of({"properties": {"n": {"type": "integer", "title": "Number"}}}, {}), change)
    assert "Number" in drawn(form)
    assert "$0.166" in drawn(money.money(money_exact(166_000)))


def test_values_of_several_parts_have_editors_and_code_says_how_to_leave_it():
    form = drawn(forms.schema_form(form_fields, change, most=var("most", int)))
    for said in (
        "TagsEditor",
        "RowsEditor",
        "CodeEditor",
        "pairs",
        "mostCharacters",
        "Escape, then Tab leaves the field.",
    ):
        assert said in form


def test_frames_have_a_skip_link_one_main_and_the_current_place():
    for frame, mains in (  # two where one of two is drawn: inside a workspace, or outside of any
        (app_frame("Runs", "content", shell=shell, current="runs", crumbs=(Crumb("Home", "/"),)), 2),
        (settings_frame("Profile", "content", shell=shell, current="profile"), 2),
        (public_frame("content", shell=shell, current="agents"), 1),
    ):
        text = drawn(frame)
        assert "Skip to content" in text
        assert text.count("'main'") + text.count('"main"') + text.count("'Opening'") == mains
        assert "aria-current" in text or "aria_current" in text


def test_a_stacked_table_names_its_values_where_the_head_is_not_seen():
    drawn = str(
        tables.table(("Role",), tables.row(tables.cell("member", label="Role")), name="M", stacked=True).render()
    )
    assert "table stacked" in drawn
    assert "data-label" in drawn


def test_a_closed_file_field_cannot_be_used_and_says_why():
    closed = drawn(fields.file_input("file", "", lambda value: [], note="A demo takes none.", disabled=True))
    assert "disabled:true" in closed.replace(" ", "")
    assert "A demo takes none." in closed


def test_a_file_field_of_a_form_has_a_button_for_each_file_and_others_have_none():
    removals = [RemovalView("file_1", "Remove", "Remove a.csv from File")]
    file = FieldView(
        "file", "File", "file", value="file_1", holds="Still chosen: a.csv.", rest="At most.", removals=removals
    )
    form = drawn(forms.form_field(file, change))
    for said in ("Remove a.csv from File", "data-removes", "file_1", "data-stop", "At most."):
        assert said in form
    assert "data-stop" not in drawn(fields.file_input("logo", "", lambda value: []))


def test_a_file_goes_where_its_field_says():
    file = FieldView("file", "File", "file", sends_to="/uploads/demo/a/b", most_bytes=1_048_576, note="At most 1 MiB.")
    sent = drawn(forms.form_field(file, change))
    for said in ("/uploads/demo/a/b", "1048576", "At most 1 MiB."):
        assert said in sent


def test_a_search_field_shows_the_key_that_leads_to_it():
    assert "kbd" in drawn(fields.search_input("q", "", lambda value: [], label="Search agents", key=True))
    assert "kbd" not in drawn(fields.search_input("q", "", lambda value: [], label="Search agents"))


def test_a_visitor_who_presses_save_signs_in_and_comes_back():
    drawing = drawn(keep_and_share())
    assert "Sign in to save it" in drawing
    assert "shell" in drawing
    assert "sign_in" in drawing


def test_the_sheet_of_a_member_names_the_version_it_is_compared_with_and_offers_the_one_that_waits():
    assert "compared" in drawn(sheet())
    waiting = drawn(waiting_version())
    assert "sentence" in waiting  # of each permission that would be new, where Accept is
    for said in ("asks for more", "permissions", "accept_newest", "Ask an admin of this workspace to accept it."):
        assert said in waiting


def test_the_pricing_tab_counts_units_and_says_what_is_given_back():
    tab = drawn(pricing_tab())
    for said in ("How many units", "count_units", "If something goes wrong", "promises"):
        assert said in tab


def test_a_review_is_deleted_only_after_a_question():
    tab = drawn(reviews_tab())
    for said in ("Delete this review?", "ask_delete", "Keep it"):
        assert said in tab
