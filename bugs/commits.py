"""A commit, from whoever tells of it, cut to what is kept. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

NAMED_MAX, PUSHED_MAX = 500, 2_048  # commits that one call may name, that one push may bring
FILES_MAX, PATH_MAX = 1_000, 400  # of one commit; a longer path is no path that a stack could show
ID_MAX, MESSAGE_MAX, AUTHOR_MAX = 64, 500, 150
_HASH = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class Commit:
    """What changed which files, and when."""

    id: str
    message: str = ""
    author: str = ""
    files: tuple[str, ...] = ()
    committed_at: datetime | None = None


def identifier(text: str) -> str:
    """What a commit is called; a hash in small letters."""
    name = text.strip()[:ID_MAX]
    return name.lower() if _HASH.fullmatch(name) else name


def cut(
    name: str, *, message: str = "", author: str = "", files: Iterable[str] = (), committed_at: datetime | None = None
) -> Commit:
    """A commit whose texts fit: each file once, the first of too many."""
    short = (path for path in dict.fromkeys(files) if 0 < len(path) <= PATH_MAX)
    kept = tuple(path for path, _ in zip(short, range(FILES_MAX), strict=False))
    return Commit(identifier(name), message.strip()[:MESSAGE_MAX], author.strip()[:AUTHOR_MAX], kept, committed_at)
