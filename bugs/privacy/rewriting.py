"""Documents of machines, of which thousands come in a second: read many at a time, made anew only where they change.

What it makes is what `documents` makes. Documents are no deeper than ingest lets them be.
"""

import json
import re
from collections.abc import Iterable, Mapping, MutableMapping, Set
from functools import lru_cache
from itertools import filterfalse
from typing import Any

from bugs.privacy import documents, texts
from bugs.privacy.rules import Rules

KEPT_MAX, KEPT_LENGTH = 16_384, 300  # texts of one set of rules that are known to be clean; letters of one
SHORT = 5  # letters in which nobody has an address, a number or a secret
_MOMENT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?")
Path = tuple[Any, str | int] | None  # of the object or list around it, and the key or the place in it


class Clean:
    """Texts that have nothing to be taken out. Those that are met again stay, those met once make room.

    Threads may lose some of what they kept, nothing else.
    """

    def __init__(self) -> None:
        self._new, self._old = set[str](), set[str]()

    def others(self, found: Iterable[str]) -> Set[str]:
        """Those that nobody has looked at yet."""
        left = set(filterfalse(self._new.__contains__, found))
        if again := left & self._old:
            self.add(again)
            left = left - again
        return left

    def add(self, found: Iterable[str]) -> None:
        if len(self._new) >= KEPT_MAX:
            self._new, self._old = set(), self._new
        self._new.update(found)


@lru_cache(maxsize=32)
def clean(rules: Rules, is_label: bool) -> Clean:
    return Clean()


def changes(found: Set[str], rules: Rules, *, is_label: bool = False) -> dict[str, str]:
    """Of texts that nobody has looked at those that have something to be taken out, and what they become."""
    if not found:
        return {}
    read = list(found) if rules.patterns else [text for text in found if len(text) > SHORT and not _is_moment(text)]
    changed = texts.cleaner(rules, is_label).changes(read)
    clean(rules, is_label).add([text for text in read if len(text) <= KEPT_LENGTH and text not in changed])
    return changed


def _is_moment(text: str) -> bool:
    return text[:2] == "20" and _MOMENT.fullmatch(text) is not None


def gather(value: Any, found: list[str], keys: set[str]) -> None:
    """Add the texts of a value, and the keys of its objects."""
    if type(value) is str:
        found.append(value)
        return
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            keys.update(item)
            for inner in item.values():
                if type(inner) is str:
                    found.append(inner)
                elif type(inner) is dict or type(inner) is list:
                    stack.append(inner)
        elif type(item) is list:
            stack += item
        elif type(item) is str:
            found.append(item)


class Rewriter:
    """Makes values anew. changes: what texts become; named: what the names of fields say of their values.

    originals: where what was replaced is noted, by its pointer into the new document.
    """

    def __init__(
        self,
        changes: Mapping[str, str],
        named: Mapping[str, str],
        originals: MutableMapping[str, str],
        rules: Rules,
    ) -> None:
        self._changes, self._named, self._originals, self._rules = changes, named, originals, rules

    def value(self, value: Any, path: Path, kind: str = "") -> Any:
        """The same object where nothing in it has changed. kind: what the name of the value says of it."""
        if type(value) is dict:
            return self._object(value, path, kind)
        if type(value) is list:
            return self._list(value, path, kind)
        if kind:
            found = documents.whole(value, kind, self._rules)
        else:
            found = self._changes.get(value, value) if type(value) is str else value
        if found is not value:
            self._note(path, value)
        return found

    def _object(self, value: dict[str, Any], path: Path, kind: str) -> dict[str, Any]:
        changes, named, found = self._changes, self._named, dict[str, Any]()
        is_same = True
        for key, inner in value.items():
            name, below = key, kind
            if key in changes or key in found:
                name, is_same = self._key(key, path, found), False
            elif not kind and key in named:
                below = named[key]
            elif not kind and type(inner) is str and inner not in changes:  # nearly all of them
                found[key] = inner
                continue
            found[name] = new = self.value(inner, (path, name), below)
            is_same = is_same and new is inner
        return value if is_same else found

    def _key(self, key: str, path: Path, there: Mapping[str, Any]) -> str:
        """Of one that has changed; another one may have become the same."""
        clean = name = self._changes.get(key, key)
        count = 1
        while name in there:
            count += 1
            name = f"{clean} {count}"
        self._originals[documents.KEY + pointer_of((path, name))] = key
        return name

    def _list(self, value: list[Any], path: Path, kind: str) -> list[Any]:
        found = [self.value(inner, (path, place), kind) for place, inner in enumerate(value)]
        return found if any(new is not old for new, old in zip(found, value, strict=True)) else value

    def _note(self, path: Path, value: Any) -> None:
        if isinstance(value, str):
            self._originals[pointer_of(path)] = value
        else:
            self._originals[documents.OTHER + pointer_of(path)] = json.dumps(value)


def pointer_of(path: Path) -> str:
    """RFC 6901."""
    parts: list[str] = []
    while path is not None:
        path, last = path
        parts.append(f"/{documents.escaped(last) if isinstance(last, str) else last}")
    return "".join(reversed(parts))
