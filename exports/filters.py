"""An export takes the list parameters of bugs as a JSON object; here it becomes what the bug filter reads."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from audit.actors import Principal
from bugs import query
from bugs.filters import BugFilter


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
