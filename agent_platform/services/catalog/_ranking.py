"""The best of the most used: scoring all matches of a common word would cost fifty times as much."""

from typing import Any

from sqlalchemy import CTE, Float, Uuid, bindparam, column, func, literal_column, select, text
from sqlmodel import col

from agent_platform.models.catalogue import SHOWN, Listing
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._question import matches, where

MOST_COUNTED = 500
MOST_RANKED = 300
MOST_WITH_ALL = 150
OFTEN_WITH_ALL = 16  # with so many among them, more are found sooner down the index of use than by the words
MOST_LOOKED_AT = 3_000
ENOUGH_WITH_ALL = 24  # with so many among the most used, a whole page has all of the words
SCORED = (
    "id",
    "runs_30d",
    "quality",
    "tags",
    "tsv",
)  # lie in the index of use, so that no listing is read for its score

# Text match x words matched x quality x popularity. Each term adds its weight by where it stands (name, tags and publisher,
# summary): `ts_rank` divides by their number, which is taken back. A word counts as matched by its synonyms too, so two meant
# words outweigh one literal one. Tags carry no position in the index, so a shared one counts by itself. What few candidates or
# questions have is only counted for those: a subquery for each candidate takes as long as its rank.
SCORE = text("""
    SELECT id, CAST((
        coalesce((numnode(words) + 1) / 2 * ts_rank('{0, 0.2, 0.4, 1}', tsv, words), 0)
        + coalesce((numnode(synonyms) + 1) / 2 * ts_rank('{0, 0.05, 0.2, 0.5}', tsv, synonyms), 0)
        + 0.25 * CASE WHEN tags && asked_tags THEN (SELECT count(*) FROM unnest(tags) AS tag WHERE tag = ANY (asked_tags)) ELSE 0 END
    ) * (1 + coalesce(CAST(tsv @@ each[1] AS int), 0) + coalesce(CAST(tsv @@ each[2] AS int), 0)
        + CASE WHEN cardinality(each) > 2 THEN (SELECT count(*) FROM unnest(each[3:]) AS one WHERE tsv @@ one) ELSE 0 END)
    * (0.5 + coalesce(quality, 50) / 200.0) * (1 + ln(1 + runs_30d) / 20.0) AS double precision) AS key
    FROM candidates, (
        SELECT CAST(:words AS tsquery) AS words, CAST(:synonyms AS tsquery) AS synonyms,
            CAST(:tags AS text[]) AS asked_tags, CAST(:each AS tsquery[]) AS each
    ) AS asked
""")


def ranked(filters: Filters, *, several: bool) -> tuple[Any, CTE]:
    """(id and key of each candidate, all that was counted), for the terms of a question with one word or several.

    `enough` of them are looked for: one more than are ranked, or as many as are counted.
    """
    found = _most_used(where(filters, has_words=True), bindparam("enough")).cte("found")
    most_used = select(found).limit(MOST_RANKED).cte("most_used")
    candidates = select(most_used)
    if several:
        candidates = candidates.union_all(_rarer(filters, found, most_used))
    scored = SCORE.columns(column("id", Uuid), column("key", Float(53))).add_cte(candidates.cte("candidates"))
    return scored.subquery("scored"), found


def _rarer(filters: Filters, found: CTE, most_used: CTE) -> Any:
    """Those with all of the words, where few of the most used have: further down the index of use, or, where they seldom meet, by the words."""
    all_found = select(func.count()).select_from(found).scalar_subquery()
    with_all = select(func.count()).where(matches(most_used.c.tsv, "all_words")).scalar_subquery()
    few = [*conditions(filters), all_found > MOST_RANKED, with_all < ENOUGH_WITH_ALL]
    known = select(most_used.c.id)
    near = _used_more([*few, with_all >= OFTEN_WITH_ALL], known).cte("near")
    number = select(func.count()).select_from(near).scalar_subquery()
    seldom = [*few, matches(col(Listing.tsv), "all_words"), number < ENOUGH_WITH_ALL]
    far = _most_used(seldom, MOST_WITH_ALL, walks=False).subquery()
    return select(near).where(number >= ENOUGH_WITH_ALL).union_all(select(far).where(far.c.id.not_in(known)))


def _used_more(having: list[Any], known: Any) -> Any:
    """Others with all of the words among the most used of the whole directory; none where it has no more than are looked at."""
    used = (
        select(col(Listing.runs_30d)).where(text(SHOWN)).order_by(col(Listing.runs_30d).desc(), col(Listing.id).desc())
    )
    next_one = used.offset(MOST_LOOKED_AT).limit(1).scalar_subquery()
    looked_at = _most_used([*having, col(Listing.runs_30d) > next_one], MOST_LOOKED_AT).subquery()
    with_all = select(looked_at).where(matches(looked_at.c.tsv, "all_words"), looked_at.c.id.not_in(known))
    return with_all.order_by(looked_at.c.runs_30d.desc(), looked_at.c.id.desc()).limit(MOST_WITH_ALL)


def _most_used(having: list[Any], number: Any, *, walks: bool = True) -> Any:
    """Down the index of use until there are enough; else all of them are found first."""
    used = col(Listing.runs_30d) if walks else col(Listing.runs_30d) + literal_column("0")
    columns = [getattr(Listing, name) for name in SCORED]
    return select(*columns).where(*having).order_by(used.desc(), col(Listing.id).desc()).limit(number)
