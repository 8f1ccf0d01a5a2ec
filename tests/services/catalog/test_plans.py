"""How a question is answered, where an answer of the same words could take a hundred times as long."""

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from agent_platform.core.db.tenant import public_session
from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog import Filters
from agent_platform.services.catalog._filters import conditions


def test_enough_stars_are_asked_for_as_the_index_of_the_best_rated_has_them(settings):
    asked = select(Listing).where(*conditions(Filters(rating=4.5)))
    words = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    with public_session() as session:
        plan = "\n".join(session.execute(text(f"EXPLAIN {words}")).scalars())
        index = session.execute(text("SELECT pg_get_indexdef('catalogue.ix_listings_rated'::regclass)")).scalar_one()
    assert "(COALESCE(rating, '0'::double precision) >= '4.5'" in plan
    assert "(COALESCE(rating, (0)::double precision) DESC" in index
