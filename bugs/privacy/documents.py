"""JSON documents: every text and key of one cleaned in one go, and put back by JSON pointers."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from bugs.privacy import names as field_names
from bugs.privacy import texts
from bugs.privacy.rules import Rules

NUMBER_DIGITS = 7  # a shorter number says too little of anyone
EMPTY = frozenset({"", "null", "none", "undefined", "nil", "true", "false"})
KEY, OTHER = "#", "="  # before the pointer: of a key; of a value that was no text


def cleaned(value: Any, rules: Rules, known: Collection[str], names: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    table = None if names is field_names.NAMES else tuple(sorted(names.items()))
    seen = list(dict.fromkeys(_strings(value)))
    clean = texts.cleaned(seen, rules)
    changes = {text: texts.without(found, known, rules) for text, found in zip(seen, clean, strict=True)}
    originals: dict[str, str] = {}
    holder = {"": value}
    root = _walk(holder, changes, originals, rules, table)
    return root, originals


def _strings(value: Any) -> list[str]:
    found: list[str] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            found += item
            stack += item.values()
        elif isinstance(item, list):
            stack += item
    return found


def _walk(
    holder: dict[str, Any],
    changes: Mapping[str, str],
    originals: dict[str, str],
    rules: Rules,
    table: tuple[tuple[str, str], ...] | None,
) -> Any:
    clean: dict[str, Any] = {}
    stack: list[tuple[Any, Any, str, str]] = [(holder, clean, "", "")]
    while stack:
        source, target, path, kind = stack.pop()
        is_object = isinstance(source, dict)
        for key, inner in list(source.items() if is_object else enumerate(source)):
            if source is holder:
                name, pointer, below = key, "", ""
            elif is_object:
                name = _key(key, changes[key], target)
                pointer = f"{path}/{escaped(name)}"
                below = kind or ("" if "[redacted:" in name else field_names.kind(key, table))
                if name != key:
                    originals[KEY + pointer] = key
            else:
                name, pointer, below = key, f"{path}/{key}", kind
            if isinstance(inner, dict | list):
                found: Any = type(inner)()
                stack.append((inner, found, pointer, below if below not in rules.off else ""))
            else:
                found = _leaf(inner, changes, originals, pointer, below, rules)
            if is_object:
                target[name] = found
            else:
                target.append(found)
    return clean[""]


def _key(key: str, clean: str, target: Mapping[str, Any]) -> str:
    name, count = clean, 1
    while name in target and name != key:
        count += 1
        name = f"{clean} {count}"
    return name


def _leaf(
    value: Any, changes: Mapping[str, str], originals: dict[str, str], pointer: str, kind: str, rules: Rules
) -> Any:
    if kind and kind not in rules.off:
        found = whole(value, kind, rules)
    else:
        found = changes[value] if isinstance(value, str) else value
    if found is value or found == value:
        return value
    if isinstance(value, str):
        originals[pointer] = value
    else:
        originals[OTHER + pointer] = json.dumps(value)
    return found


def whole(value: Any, kind: str, rules: Rules) -> Any:
    """A value whose name says what it is."""
    if isinstance(value, str):
        stays = value.strip().lower() in EMPTY or value.startswith("[redacted") or rules.allows(value)
        return value if stays else texts.placeholder(kind)
    if isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) >= NUMBER_DIGITS:
        return texts.placeholder(kind)
    return value


def escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def restored(value: Any, originals: Mapping[str, str]) -> Any:
    if not originals:
        return value
    result: dict[str, Any] = {}
    stack: list[tuple[Any, Any, str]] = [({"": value}, result, "")]
    is_root = True
    while stack:
        source, target, path = stack.pop()
        is_object = isinstance(source, dict)
        for key, inner in list(source.items() if is_object else enumerate(source)):
            pointer = "" if is_root else f"{path}/{escaped(key) if is_object else key}"
            if pointer in originals:
                found: Any = originals[pointer]
            elif OTHER + pointer in originals:
                found = json.loads(originals[OTHER + pointer])
            elif isinstance(inner, dict | list):
                found = type(inner)()
                stack.append((inner, found, pointer))
            else:
                found = inner
            if is_object:
                target[key if is_root else originals.get(KEY + pointer, key)] = found
            else:
                target.append(found)
        is_root = False
    return result[""]
