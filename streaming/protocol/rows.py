"""JSON Schemas as rows of a table: a name, a type, whether it must be there, its bounds. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Part = Mapping[str, Any]


class Row(NamedTuple):
    """name: with the names of what it stands in, and dots between."""

    name: str
    kind: SafeString
    is_required: bool
    bounds: str
    about: SafeString


def of(schema: Part) -> list[Row]:
    """The fields of an object, and those of objects in it that have no name of their own."""
    return list(_rows(schema, ""))


def at(document: Part, reference: Part) -> Any:
    """What a `$ref` leads to."""
    return reduce(lambda part, name: part[name], reference["$ref"].removeprefix("#/").split("/"), document)


def marked(text: str) -> SafeString:
    """What stands in backticks as code."""
    parts = text.split("`")
    return format_html_join("", "{}", ((_marked(part, number % 2 == 1),) for number, part in enumerate(parts)))


def kind(schema: Part) -> SafeString:
    """Its type in few words, with links to the schemas that have names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return format_html('<a href="#schema-{}">{}</a>', name, name)
    if "anyOf" in schema:
        return _either(kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return _either(_code(value) for value in schema.get("enum", [schema.get("const")]))
    return _plain(schema)


def _rows(schema: Part, before: str) -> Iterator[Row]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Row(before + name, kind(one), name in required, _bounds(one), marked(one.get("description", "")))
        if one.get("type") == "object":
            yield from _rows(one, f"{before}{name}.")
        elif one.get("type") == "array":
            yield from _rows(one["items"], f"{before}{name}[].")


def _plain(schema: Part) -> SafeString:
    types = schema.get("type", "anything")
    if types == "array":
        return format_html("list of {}", kind(schema["items"]))
    values = schema.get("additionalProperties")
    if types == "object" and isinstance(values, dict):
        return format_html("object of {}", kind(values))
    names = types if isinstance(types, list) else [types]
    return format_html("{}", " or ".join(schema.get("format", one) if one == "string" else one for one in names))


def _either(kinds: Iterable[SafeString]) -> SafeString:
    return format_html_join(" ", "{}", ((one,) for one in kinds))


def _bounds(schema: Part) -> str:
    least = schema.get("minLength", schema.get("minItems"))
    most = schema.get("maxLength", schema.get("maxItems"))
    unit = "characters" if schema.get("type") == "string" else "items"
    if least is not None and most is not None:
        return f"{least:,} to {most:,} {unit}"
    if most is not None:
        return f"{most:,} {unit} at most"
    if "pattern" in schema:
        return f"matches {schema['pattern']}"
    return f"{schema['minimum']} or more" if "minimum" in schema else ""


def _code(value: Any) -> SafeString:
    texts = {None: "null", True: "true", False: "false", "": '""'}
    text = texts.get(value, str(value)) if not isinstance(value, int) or isinstance(value, bool) else str(value)
    return format_html("<code>{}</code>", text)


def _marked(text: str, is_code: bool) -> SafeString:
    return format_html("<code>{}</code>", text) if is_code else format_html("{}", text)
