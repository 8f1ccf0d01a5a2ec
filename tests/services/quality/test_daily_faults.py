"""What one listing must not do to the daily tests of all others."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.publisher import publisher_session
from agent_platform.models.catalogue import Listing, Release
from tests.services.quality.test_daily import TESTS, Range
from tests.services.runs.conftest import manifest

pytestmark = pytest.mark.usefixtures("settings")
PLAIN = [{"name": "plain", "input": {"n": 3}, "expect": {"state": "succeeded"}}]


class Neighbours(Range):
    """The range with a second listing, `other`, whose turn comes after that of `counter`."""

    def __init__(self, tests=TESTS, *, other=PLAIN):
        super().__init__(tests=tests)
        self.release("other")
        with publisher_session() as session:
            listing = session.execute(select(Listing).where(col(Listing.slug) == "other")).scalar_one()
            listing.published_at = datetime.now(UTC) - timedelta(hours=1)
            session.get_one(Release, listing.release_id).manifest = {**manifest("other", "free"), "tests": other}
        self.other_id = listing.id

    def rewrite(self, *, digest=None, **changes):
        """The manifest of `counter` as an earlier check may have let it pass."""
        with publisher_session() as session:
            release = session.get_one(Release, session.get_one(Listing, self.listing_id).release_id)
            release.manifest = {**release.manifest, **changes}
            release.digest = digest or release.digest


def bundle():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("main.py", "def go(run): ...")
    return objects.put_bytes(objects.release_folder(), stream.getvalue())


def test_a_manifest_that_cannot_be_tested_stops_nobody_else(caplog):
    range_ = Neighbours()
    file = {"type": "object", "properties": {"doc": {"type": "string", "format": "file"}}}
    broken = [{"name": "number", "input": {"doc": 5}, "expect": {"state": "succeeded"}}]
    range_.rewrite(input=file, tests=broken, digest=bundle())
    range_.beat()
    assert range_.results() == {
        "all tests": ("void", "This says nothing about the agent: the platform was at fault."),
        "plain": ("running", ""),
    }
    assert f"The tests of listing {range_.listing_id} could not be run" in caplog.text
