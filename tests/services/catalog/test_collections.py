"""What the first page shows where no agent fits one of its collections."""

from agent_platform.core.db.tenant import public_session
from agent_platform.services import catalog
from tests.api.site.listed import list_agent


def test_an_agent_that_fits_no_collection_is_shown_all_the_same(settings):
    list_agent("needs-a-key", is_verified=False, needs_model=True)
    with public_session() as session:
        made = {one.title: [card.slug for card in one.listings] for one in catalog.collections(session)}
    assert made == {"All agents": ["needs-a-key"]}
