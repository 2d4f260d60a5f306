"""JSON documents: every text and key of one cleaned in one go, and put back by JSON pointers."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bugs.privacy import names as field_names
from bugs.privacy import placeholders, texts
from bugs.privacy.rules import Rules

SMALL = 1_000_000  # a smaller number says too little of anyone
EMPTY = frozenset({"", "null", "none", "undefined", "nil", "true", "false", "[filtered]"})
KEY, OTHER = "#", "="  # before the pointer: of a key; of a value that was no text
PAIR = 2


def cleaned(value: Any, rules: Rules, known: Collection[str], names: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    cleaning = _Cleaning(rules, names)
    cleaning.read(value, known)
    root: list[Any] = []
    cleaning.walk(_Place([value], root))
    return (root[0], cleaning.originals) if cleaning.originals else (value, {})


@dataclass(slots=True)
class _Place:
    """An object or list, and the one that is made of it. kind: of all in it. name: its key in the object around it.

    is_pair: a name and its value, as `[["token", "…"]]` has them.
    """

    source: Any
    target: Any
    pointer: str | None = None  # None: around the whole document
    kind: str = ""
    name: str = ""
    is_pair: bool = False


class _Cleaning:
    """Of one document. Without recursion: documents may be nested deeper than Python calls."""

    def __init__(self, rules: Rules, names: Mapping[str, str]) -> None:
        self.originals: dict[str, str] = {}
        self._rules = rules
        self._names = None if names is field_names.NAMES else tuple(sorted(names.items()))
        self._changes: dict[str, str] = {}
        self._kinds: dict[tuple[str, str], str] = {}

    def read(self, value: Any, known: Collection[str]) -> None:
        seen = list(dict.fromkeys(_strings(value)))
        clean = texts.nameless(seen, known, self._rules)
        self._changes = {text: found for text, found in zip(seen, clean, strict=True) if found != text}

    def walk(self, outermost: _Place) -> None:
        stack = [outermost]
        while stack:
            place = stack.pop()
            if isinstance(place.source, dict):
                self._object(place, stack)
            else:
                self._list(place, stack)

    def _object(self, place: _Place, stack: list[_Place]) -> None:
        changes, target = self._changes, place.target
        taken = None
        told = self._told(place.source)
        for key, inner in place.source.items():
            name = key
            if key in changes:
                taken = taken if taken is not None else {key for key in place.source if key not in changes}
                name = self._key(key, taken)
                self.originals[f"{KEY}{place.pointer}/{escaped(name)}"] = key
            kind = place.kind or (told if key == "value" else self._kind(place.name, key))
            if isinstance(inner, dict | list):
                target[name] = new = type(inner)()
                stack.append(_Place(inner, new, f"{place.pointer}/{escaped(name)}", kind, key))
            else:
                target[name] = self._leaf(inner, kind, place.pointer, name)

    def _list(self, place: _Place, stack: list[_Place]) -> None:
        are_pairs = len(place.source) > 0 and not place.kind and all(map(_is_pair, place.source))
        for index, inner in enumerate(place.source):
            kind = "" if place.is_pair and index == 0 else place.kind
            if isinstance(inner, dict | list):
                new = type(inner)()
                place.target.append(new)
                pointer = "" if place.pointer is None else f"{place.pointer}/{index}"
                kind = self._kind("", inner[0]) if are_pairs else kind
                stack.append(_Place(inner, new, pointer, kind, place.name, is_pair=are_pairs))
            else:
                place.target.append(self._leaf(inner, kind, place.pointer, index))

    def _leaf(self, value: Any, kind: str, pointer: str | None, last: str | int) -> Any:
        if kind:
            found = whole(value, kind, self._rules)
        elif isinstance(value, str):
            found = self._changes.get(value, value)
        else:
            return value
        if found is not value:
            self._note("" if pointer is None else f"{pointer}/{escaped(str(last))}", value)
        return found

    def _note(self, pointer: str, value: Any) -> None:
        if isinstance(value, str):
            self.originals[pointer] = value
        else:
            self.originals[OTHER + pointer] = json.dumps(value)

    def _kind(self, parent: str, name: str) -> str:
        """What the name says."""
        found = self._kinds.get((parent, name))
        if found is None:
            found = self._kinds[parent, name] = self._read_kind(parent, name)
        return found

    def _read_kind(self, parent: str, name: str) -> str:
        """A name that was changed, or is a placeholder, was a text."""
        if name in self._changes or placeholders.BEGIN in name:
            return ""
        kind = field_names.kind_below(parent, name, self._names)
        return "" if kind in self._rules.off else kind

    def _told(self, source: dict[str, Any]) -> str:
        """Of `{"name": "token", "value": "…"}`, what the name says of the value."""
        label = source.get("name", source.get("key")) if "value" in source else None
        return self._kind("", label) if isinstance(label, str) else ""

    def _key(self, key: str, taken: set[str]) -> str:
        """Another one may have become the same."""
        clean = name = self._changes[key]
        count = 1
        while name in taken:
            count += 1
            name = f"{clean} {count}"
        taken.add(name)
        return name


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == PAIR and isinstance(value[0], str)


def _strings(value: Any) -> list[str]:
    """All texts, keys too."""
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


def whole(value: Any, kind: str, rules: Rules) -> Any:
    """A value whose name says what it is."""
    if isinstance(value, str):
        stays = value.strip().lower() in EMPTY or _is_placeholder(value) or rules.allows(value)
        return value if stays else placeholders.of(kind)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= SMALL:
        return placeholders.of(kind)
    return value


def _is_placeholder(value: str) -> bool:
    return placeholders.PLACEHOLDER.fullmatch(value) is not None


def escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def restored(value: Any, originals: Mapping[str, str]) -> Any:
    if not originals:
        return value
    root: list[Any] = []
    stack: list[tuple[Any, Any, str | None]] = [([value], root, None)]
    while stack:
        source, target, path = stack.pop()
        is_object = isinstance(source, dict)
        for key, inner in source.items() if is_object else enumerate(source):
            pointer = "" if path is None else f"{path}/{escaped(str(key))}"
            found = _restored(inner, pointer, originals, stack)
            if is_object:
                target[originals.get(KEY + pointer, key)] = found
            else:
                target.append(found)
    return root[0]


def _restored(value: Any, pointer: str, originals: Mapping[str, str], stack: list[tuple[Any, Any, str | None]]) -> Any:
    if pointer in originals:
        return originals[pointer]
    if (text := originals.get(OTHER + pointer)) is not None:
        return json.loads(text)
    if isinstance(value, dict | list):
        target = type(value)()
        stack.append((value, target, pointer))
        return target
    return value
