"""Which query parameters a call may have: those that its OpenAPI description names, and no others."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from config.api import rehearsal
from config.api.filtering import refuse_unknown

LIMIT = OpenApiParameter("limit", int, description="Rows to a page: 1 to 200, 50 without it.")
CURSOR = OpenApiParameter("cursor", str, description="From `next` or `previous` of a page.")
COUNT = OpenApiParameter(
    "count",
    str,
    enum=["none", "estimate", "exact"],
    description="Also say how many there are: `exact` counts to 10,000, `estimate` asks the query planner.",
)
PAGING = (LIMIT, CURSOR, COUNT)
FORMAT = "format"
_read: dict[tuple[type, str, str], frozenset[str]] = {}


def refuse_undocumented(view: Any) -> None:
    """Raises a 400 for the first parameter that this operation does not take, with the nearest one that it does."""
    given = view.request.query_params
    if given:
        refuse_unknown(given, known_to(view))


def known_to(view: Any) -> frozenset[str]:
    """The parameters of the operation that a view is about to run."""
    names = _documented(view)
    if view.request.method not in ("GET", "HEAD"):
        return names | {rehearsal.PARAMETER}
    if lists(view):
        filterset = getattr(view, "filterset_class", None)
        names |= {*(filterset.base_filters if filterset else ()), *(each.name for each in PAGING)}
    return names | {FORMAT}


def lists(view: Any) -> bool:
    """Whether the operation shows pages: `list`, and others of the collection where the view can filter."""
    return view.action == "list" or (not view.detail and getattr(view, "filterset_class", None) is not None)


def _documented(view: Any) -> frozenset[str]:
    """Only the class, the action and the method decide, so it is read once for each."""
    place = (type(view), view.action, view.request.method)
    if place not in _read:
        _read[place] = frozenset(_described(view))
    return _read[place]


def _described(view: Any) -> Iterator[str]:
    schema_class = getattr(getattr(view, view.action), "kwargs", {}).get("schema")
    if schema_class is None:
        return
    schema = schema_class()
    schema.view, schema.method = view, view.request.method
    for parameter in schema.get_override_parameters():
        yield from _names(parameter)


def _names(parameter: Any) -> list[str]:
    if isinstance(parameter, OpenApiParameter):
        return [parameter.name] if parameter.location == OpenApiParameter.QUERY else []
    return list((parameter() if isinstance(parameter, type) else parameter).fields)
