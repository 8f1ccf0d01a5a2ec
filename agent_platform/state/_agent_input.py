"""What an agent is given: a form or one JSON document; the one on screen is what runs."""

import time
from typing import Any

import reflex as rx

from agent_platform.core.errors import Problem
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.storable import storable
from agent_platform.state._agent import AgentPage
from agent_platform.views.demo import for_visitor
from agent_platform.views.form_json import (
    beyond_form,
    document_of,
    fields_of_document,
    lines_of,
    read_document,
    written,
)
from agent_platform.views.form_kinds import FILE_KINDS, kind_of, rules_of
from agent_platform.views.form_reading import faults_of, read_form
from agent_platform.views.forms import (
    FieldView,
    fields_as_typed,
    fields_of,
    names_held,
    raw_of,
    read_chosen,
    with_names,
    without_samples,
)

MOST_JSON = 200_000
CUT = "This was cut at {:,} characters, the most that fits here."
GO_ON = f"{CUT} Look at its end, then press again to go on with what is there."
DOCUMENT = ""  # among the names of fields
LOOK_SECONDS = 1.0  # who presses again sooner has clicked twice


class AgentInput(rx.State, mixin=True):
    """For the page of an agent. `_document` is what the JSON says, None while it cannot be read; `json_error` then says why."""

    mode: str = "form"
    fields: list[FieldView] = []
    json_text: str = ""
    json_error: str = ""
    most_characters: int = MOST_JSON  # of one field: what the socket takes
    _page: AgentPage | None = None
    _raw: dict[str, str] = {}
    _document: dict[str, Any] | None = None
    _cuts_told: dict[str, float] = {}  # when a press was refused because this had been cut; not changed since
    _files: dict[str, str] = {}  # the names of the files that were chosen here, by what the form holds for them

    @rx.event
    @policy("public")
    async def choose_mode(self, value: str) -> None:
        """Form and JSON show the same input; what the form cannot show stays JSON, with the reason."""
        if self._page is None or value == self.mode:
            return
        if value == "json":
            self._take_json(document_of(self._page.schema, self._raw))
            self.mode = "json"
        elif self._fits_the_form():
            self.mode = "form"
        else:
            page: Any = self
            await page.say("The form cannot show this input yet", note=self.json_error, level="error")

    @rx.event
    @policy("public")
    async def change(self, name: str, value: str) -> None:
        """The field holds what was typed; a chosen file takes the place of a sample text."""
        if self._page and name in self._raw:
            self._cuts_told.pop(name, None)
            if kind_of(rules_of(self._page.schema)[name]) in FILE_KINDS:
                self._choose(name, value)
            else:
                self._raw[name] = value
            self._redraw(self._cuts())

    @rx.event
    @policy("public")
    async def write_json(self, value: str) -> None:
        """The text stays as typed, with why it cannot be read."""
        self._take_json(value)

    def _choose(self, name: str, value: str) -> None:
        """The field holds these files; the names of others that nothing holds any more are forgotten."""
        assert self._page is not None
        self._raw[name], names = read_chosen(value)
        self._files = names_held(self._raw, {**self._files, **names})
        if value:
            self._raw = without_samples(self._page.schema, self._raw)

    def _begin_form(self, values: dict[str, Any]) -> None:
        """A form with these values, and with the prefills of the fields that they leave out; JSON where the form cannot show them all."""
        assert self._page is not None
        self.mode, self.json_text, self.json_error, self._document, self._files = "form", "", "", None, {}
        self._cuts_told = {}
        self._draw(fields_of(self._page.schema, values))
        self._raw = raw_of(self.fields)
        given = {name: value for name, value in values.items() if value is not None}
        if reason := beyond_form(self._page.schema, given):
            self.mode = "json"
            self._take_json(written(given))
            self.json_error = self.json_error or reason

    def _given(self) -> tuple[dict[str, Any] | None, str]:
        """The input that is on screen; or None and why it cannot run, which is marked as well."""
        if self.mode == "json":
            if self._document is not None and self._is_cut(self.json_text) and self._untold({DOCUMENT}):
                self.json_error = GO_ON.format(self.most_characters)
                return None, self.json_error
            return self._document, "" if self._document is not None else self.json_error
        assert self._page is not None
        values, errors = read_form(self._page.schema, self._raw)
        if not errors:
            errors = dict.fromkeys(self._untold(set(self._cuts())), GO_ON.format(self.most_characters))
        if not errors:
            return values, ""
        self._redraw(self._cuts() | errors)
        return None, next(iter(errors.values()))

    def _untold(self, cut: set[str]) -> set[str]:
        """Those that no press was refused for, or only just now; from now on one was."""
        now = time.time()
        looked_at = {name for name, at in self._cuts_told.items() if now - at > LOOK_SECONDS}
        self._cuts_told = dict.fromkeys(cut, now) | self._cuts_told
        return cut - looked_at

    def _cuts(self) -> dict[str, str]:
        """What is as long as a field may be may have gone on."""
        words = CUT.format(self.most_characters)
        return {name: words for name, value in self._raw.items() if self._is_cut(value)}

    def _is_cut(self, text: str) -> bool:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 >= self.most_characters  # as a browser counts

    def _held(self) -> dict[str, Any] | None:
        """The same as far as it can be read; None for JSON that cannot."""
        assert self._page is not None
        return self._document if self.mode == "json" else read_form(self._page.schema, self._raw)[0]

    def _mark(self, problems: tuple[Problem, ...]) -> None:
        """What the service refused stands beside what it is about."""
        if self.mode == "json":
            self.json_error = lines_of(problems)
        else:
            assert self._page is not None
            self._redraw(faults_of(self._page.schema, self._raw, problems))

    def _take_json(self, text: str) -> None:
        self.json_text, self.json_error, self._document = storable(text[:MOST_JSON]), "", None
        self._cuts_told.pop(DOCUMENT, None)
        try:
            self._document = read_document(text[:MOST_JSON])
        except ValueError as fault:
            self.json_error = CUT.format(self.most_characters) if self._is_cut(text) else str(fault)

    def _fits_the_form(self) -> bool:
        """The form holds what the JSON says; if it cannot, nothing has changed but the reason."""
        assert self._page is not None
        if self._document is None:
            return False
        if reason := beyond_form(self._page.schema, self._document):
            self.json_error = reason
            return False
        self._cuts_told = {}
        self._draw(fields_of_document(self._page.schema, self._document))
        self._raw = raw_of(self.fields)
        return True

    def _redraw(self, errors: dict[str, str]) -> None:
        """The fields as typed, with the given faults."""
        assert self._page is not None
        self._draw(fields_as_typed(self._page.schema, self._raw, errors))

    def _draw(self, fields: list[FieldView]) -> None:
        """A visitor's files go to demos, where there are any."""
        page = self._page
        tries = page.view.address if page and page.demo_note else ""
        sent = for_visitor(fields, address=tries) if current_caller().user_id is None else fields
        self.fields = with_names(sent, self._files)
