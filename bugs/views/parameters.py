"""Parameters of a URL taken at their word: an unknown or wrong one is a 400 that names it."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from config.api.filtering import CONVENTIONS, refuse_unknown


def of(request: Request, serializer_class: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The parameters that were given, checked; fields with several values may be repeated."""
    serializer = serializer_class()
    refuse_unknown(request.query_params, CONVENTIONS | set(serializer.fields))
    given = {
        name: request.query_params.getlist(name)
        if isinstance(field, serializers.MultipleChoiceField)
        else request.query_params[name]
        for name, field in serializer.fields.items()
        if name in request.query_params
    }
    checked = serializer_class(data=given)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
