"""How the candidates of a search spread over statuses, components and the like."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from bugs.models import User
from bugs.search.candidates import Candidates

MAX_VALUES = 10  # of each facet
NAMES = ("status", "severity", "bug_type", "component", "assignee", "environment", "release", "error_level")
Facet = list[dict[str, Any]]


def counted(candidates: Candidates, names: Collection[str]) -> dict[str, Facet]:
    """name -> [{value, count}], the most frequent first."""
    return {name: _of(candidates, name) for name in NAMES if name in names}


def _of(candidates: Candidates, name: str) -> Facet:
    if name == "assignee":
        return _named(Counter(candidates.values("assignee_id")))
    counts = Counter(candidates.values(name))
    return [{"value": value or None, "count": count} for value, count in _most(counts)]


def _most(counts: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0] or "")))[:MAX_VALUES]


def _named(counts: Counter[int | None]) -> Facet:
    """Ids become user names, as in every document."""
    most = _most(counts)
    names = dict(User.objects.filter(pk__in=[pk for pk, _ in most if pk]).values_list("pk", "username"))
    return [{"value": names.get(pk) if pk else None, "count": count} for pk, count in most]
