"""The list parameters of error reports, their groups and sessions again, for streams: filters outside a URL."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from bugs import filters
from bugs.filters import BadFilter
from bugs.serializers.errors import ErrorParametersSerializer
from bugs.serializers.groups import GroupParametersSerializer
from bugs.serializers.releases import SessionParametersSerializer
from config.api.filtering import nearest

Parameters = type[serializers.Serializer[Any]]


class LiveGroupParametersSerializer(GroupParametersSerializer):
    environment = serializers.CharField(max_length=64, required=False)
    release = serializers.CharField(max_length=200, required=False)


REPORTS = (*ErrorParametersSerializer().fields, "q")
GROUPS = tuple(LiveGroupParametersSerializer().fields)
SESSIONS = tuple(SessionParametersSerializer().fields)


def of_reports(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of GET /errors/, and `q`: the filter language, asked of the report's bug. Raises BadFilter."""
    plain = {name: value for name, value in values.items() if name != "q"}
    found = _checked(plain, ErrorParametersSerializer, REPORTS)
    text = values.get("q", "")
    _check_query(text)
    return {**found, "q": text} if text else found


def of_groups(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of GET /error-groups/, and where their reports came from. Raises BadFilter."""
    return _checked(values, LiveGroupParametersSerializer, GROUPS)


def of_sessions(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of GET /sessions/. Raises BadFilter."""
    return _checked(values, SessionParametersSerializer, SESSIONS)


def _check_query(text: Any) -> None:
    """Nothing happened to the bug: neither what an event changed can be asked, nor what changes with time alone."""
    if not isinstance(text, str):
        raise BadFilter("q", "takes one text.")
    filters.clean({"q": text}, is_live=True)
    filters.check_list(text)


def _checked(values: Mapping[str, Any], parameters: Parameters, known: tuple[str, ...]) -> dict[str, Any]:
    """The values as the route understands them; those that it may repeat as sets."""
    for name in values:
        if name not in known:
            raise BadFilter(str(name), f"There is no filter {str(name)[:40]!r}.{nearest(str(name), known)}")
    fields = parameters().fields
    serializer = parameters(data={name: _given(name, value, fields[name]) for name, value in values.items()})
    if not serializer.is_valid():
        name, errors = next(iter(serializer.errors.items()))
        raise BadFilter(str(name), _text_of(errors))
    return {name: serializer.validated_data[name] for name in values}


def _given(name: str, value: Any, field: "serializers.Field[Any, Any, Any, Any]") -> Any:
    if isinstance(field, serializers.MultipleChoiceField):
        return value if isinstance(value, list) else [value]
    if not isinstance(value, str):
        raise BadFilter(name, "takes one text.")
    return value


def _text_of(errors: Any) -> str:
    """The first of a field's errors; of a list they may be by place."""
    while not isinstance(errors, str):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors))
    return str(errors)
