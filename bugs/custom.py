"""Custom fields of a project: what a definition may be, and which values fit it. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

TYPES = ("text", "number", "boolean", "date", "choice")
MAX_FIELDS = 50
MAX_NAME = 40
MAX_CHOICES = 100
MAX_CHOICE = 100
MAX_TEXT = 1_000
MAX_NUMBER = 10**15  # what JSON readers everywhere still tell apart
NAME = re.compile(r"[a-z][a-z0-9_]*")
Definitions = Mapping[str, Mapping[str, Any]]


class BadDefinition(ValueError):
    """A field cannot be defined like that; `pointer` leads to the fault below the definitions."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class BadValue(ValueError):
    """A value does not fit its field; `name` is the field's."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name[:MAX_NAME]


def check_definitions(raw: Any) -> dict[str, dict[str, Any]]:
    """Definitions as they are kept; raises BadDefinition."""
    if not isinstance(raw, Mapping):
        raise BadDefinition("", "Custom fields are an object: name to definition.")
    if len(raw) > MAX_FIELDS:
        raise BadDefinition("", f"A project has {MAX_FIELDS} custom fields at most.")
    return {name: _definition(name, definition) for name, definition in raw.items()}


def _definition(name: str, raw: Any) -> dict[str, Any]:
    at = f"/{name[:MAX_NAME]}"
    if len(name) > MAX_NAME or not NAME.fullmatch(name):
        detail = f"Names begin with a letter and go on with letters, digits and `_`, all small, {MAX_NAME} at most."
        raise BadDefinition(at, detail)
    if not isinstance(raw, Mapping) or raw.get("type") not in TYPES:
        raise BadDefinition(f"{at}/type", f"A custom field has a type: {', '.join(TYPES)}.")
    known = {"type", "choices"} if raw["type"] == "choice" else {"type"}
    if unknown := sorted(raw.keys() - known):
        raise BadDefinition(f"{at}/{unknown[0][:MAX_NAME]}", f"A field of type {raw['type']} has no such part.")
    return {"type": raw["type"], **({"choices": _choices(at, raw.get("choices"))} if len(known) > 1 else {})}


def _choices(at: str, raw: Any) -> list[str]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_CHOICES:
        raise BadDefinition(f"{at}/choices", f"A choice has from 1 to {MAX_CHOICES} choices.")
    if any(not isinstance(one, str) or not 1 <= len(one.strip()) <= len(one) <= MAX_CHOICE for one in raw):
        raise BadDefinition(f"{at}/choices", f"Each choice is a text of 1 to {MAX_CHOICE} characters.")
    if len(set(raw)) != len(raw):
        raise BadDefinition(f"{at}/choices", "Choices differ from each other.")
    return list(raw)


def merged(definitions: Definitions, current: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values after a change: null takes one away, the others fit their definitions. Raises BadValue."""
    values = dict(current)
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = check(definitions, name, value)
    return values


def check(definitions: Definitions, name: str, value: Any) -> Any:
    """One value as it is kept; raises BadValue."""
    definition = definitions.get(name)
    if definition is None:
        raise BadValue(name, "This project has no such custom field.")
    if not _FITS[definition["type"]](definition, value):
        raise BadValue(name, _wanted(definition))
    return value


def _is_number(definition: Mapping[str, Any], value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= MAX_NUMBER  # neither NaN nor infinity is


def _is_date(definition: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_FITS: dict[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "text": lambda definition, value: isinstance(value, str) and len(value) <= MAX_TEXT,
    "number": _is_number,
    "boolean": lambda definition, value: isinstance(value, bool),
    "date": _is_date,
    "choice": lambda definition, value: isinstance(value, str) and value in definition["choices"],
}


def _wanted(definition: Mapping[str, Any]) -> str:
    match definition["type"]:
        case "text":
            return f"This field takes a text of {MAX_TEXT} characters at most."
        case "number":
            return "This field takes a number, not larger than 10 to the 15th."
        case "boolean":
            return "This field takes true or false."
        case "date":
            return "This field takes a date like 2026-05-31."
    return f"This field takes one of: {', '.join(definition['choices'])[:300]}."


def lost(old: Definitions, new: Definitions) -> dict[str, list[str] | None]:
    """What values may not be there for a change of definitions: name -> the choices that go, None for any value."""
    found: dict[str, list[str] | None] = {}
    for name, before in old.items():
        after = new.get(name)
        if after is None or before["type"] != after["type"]:
            found[name] = None
        elif gone := [one for one in before.get("choices", ()) if one not in after.get("choices", ())]:
            found[name] = gone
    return found
