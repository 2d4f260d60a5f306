"""Commits that changed the code which an error went through. They are suspects: nothing here says what the cause was.

A frame and a changed file are the same file when their paths end in the same two names or more (the beginnings differ
between a repository and where its program runs), or when they share a base name that no other changed file has. Pure.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

DECAY = 0.1  # a frame that is n calls further out counts e^-0.1n of the innermost
HALF_LIFE = timedelta(days=30)  # a commit that is so much older than the error counts half
BY_NAME = 0.5  # what a match of base names alone is worth
FRAMES_MAX, FILES_MAX = 50, 50_000  # of a stack, of all commits together
_ANYWHERE = frozenset({"__init__.py", "index.js", "index.ts", "index.jsx", "index.tsx", "mod.rs", "main.py", "main.go"})
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/{1,3}(?:[^/]*:[0-9]+/)?")
_NOWHERE = frozenset({"", ".", "..", "~"})
Parts = tuple[str, ...]
Frame = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A changed file that a frame is in. depth: calls from the innermost frame of the program's own code."""

    file: str
    frame: Frame
    depth: int
    worth: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A commit with the frames whose files it changed, the innermost first."""

    commit: Mapping[str, Any]
    score: float
    matches: list[Match]


def rank(frames: Sequence[Frame], commits: Iterable[Mapping[str, Any]], *, since: datetime) -> list[Suspect]:
    """Commits that changed files of the stack, most suspect first.

    frames: outermost first, as reports have them. since: when the error was seen first.
    """
    code = [_code(depth, frame) for depth, frame in own(frames)]
    changed = _changed(commits, {name for one in code for name in one.names})
    found = [_suspect(commit, code, files, changed.places, since) for commit, files in changed.commits]
    return sorted((one for one in found if one.matches), key=_order)


def own(frames: Sequence[Frame]) -> list[tuple[int, Frame]]:
    """The frames of the program's own code with their depths, the innermost first; all when none is marked as own."""
    inner = [frame for frame in reversed(frames) if frame.get("in_app")] or list(reversed(frames))
    return list(enumerate(inner[:FRAMES_MAX]))


def paths(frame: Frame) -> list[Parts]:
    """Where a frame's code may be: its file, its file with the whole path, its module (whose last name has no end)."""
    found = [parts_of(str(frame.get(name) or "")) for name in ("filename", "abs_path")]
    module = str(frame.get("module") or "").partition("$")[0].replace("::", ".")
    if "/" not in module:
        found.append(tuple(part for part in module.casefold().split(".") if part))
    return [path for path in dict.fromkeys(found) if path]


def parts_of(path: str) -> Parts:
    """The names on a path without what is only true where it is: schemes, hosts, drives, queries, `./`."""
    plain = re.split(r"[?#]", path, maxsplit=1)[0].replace("\\", "/").casefold()
    return tuple(part for part in _SCHEME.sub("", plain).split("/") if part not in _NOWHERE and part[-1] != ":")


def worth(of_frame: Sequence[Parts], file: Parts, *, is_unique: bool) -> float:
    """How sure it is that a frame with these paths is in the file: 1, BY_NAME or 0."""
    whole = max((_shared(path, file) for path in of_frame), default=0)
    if whole >= 2 or (whole and file in of_frame):
        return 1.0
    return BY_NAME if whole and is_unique and file[-1] not in _ANYWHERE else 0.0


@dataclass(frozen=True, slots=True)
class _Code:
    """A frame, where its code may be, and the names that its file may have."""

    depth: int
    frame: Frame
    paths: list[Parts]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Changed:
    """Commits with those of their files that may be in the stack, and the places that each base name has among them."""

    commits: list[tuple[Mapping[str, Any], list[tuple[str, Parts]]]]
    places: Mapping[str, set[Parts]]


def _code(depth: int, frame: Frame) -> _Code:
    found = paths(frame)
    return _Code(depth, frame, found, frozenset(name for path in found for name in (path[-1], _stem(path[-1]))))


def _changed(commits: Iterable[Mapping[str, Any]], wanted: set[str]) -> _Changed:
    kept, places, left = [], defaultdict(set), FILES_MAX
    for commit in commits:
        looked_at = commit["files"][:left]
        left -= len(looked_at)
        files = [(file, parts_of(file)) for file in looked_at if _may_be(file, wanted)]
        files = [(file, parts) for file, parts in files if parts]
        for _, parts in files:
            places[parts[-1]].add(parts)
        kept.append((commit, files))
    return _Changed(kept, places)


def _may_be(file: str, wanted: set[str]) -> bool:
    """Quick, because most files of most commits are not in the stack."""
    name = file[max(file.rfind("/"), file.rfind("\\")) + 1 :].casefold()
    return name in wanted or _stem(name) in wanted


def _suspect(
    commit: Mapping[str, Any],
    code: list[_Code],
    files: list[tuple[str, Parts]],
    places: Mapping[str, set[Parts]],
    since: datetime,
) -> Suspect:
    matches: list[Match] = []
    for one in code if files else ():
        rated = [
            (worth(one.paths, parts, is_unique=len(places[parts[-1]]) == 1), file)
            for file, parts in files
            if not one.names.isdisjoint((parts[-1], _stem(parts[-1])))
        ]
        best, file = max(rated, default=(0.0, ""))
        if best:
            matches.append(Match(file, one.frame, one.depth, best))
    nearest = max((match.worth * math.exp(-DECAY * match.depth) for match in matches), default=0.0)
    return Suspect(commit, round(nearest * _recency(commit.get("committed_at"), since), 6), matches)


def _recency(committed_at: datetime | None, since: datetime) -> float:
    age = since - committed_at if committed_at else timedelta()
    return float(0.5 ** (max(age, timedelta()) / HALF_LIFE))


def _order(one: Suspect) -> tuple[float, int, float, str]:
    at = one.commit.get("committed_at")
    return -one.score, -len(one.matches), -at.timestamp() if at else 0.0, str(one.commit["commit"])


def _shared(path: Parts, file: Parts) -> int:
    """How many names they end in together; what comes after the dot of the last one counts only where both have it."""
    if not path or not file:
        return 0
    last, other = path[-1], file[-1]
    if last != other and (last != _stem(other) or last != _stem(last)):
        return 0
    pairs = zip(reversed(path[:-1]), reversed(file[:-1]), strict=False)
    count = 1
    for one, two in pairs:
        if one != two:
            break
        count += 1
    return count


def _stem(name: str) -> str:
    return name.partition(".")[0] or name
