"""What a project wants of redaction beside its defaults: detectors off, patterns of its own, texts that may stay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from bugs.privacy import detectors
from bugs.privacy.detectors.shapes import compiled

PATTERNS_MAX, PATTERN_LENGTH, PATTERN_MEMORY = 20, 200, 1 << 20
ALLOWED_MAX, ALLOWED_LENGTH = 200, 200
_NAME = compiled(r"[a-z][a-z0-9_-]{0,30}", is_whole=True)


class BadRules(ValueError):
    """Rules that cannot be followed; `field` and `name` say which, the text says why."""

    def __init__(self, field: str, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}" if name else why)
        self.field, self.name = field, name


@dataclass(frozen=True, slots=True)
class Rules:
    """off: names of detectors that are not used. patterns: name and pattern, in RE2's syntax; what one matches is taken
    out as its name. allow: what stays whatever finds it: a whole text, or one with `*` for anything."""

    off: frozenset[str] = frozenset()
    patterns: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Rules":
        """From `{"off": [name], "patterns": [{"name", "pattern"}], "allow": [text]}`; raises BadRules."""
        for name in given.keys() - {"off", "patterns", "allow"}:
            raise BadRules(name, "", f"There is no rule {name!r}.")
        rules = cls(frozenset(_off(given)), tuple(_patterns(given)), tuple(_allowed(given)))
        _checked(rules)
        return rules

    def allows(self, value: str) -> bool:
        return bool(self.allow) and _allow_list(self.allow).fullmatch(value) is not None


DEFAULT = Rules()


def _texts(given: Mapping[str, Any], field: str) -> list[str]:
    found = given.get(field) or []
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        raise BadRules(field, "", f"{field} is a list of texts.")
    return list(found)


def _off(given: Mapping[str, Any]) -> Iterable[str]:
    for name in _texts(given, "off"):
        if name not in detectors.KINDS:
            raise BadRules("off", name, "There is no such detector.")
        yield name


def _patterns(given: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    found = given.get("patterns") or []
    if not isinstance(found, list) or len(found) > PATTERNS_MAX:
        raise BadRules("patterns", "", f"patterns is a list of {PATTERNS_MAX} at most.")
    for entry in found:
        if not isinstance(entry, dict) or entry.keys() != {"name", "pattern"}:
            raise BadRules("patterns", "", "Each pattern has a name and a pattern.")
        yield entry["name"], entry["pattern"]


def _allowed(given: Mapping[str, Any]) -> Iterable[str]:
    found = _texts(given, "allow")
    if len(found) > ALLOWED_MAX:
        raise BadRules("allow", "", f"allow is a list of {ALLOWED_MAX} at most.")
    for text in found:
        if not text.strip("* ") or len(text) > ALLOWED_LENGTH:
            raise BadRules("allow", text[:40], f"An allowed text has 1 to {ALLOWED_LENGTH} letters, not only *.")
        yield text


@lru_cache(maxsize=256)
def _checked(rules: Rules) -> None:
    """Patterns compile, in little memory, and match something."""
    names = [name for name, _ in rules.patterns]
    for name, pattern in rules.patterns:
        if not isinstance(name, str) or _NAME.fullmatch(name) is None or names.count(name) > 1:
            raise BadRules(
                "patterns", str(name)[:40], "A name is lower-case letters, digits, - and _, and is used once."
            )
        if not isinstance(pattern, str) or not 0 < len(pattern) <= PATTERN_LENGTH:
            raise BadRules("patterns", name, f"A pattern has 1 to {PATTERN_LENGTH} letters.")
        if own(name, pattern).search(b"") is not None:
            raise BadRules("patterns", name, "The pattern matches the empty text.")


@lru_cache(maxsize=256)
def own(name: str, pattern: str) -> "re2._Regexp":
    """A project's own pattern, ready; raises BadRules."""
    try:
        return compiled(pattern, is_whole=True, memory=PATTERN_MEMORY)
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadRules("patterns", name, f"The pattern is not in RE2's syntax: {why}") from error


@lru_cache(maxsize=64)
def _allow_list(allow: tuple[str, ...]) -> "re2._Regexp":
    texts = [".*".join(re2.escape(part) for part in text.split("*")) for text in allow]
    return compiled(f"(?is:{'|'.join(texts)})", is_whole=True)
