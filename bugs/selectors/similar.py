"""Bugs whose title is like another. Trigrams are compared for a few hundred candidates only, found by rare words."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F, FloatField, Func, QuerySet, Value

from audit.actors import Principal
from bugs import policy
from bugs.models import Bug
from bugs.models.words import CONFIGURATION
from bugs.search import candidates
from bugs.search.candidates import Candidates
from bugs.search.queries import Query
from bugs.search.windows import Gate
from bugs.selectors.bugs import bugs_for

MAX_TITLE = 300  # characters that are compared
MAX_CANDIDATES = 400
MAX_RARE = 4  # words of a title that are looked for
COMMON = 0.002  # share of bugs above which a word alone finds too much
MIN_ALIKE = 0.2  # trigram similarity
REMEMBERED_SECONDS = 600.0

_STEMS = f"SELECT tsvector_to_array(to_tsvector('{CONFIGURATION}', %s))"
_FREQUENCIES = """
    SELECT lexeme, share FROM pg_stats,
        unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common(lexeme, share)
    WHERE schemaname = current_schema() AND tablename = 'bugs_bug' AND attname = 'stems' AND lexeme IS NOT NULL
"""


@dataclass(slots=True)
class _Remembered:
    shares: Mapping[str, float]
    until: float = 0.0


_remembered = _Remembered({})


@dataclass(frozen=True, slots=True)
class Similar:
    """A bug and how alike its title is, 0 to 1."""

    id: UUID
    similarity: float


def similar_to(
    title: str,
    *,
    principal: Principal,
    limit: int,
    besides: UUID | None = None,
    among: QuerySet[Bug] | None = None,
) -> list[Similar]:
    """The bugs with the titles most like this one, the most alike first; of those that share its rare words.

    among: only these bugs of the principal; they are chosen from the same candidates.
    """
    title = title[:MAX_TITLE]
    stems = _by_rarity(title)
    if not stems:
        return []
    bugs = bugs_for(principal)
    ids = _candidates(principal, bugs, stems) - ({besides} if besides else set())
    alike = Func(F("title"), Value(title), function="similarity", output_field=FloatField())
    rows = (bugs if among is None else among).filter(pk__in=ids).annotate(alike=alike).filter(alike__gte=MIN_ALIKE)
    return [Similar(*row) for row in rows.order_by("-alike", "-id").values_list("pk", "alike")[:limit]]


def _candidates(principal: Principal, bugs: QuerySet[Bug], stems: Sequence[tuple[str, float]]) -> set[UUID]:
    """The newest with any of the rare words; and, as a title may have none, the newest with its rarest together."""
    gate = Gate(policy.projects(principal, "bug.read"))
    rare = [stem for stem, share in stems if share < COMMON][:MAX_RARE]
    found = set(_newest(candidates.with_any(bugs, " | ".join(map(_quoted, rare))))) if rare else set()
    for size in (3, 2):
        if len(stems) >= size and len(found) < MAX_CANDIDATES // 2:
            found |= _with_all(bugs, [stem for stem, _ in stems[:size]], gate)
    return found or _with_all(bugs, [stems[0][0]], gate)


def _with_all(bugs: QuerySet[Bug], stems: list[str], gate: Gate) -> set[UUID]:
    together = " & ".join(map(_quoted, stems))
    return set(_newest(candidates.find(bugs, Query(together, "", together), gate, is_ranked=False)))


def _newest(found: Candidates) -> list[UUID]:
    return [UUID(bug_id) for bug_id in found.ids()[:MAX_CANDIDATES]]


def _by_rarity(title: str) -> list[tuple[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, [title])
        stems: list[str] = cursor.fetchone()[0]
    shares = _shares()
    return sorted(((stem, shares.get(stem, 0.0)) for stem in stems), key=lambda pair: pair[1])


def _shares() -> Mapping[str, float]:
    """Stem -> share of all bugs that have it, for the common ones: PostgreSQL's own statistics, asked now and then."""
    if time.monotonic() >= _remembered.until:
        with connection.cursor() as cursor:
            cursor.execute(_FREQUENCIES)
            _remembered.shares = dict(cursor.fetchall())
        _remembered.until = time.monotonic() + REMEMBERED_SECONDS
    return _remembered.shares


def _quoted(stem: str) -> str:
    escaped = stem.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
