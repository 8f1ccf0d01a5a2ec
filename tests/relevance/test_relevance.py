"""What people mean stands among the first three. The figures of the day are in docs/search.md."""

import pytest

from tests.relevance.agents import MORE
from tests.relevance.asking import ask_all, fill_directory, share
from tests.relevance.questions import QUESTIONS
from tests.services.catalog.shelf import AGENTS

LEAST_TOP_3 = 0.9
LEAST_TOP_3_OF_A_KIND = 0.75


def test_the_file_is_large_enough_and_means_agents_that_are_there():
    slugs = {facts[0] for facts in (*AGENTS, *MORE)}
    assert sum(map(len, QUESTIONS.values())) >= 60
    assert {meant for questions in QUESTIONS.values() for meant in questions.values()} <= slugs


@pytest.mark.usefixtures("settings")
def test_what_people_mean_stands_among_the_first_three():
    fill_directory()
    answers = ask_all()
    missed = [(one.asked, one.meant, one.place, one.first) for one in answers if not 0 < one.place <= 3]
    assert share(answers, 3) >= LEAST_TOP_3, missed
    for kind in QUESTIONS:
        assert share([one for one in answers if one.kind == kind], 3) >= LEAST_TOP_3_OF_A_KIND, missed
