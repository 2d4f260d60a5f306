"""JSON Schema in few words: the shapes that messages are put together from. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

Schema = dict[str, Any]


def text(about: str = "", *, shortest: int | None = None, longest: int | None = None, **more: Any) -> Schema:
    return _told({"type": "string", "minLength": shortest, "maxLength": longest, **more}, about)


def integer(about: str = "", **more: Any) -> Schema:
    return _told({"type": "integer", **more}, about)


def number(about: str = "") -> Schema:
    return _told({"type": "number"}, about)


def truth(about: str = "") -> Schema:
    return _told({"type": "boolean"}, about)


def uuid(about: str = "") -> Schema:
    return _told({"type": "string", "format": "uuid"}, about)


def moment(about: str = "") -> Schema:
    return _told({"type": "string", "format": "date-time"}, about)


def just(value: Any, about: str = "") -> Schema:
    return _told({"const": value}, about)


def one_of(values: Iterable[Any], about: str = "") -> Schema:
    """Any of the values; None may be among them."""
    return _told({"enum": list(values)}, about)


def any_of(*schemas: Schema, about: str = "") -> Schema:
    return _told({"anyOf": list(schemas)}, about)


def listed(items: Schema, about: str = "", *, least: int | None = None, most: int | None = None) -> Schema:
    return _told({"type": "array", "items": items, "minItems": least, "maxItems": most}, about)


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def record(
    fields: Mapping[str, Schema], about: str = "", *, optional: Iterable[str] = (), is_open: bool | None = None
) -> Schema:
    """An object that has these fields. optional: those that may be missing. is_open: whether it may have others."""
    required = [name for name in fields if name not in set(optional)]
    shape = {"type": "object", "properties": dict(fields), "required": required, "additionalProperties": is_open}
    return _told(shape if required else {**shape, "required": None}, about)


def mapping(values: Schema, about: str = "") -> Schema:
    """An object with any names."""
    return _told({"type": "object", "additionalProperties": values}, about)


def of_fields(fields: Mapping[str, "serializers.Field[Any, Any, Any, Any]"]) -> dict[str, Schema]:
    """What REST shows."""
    return {name: of_field(field) for name, field in fields.items()}


def of_field(field: "serializers.Field[Any, Any, Any, Any]") -> Schema:
    """One value of REST as JSON Schema."""
    about = str(field.help_text or "")
    schema = _told(_plain(field), about)
    return or_null(schema) if field.allow_null else schema


def _plain(field: "serializers.Field[Any, Any, Any, Any]") -> Schema:
    match field:
        case serializers.ChoiceField():
            return one_of([*(str(value) for value in field.choices), *([""] if field.allow_blank else [])])
        case serializers.UUIDField():
            return uuid()
        case serializers.DateTimeField():
            return moment()
        case serializers.BooleanField():
            return truth()
        case serializers.IntegerField():
            return integer()
        case serializers.FloatField():
            return number()
    return text(longest=getattr(field, "max_length", None))


def _told(schema: Schema, about: str) -> Schema:
    kept = {name: value for name, value in schema.items() if value is not None}
    return {**kept, "description": about} if about else kept
