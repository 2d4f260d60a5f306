"""Personal data and secrets out of texts and documents, and back again."""

from collections.abc import Collection, Mapping
from typing import Any

from bugs.privacy import documents, texts
from bugs.privacy.names import NAMES
from bugs.privacy.rules import DEFAULT, BadRules, Rules

__all__ = ("DEFAULT", "NAMES", "VERSION", "BadRules", "Rules", "document", "label", "places", "restored", "text")

VERSION = 1  # of the detectors; grows when they find more


def text(value: str, rules: Rules = DEFAULT, *, known: Collection[str] = ()) -> str:
    """The text with placeholders. known: names that the record has, taken out of its texts as well."""
    return texts.nameless([value], known, rules)[0]


def label(value: str, rules: Rules = DEFAULT) -> str:
    """Of a release, an environment, a session key: only secrets and e-mail addresses. 1.8.0.1 is a version here."""
    return texts.cleaned([value], rules, is_label=True)[0]


def document(
    value: Any, rules: Rules = DEFAULT, *, known: Collection[str] = (), names: Mapping[str, str] = NAMES
) -> tuple[Any, dict[str, str]]:
    """The JSON document with placeholders, in new containers where something was found, and what was found.

    names: what the last words of a key say of its value, which is then taken out whole (`bugs.privacy.names`).
    Originals are by JSON pointer (RFC 6901) into the clean document. Of a key that was changed, the pointer has a `#`
    before it; of a value that was no text, a `=`, and the original is JSON.
    """
    return documents.cleaned(value, rules, known, names)


def places(value: str, rules: Rules = DEFAULT) -> list[tuple[int, int, str]]:
    """What would be taken out of a text: from and to, in letters, and its kind."""
    return texts.cleaner(rules).places([value])[0]


def restored(value: Any, originals: Mapping[str, str]) -> Any:
    """The document as it was."""
    return documents.restored(value, originals)
