"""Texts of commits without what is personal; what was taken out of them is kept nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from bugs.commits import AUTHOR_MAX, MESSAGE_MAX, PATH_MAX, Commit
from bugs.models import CodeChange
from bugs.privacy import placeholders, redaction
from bugs.selectors import privacy

TEXTS = ("message", "author", "files")
_LIMITS = {"message": MESSAGE_MAX, "author": AUTHOR_MAX}


def clean(project_id: UUID, commits: Sequence[Commit]) -> list[Commit]:
    """The commits with clean messages, authors and paths."""
    texts = [{"message": one.message, "author": one.author, "files": list(one.files)} for one in commits]
    found = _clean(texts, privacy.active(project_id).rules)
    return [
        replace(one, message=said["message"], author=said["author"], files=tuple(said["files"]))
        for one, said in zip(commits, found, strict=True)
    ]


def again(changes: Sequence[CodeChange], rules: redaction.Rules) -> list[CodeChange]:
    """Those that are different under these rules, changed and not yet saved."""
    texts = [{name: getattr(one, name) for name in TEXTS} for one in changes]
    found = []
    for one, old, new in zip(changes, texts, _clean(texts, rules), strict=True):
        if old != new:
            for name in TEXTS:
                setattr(one, name, new[name])
            found.append(one)
    return found


def _clean(texts: list[dict[str, Any]], rules: redaction.Rules) -> list[Mapping[str, Any]]:
    """The paths of a commit are read as one text: there are many, and nearly never is there anything in them."""
    joined = [{**text, "files": "\n".join(text["files"])} for text in texts]
    found: list[dict[str, Any]] = redaction.document(joined, rules)[0]
    for text, old, new in zip(texts, joined, found, strict=True):
        is_same = old["files"] == new["files"]
        new["files"] = text["files"] if is_same else [_path(path, rules) for path in text["files"]]
        for name, limit in _LIMITS.items():
            new[name] = placeholders.fitting(new[name], limit)
    return list(found)


def _path(path: str, rules: redaction.Rules) -> str:
    return placeholders.fitting(redaction.text(path, rules), PATH_MAX)
