"""The score as the page shows it."""

from datetime import UTC, datetime

from agent_platform.services.quality import Check, Factor, StoredQuality
from agent_platform.views.quality import quality_view

WHY = "At the last hourly count there were 16 of the 20 runs it takes, and no daily test had run, so it begins at 0."


def test_a_factor_shows_why_it_has_few_points_and_one_stored_before_that_was_known_shows_nothing():
    factors = (
        Factor("reliability", "Reliability", 25, (Check("Daily tests passed", 0, 12, "", WHY),)),
        Factor("upkeep", "Upkeep", 10, (Check(*["Age of the version", 3.0, 3, ""]),)),
    )
    view = quality_view(StoredQuality(3, factors, "", 0.0, datetime(2026, 11, 30, tzinfo=UTC)))
    assert [(one.points, one.note) for one in view.factors] == [("0 / 25", WHY), ("3 / 10", "")]
