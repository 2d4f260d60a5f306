"""The bugs that a bulk change names: by ids and references, or by a filter."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.actors import Principal
from bugs import query
from bugs.models import Bug
from bugs.selectors.bugs import bugs_for


@dataclass(frozen=True, slots=True)
class Named:
    """A bug that a principal may see."""

    id: UUID
    project_id: UUID
    reference: str


def named(principal: Principal, names: Collection[str]) -> dict[str, Named]:
    """name -> bug for UUIDs and references; those that are missing or foreign are not in it."""
    ids: dict[UUID, list[str]] = defaultdict(list)
    references: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name in names:
        try:
            ids[UUID(name)].append(name)
        except ValueError:
            key, _, digits = name.rpartition("-")
            if digits.isascii() and digits.isdigit() and len(digits) < 10:
                references[key, int(digits)].append(name)
    found: dict[str, Named] = {}
    for bug, key, number in _rows(bugs_for(principal).filter(_any_of(ids, references))):
        found.update(dict.fromkeys([*ids.get(bug.id, ()), *references.get((key, number), ())], bug))
    return found


def matching(principal: Principal, q: str, *, limit: int) -> list[Named]:
    """The newest bugs that a filter finds, at most limit; raises query.BadQuery."""
    bugs = query.apply(bugs_for(principal), q, principal=principal)
    return [bug for bug, _, _ in _rows(bugs.order_by("-created_at", "-id")[:limit])]


def _any_of(ids: Collection[UUID], references: Collection[tuple[str, int]]) -> Q:
    numbers: dict[str, list[int]] = defaultdict(list)
    for key, number in references:
        numbers[key].append(number)
    condition = Q(pk__in=list(ids))
    for key, of_project in numbers.items():
        condition |= Q(project__key=key, number__in=of_project)
    return condition


def _rows(bugs: QuerySet[Bug]) -> list[tuple[Named, str, int]]:
    rows = bugs.values_list("id", "project_id", "project__key", "number")
    return [(Named(id_, project_id, f"{key}-{number}"), key, number) for id_, project_id, key, number in rows]
