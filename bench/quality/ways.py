"""Ways to tell what a report's group is: ours, without and with similar stacks, beside naive ones."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import count
from uuid import UUID

from bugs.ingest import grouping
from bugs.ingest.grouping import frames, similarity, stack, templates
from bugs.ingest.reading.normalize import Report

Way = Callable[[Sequence[Report]], list[Hashable]]


class Memory:
    """The index of frames as the digest's tables are, with the same bounds."""

    def __init__(self) -> None:
        self._stacks: dict[UUID, similarity.Stack] = {}
        self._frames: Counter[int] = Counter()
        self._holders: dict[tuple[int, int], list[UUID]] = {}

    def remember(self, group_id: UUID, steps: similarity.Stack, kind: int) -> None:
        self._stacks[group_id] = steps
        self._frames.update(steps.keys())
        for frame in steps:
            self._holders.setdefault((frame, kind), []).append(group_id)

    def groups(self) -> int:
        """The new one, whose row is made first, among them."""
        return min(len(self._stacks) + 1, similarity.COUNT_MAX)

    def counts(self, wanted: Collection[int]) -> dict[int, int]:
        return {frame: min(self._frames[frame], similarity.COUNT_MAX) for frame in wanted if self._frames[frame]}

    def holders(self, weights: Mapping[int, float], kind: int) -> list[UUID]:
        common: dict[UUID, float] = {}
        for frame, weight in weights.items():
            for group_id in self._holders.get((frame, kind), ())[-similarity.POSTINGS_MAX :]:
                common[group_id] = common.get(group_id, 0.0) + weight
        return sorted(common, key=lambda group_id: (-common[group_id], group_id))[: similarity.CANDIDATES_MAX]

    def stacks(self, groups: Collection[UUID]) -> dict[UUID, similarity.Stack]:
        return {group_id: self._stacks[group_id] for group_id in groups}


def fingerprints(stream: Iterable[Report]) -> list[Hashable]:
    return [grouping.group(report).fingerprint for report in stream]


def attached(stream: Iterable[Report]) -> list[Hashable]:
    """As the digest does it: reports in their order, each new group behind the one that is most alike."""
    index, numbers = Memory(), count(1)
    ids: dict[str, UUID] = {}
    heads: dict[UUID, UUID] = {}
    found: list[Hashable] = []
    for report in stream:
        identity = grouping.group(report)
        if identity.fingerprint not in ids:
            group_id = ids[identity.fingerprint] = UUID(int=next(numbers))
            heads[group_id] = _head(index, group_id, identity, heads)
        found.append(heads[ids[identity.fingerprint]])
    return found


def _head(index: Memory, group_id: UUID, identity: grouping.Grouping, heads: Mapping[UUID, UUID]) -> UUID:
    if not identity.is_by_stack:
        return group_id
    steps = similarity.stack(identity.outline, identity.own)
    match = similarity.find(index, steps, identity.kind)
    index.remember(group_id, steps, similarity.kind(identity.kind))
    return heads[match.group_id] if match else group_id


def _each(key: Callable[[Report], Hashable]) -> Way:
    return lambda stream: [key(report) for report in stream]


def _raw(report: Report) -> Hashable:
    parts = ("module", "function", "filename", "lineno")
    return report.exception_type, tuple(tuple(frame.get(part) for part in parts) for frame in report.frames)


def _message(report: Report) -> Hashable:
    return report.exception_type, templates.template(report.exception_value or report.message)


def _frames(innermost: int | None, own: bool) -> Way:
    def key(report: Report) -> Hashable:
        chosen = [frame for frame in report.frames if frame["in_app"] or not own]
        names = [name for name in frames.names(chosen[::-1], report.platform) if name]
        return report.exception_type, stack.collapsed(names, innermost or len(names))

    return _each(key)


NAIVE: dict[str, Way] = {
    "raw frames with their lines": _each(_raw),
    "type and message template": _each(_message),
    "type and all frames": _frames(None, own=False),
    "type and all own frames": _frames(None, own=True),
    "type and innermost own frame": _frames(1, own=True),
    "type and 3 own frames": _frames(3, own=True),
}
OURS: dict[str, Way] = {"the fingerprint": fingerprints, "fingerprint, then similar stacks": attached}
