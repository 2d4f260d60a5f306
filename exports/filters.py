"""An export takes the list parameters of bugs as a JSON object; here it becomes what the bug filter reads."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from audit.actors import Principal
from bugs import query
from bugs.filters import MAX_NAME, BugFilter
from bugs.selectors import privacy


class BadFilters(ValueError):
    """problems: what is wrong, by name."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


def matching(filters: Mapping[str, Any], bugs: QuerySet[Any], *, by: Principal) -> QuerySet[Any]:
    """The bugs that the filters leave. Raises BadFilters."""
    unknown = [name for name in filters if name not in BugFilter.base_filters]
    if unknown:
        raise BadFilters(dict.fromkeys(unknown, "There is no such filter."))
    shapeless = [name for name, value in filters.items() if not all(map(_is_plain, _as_list(value)))]
    if shapeless:
        raise BadFilters(dict.fromkeys(shapeless, "Give text, a number, a boolean, or a list of these."))
    chosen = BugFilter(_as_parameters(filters), queryset=bugs, principal=by)
    if not chosen.is_valid():
        raise BadFilters({name: " ".join(map(str, problems)) for name, problems in chosen.errors.items()})
    try:
        matched: QuerySet[Any] = chosen.qs
    except query.BadQuery as error:
        raise BadFilters({"q": f"{error.detail} (character {error.position + 1})"}) from None
    return matched


def kept(filters: Mapping[str, Any], projects: Sequence[UUID]) -> dict[str, Any]:
    """As an export keeps them: without what is personal, which finds nothing anyway.

    By the rules of the project, of several by nobody's. Names of people who sign in are no texts.
    """
    where = projects[0] if len(projects) == 1 else UUID(int=0)
    return {name: _clean(where, value, _CLEANERS.get(name)) for name, value in filters.items()}


Cleaner = Callable[[UUID, str], str]
_CLEANERS: dict[str, Cleaner] = {
    "q": privacy.clean_filter,
    "component_name": partial(privacy.clean, limit=MAX_NAME),
    "environment": partial(privacy.clean_label, limit=MAX_NAME),
    "release": partial(privacy.clean_label, limit=MAX_NAME),
}


def _clean(where: UUID, value: Any, cleaner: Cleaner | None) -> Any:
    if cleaner is None:
        return value
    if isinstance(value, list):
        return [_clean(where, one, cleaner) for one in value]
    return cleaner(where, value) if isinstance(value, str) else value


def _as_parameters(filters: Mapping[str, Any]) -> QueryDict:
    parameters = QueryDict(mutable=True)
    for name, value in filters.items():
        parameters.setlist(name, [_as_text(item) for item in _as_list(value)])
    return parameters


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
