"""Bodies are taken at their word: a field that is not known is refused, never ignored."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown and read-only fields by name, with the nearest one that exists."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            unknown = {name: [_unknown(name, known)] for name in data if name not in known}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


def _unknown(name: str, known: list[str]) -> ErrorDetail:
    nearest = get_close_matches(name, known, 1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return ErrorDetail(f"There is no such field.{hint}", code="unknown_field")
