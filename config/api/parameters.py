"""Which query parameters a call may have: those that its OpenAPI description names, and no others."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

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
_NEGOTIATION = "format"
_read: dict[tuple[type, str, str], frozenset[str]] = {}


def refuse_undocumented(view: Any) -> None:
    """Raises a 400 for the first parameter that this operation does not take, with the nearest one that it does."""
    given = view.request.query_params
    if given:
        refuse_unknown(given, known_to(view))


def known_to(view: Any) -> frozenset[str]:
    """The parameters of the operation that a view is about to run: its class, action and method decide."""
    place = (type(view), view.action, view.request.method)
    if place not in _read:
        _read[place] = _described(view)
    return _read[place]


def _described(view: Any) -> frozenset[str]:
    schema_class = getattr(getattr(view, view.action), "kwargs", {}).get("schema") or type(type(view).schema)
    schema = schema_class()
    schema.view, schema.method = view, "GET" if view.request.method == "HEAD" else view.request.method
    names = {name for parameter in schema.get_override_parameters() for name in names_of(parameter)}
    if schema.method == "GET":
        names |= {_NEGOTIATION}
        if schema._is_list_view():
            filterset = getattr(view, "filterset_class", None) if schema.get_filter_backends() else None
            names |= {*(filterset.base_filters if filterset else ()), *(each.name for each in PAGING)}
    return frozenset(names)


def names_of(parameter: Any) -> list[str]:
    """Of a parameter, or of a serializer that stands for several."""
    if isinstance(parameter, OpenApiParameter):
        return [parameter.name] if parameter.location == OpenApiParameter.QUERY else []
    return list((parameter() if isinstance(parameter, type) else parameter).fields)
