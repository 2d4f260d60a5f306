"""How much two stacks have in common: weighted Jaccard of their frames. Pure: whoever keeps the frames is an Index.

A frame weighs more the fewer groups have it and the nearer it is to where the error was raised. Frames of libraries
start as if some groups had them already, since what a framework does says little while a project has few groups.
Two functions that fail below one caller are two problems, however much of their stacks is the same: see `_may_be_one`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol
from uuid import UUID

THRESHOLD = 0.6  # what it gives in precision and recall is in docs/grouping.md
DECAY = 0.15  # of the weight, with each step from the innermost frame
COUNT_MAX = 100  # groups are counted so far; a frame that more have is common
GROUPS_MIN, LIBRARY_MIN = 20, 5  # what a young project counts as
POSTINGS_MAX = 100  # groups looked at for each frame, the newest
CANDIDATES_MAX, COMPARED_MAX = 50, 10
TOP = 2  # a frame may have come on top of the innermost, but not in its place


@dataclass(frozen=True, slots=True)
class Step:
    """Where in its stack a frame is, counted from the innermost, and whether it is the program's own."""

    depth: int
    is_own: bool


Stack = Mapping[int, Step]  # by the hash of the frame's name


@dataclass(frozen=True, slots=True)
class Match:
    """The group whose stack is most alike."""

    group_id: UUID
    similarity: float


class Index(Protocol):
    """The frames of a project's groups. No answer is larger than its bound."""

    def groups(self) -> int:
        """How many groups there are; COUNT_MAX at most."""
        ...

    def counts(self, frames: Collection[int]) -> Mapping[int, int]:
        """How many groups have each of these frames; COUNT_MAX at most."""
        ...

    def holders(self, weights: Mapping[int, float], kind: int) -> Sequence[UUID]:
        """Groups of the kind that have most of these frames by weight, of POSTINGS_MAX for each; CANDIDATES_MAX."""
        ...

    def stacks(self, groups: Collection[UUID]) -> Mapping[UUID, Stack]:
        """The stacks of these groups."""
        ...


def stack(outline: Sequence[str], own: Collection[str]) -> dict[int, Step]:
    """The frames of an outline, innermost first; of one that occurs often the innermost counts."""
    steps: dict[int, Step] = {}
    for depth, name in enumerate(outline):
        steps.setdefault(hashed(name), Step(depth, name in own))
    return steps


def kind(types: str) -> int:
    """The mark of groups with the same types of exceptions."""
    return hashed(types)


@lru_cache(maxsize=8192)
def hashed(name: str) -> int:
    """A signed number of 64 bits."""
    return int.from_bytes(blake2b(name.encode(errors="replace"), digest_size=8).digest(), signed=True)


def find(index: Index, mine: Stack, types: str) -> Match | None:
    """The group of the same types whose stack is most alike, when it is alike enough."""
    counts = dict(index.counts(mine))
    groups = index.groups()
    weights = _weights(mine, counts, groups)
    telling = {frame: weight for frame, weight in _prefix(weights, counts).items() if counts.get(frame)}
    if not telling:
        return None
    stacks = index.stacks(index.holders(telling, kind(types)))
    possible = {group_id: theirs for group_id, theirs in stacks.items() if _may_be_one(mine, theirs)}
    near = _near(weights, possible, counts, groups)
    unknown = {frame for other in near.values() for frame in other if frame not in counts}
    if unknown:
        counts.update(dict.fromkeys(unknown, 0) | dict(index.counts(unknown)))
    found = [Match(group_id, similarity(weights, _weights(near[group_id], counts, groups))) for group_id in near]
    return max((match for match in found if match.similarity >= THRESHOLD), key=_order, default=None)


def similarity(ours: Mapping[int, float], theirs: Mapping[int, float]) -> float:
    """The common weight as a share of all weight, rounded so that no order of additions matters."""
    common = _common(ours, theirs)
    whole = math.fsum(ours.values()) + math.fsum(theirs.values()) - common
    return round(common / whole, 6) if whole else 0.0


def _weights(steps: Stack, counts: Mapping[int, int], groups: int) -> dict[int, float]:
    groups = max(groups, GROUPS_MIN)
    return {
        frame: math.log1p(groups / min(groups, max(counts.get(frame, 0), 1 if step.is_own else LIBRARY_MIN)))
        * math.exp(-DECAY * step.depth)
        for frame, step in steps.items()
    }


def _prefix(weights: Mapping[int, float], counts: Mapping[int, int]) -> dict[int, float]:
    """The rarest frames, as many as any stack that is alike enough must have one of: the rest weighs too little."""
    rest = math.fsum(weights.values())
    least = THRESHOLD * rest
    prefix: dict[int, float] = {}
    for frame in sorted(weights, key=lambda frame: (counts.get(frame, 0), -weights[frame], frame)):
        if rest < least:
            break
        prefix[frame] = weights[frame]
        rest -= weights[frame]
    return prefix


def _may_be_one(ours: Stack, theirs: Stack) -> bool:
    """Whether the innermost own frame of one is at the top of the other as well."""
    one, other = _top(ours), _top(theirs)
    return one[0] in other or other[0] in one


def _top(steps: Stack) -> list[int]:
    """The innermost frames of the program's own, or of all when none is its own."""
    own = [frame for frame in steps if steps[frame].is_own] or list(steps)
    return sorted(own, key=lambda frame: steps[frame].depth)[:TOP]


def _near(
    ours: Mapping[int, float], stacks: Mapping[UUID, Stack], counts: Mapping[int, int], groups: int
) -> dict[UUID, Stack]:
    """The stacks that have enough of our frames to be alike, whatever else they have."""
    least = THRESHOLD * math.fsum(ours.values())
    common = {
        group_id: _common(ours, _weights({f: s for f, s in theirs.items() if f in ours}, counts, groups))
        for group_id, theirs in stacks.items()
    }
    enough = sorted((group_id for group_id in common if common[group_id] >= least), key=lambda g: (-common[g], g))
    return {group_id: stacks[group_id] for group_id in enough[:COMPARED_MAX]}


def _common(ours: Mapping[int, float], theirs: Mapping[int, float]) -> float:
    return math.fsum(min(weight, theirs[frame]) for frame, weight in ours.items() if frame in theirs)


def _order(match: Match) -> tuple[float, int]:
    """The most alike; of equals the oldest."""
    return match.similarity, -match.group_id.int
