"""Answering the question of a run: what was typed stays while the page follows the run."""

from typing import Any

import reflex as rx

from agent_platform.core.errors import InputInvalid
from agent_platform.core.ids import parse
from agent_platform.core.policy import policy
from agent_platform.services import runs
from agent_platform.views.form_kinds import FILE_KINDS, kind_of, rules_of
from agent_platform.views.form_reading import read_form
from agent_platform.views.forms import (
    FieldView,
    fields_as_typed,
    fields_of,
    names_held,
    raw_of,
    read_chosen,
    with_names,
)
from agent_platform.views.run_questions import AnswerView, QuestionView

MOST_COMMENT = 2_000


class Questions(rx.State, mixin=True):
    """For the page of a run; `_look` shows the run anew."""

    question: QuestionView = QuestionView()
    answers: list[AnswerView] = []
    answer_fields: list[FieldView] = []
    answer_fault: str = ""
    comment: str = ""
    _answer: dict[str, str] = {}
    _answer_files: dict[str, str] = {}
    _form: dict[str, Any] = {}

    @rx.event
    @policy("member")
    async def write_comment(self, text: str) -> None:
        self.comment = text[:MOST_COMMENT]

    @rx.event
    @policy("member")
    async def write_answer(self, name: str, value: str) -> None:
        if name in self._answer:
            names: dict[str, str] = {}
            if kind_of(rules_of(self._form)[name]) in FILE_KINDS:
                value, names = read_chosen(value)
            self._answer[name] = value
            self._answer_files = names_held(self._answer, {**self._answer_files, **names})
            self._redraw_answer({})

    @rx.event(temporal=True)
    @policy("member", rate="write")
    async def approve(self) -> None:
        """The question is answered with yes and with what the form holds; wrong fields are marked and nothing is decided."""
        values, errors = read_form(self._form, self._answer)
        if errors:
            self._redraw_answer(errors)
            return
        await self._decide(approved=True, answer=values)

    @rx.event(temporal=True)
    @policy("member", rate="write")
    async def reject(self) -> None:
        await self._decide(approved=False, answer={})

    async def _decide(self, *, approved: bool, answer: dict[str, Any]) -> None:
        self.answer_fault = ""
        try:
            await self.in_tenant(
                runs.decide,
                approval_id=parse("apv", self.question.id),
                approved=approved,
                comment=self.comment,
                answer=answer,
            )
        except InputInvalid as error:
            self.answer_fault = error.sentence
            return
        finally:
            await self._look()  # somebody else may have been first: the page shows it, and the error is said

    def _ask(self, question: QuestionView, form: dict[str, Any]) -> None:
        """Another question begins with an empty form; the same one keeps what was typed."""
        if question.id == self.question.id:
            return
        self.answer_fault, self.comment, self._form = "", "", form
        self.answer_fields = fields_of(form, {}) if form else []
        self._answer = raw_of(self.answer_fields)

    def _redraw_answer(self, errors: dict[str, str]) -> None:
        self.answer_fields = with_names(fields_as_typed(self._form, self._answer, errors), self._answer_files)
