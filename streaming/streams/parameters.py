"""Filters that are the list parameters of a REST route: checked by the same serializer."""

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework import serializers

from bugs import filters as bug_filters
from bugs.filters import BadFilter
from config.api.filtering import nearest

Serializer = type[serializers.Serializer[Any]]


def checked(values: Mapping[str, Any], serializer_class: Serializer, known: Collection[str]) -> dict[str, Any]:
    """The values as the route understands them; those that it may repeat as sets. Raises BadFilter."""
    for name in values:
        if name not in known:
            raise BadFilter(str(name), f"There is no filter {str(name)[:40]!r}.{nearest(str(name), known)}")
    fields = serializer_class().fields
    given = {name: _given(name, value, fields[name]) for name, value in values.items()}
    serializer = serializer_class(data=given)
    if not serializer.is_valid():
        name, errors = next(iter(serializer.errors.items()))
        raise BadFilter(str(name), str(errors[0]))
    return {name: serializer.validated_data[name] for name in values}


def checked_query(text: Any) -> str:
    """The filter language asked of a bug to which nothing happened; raises BadFilter."""
    if not isinstance(text, str):
        raise BadFilter("q", "takes one text.")
    bug_filters.clean({"q": text}, is_live=True)
    bug_filters.check_list(text)
    return text


def _given(name: str, value: Any, field: "serializers.Field[Any, Any, Any, Any]") -> Any:
    if isinstance(field, serializers.MultipleChoiceField):
        return value if isinstance(value, list) else [value]
    if not isinstance(value, str):
        raise BadFilter(name, "takes one text.")
    return value
