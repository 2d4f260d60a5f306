"""A stack as a list of names, innermost first, in which recursion counts once. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bugs.ingest.grouping import frames

DEPTH_MAX, READ_MAX = 50, 1000
CYCLE_MAX = 3  # functions that call each other in turn


@dataclass(frozen=True, slots=True)
class Outline:
    """names: of all frames that have one, innermost first. own: those of the program's own code among them."""

    names: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()


def read(stack: Sequence[dict[str, Any]], platform: str, own_max: int) -> tuple[Outline, tuple[str, ...]]:
    """The outline, and the names of the innermost `own_max` frames of the program's own.

    stack: outermost first, as reports have it; of a longer one the innermost READ_MAX are read.
    """
    innermost = stack[: -READ_MAX - 1 : -1]
    names = frames.names(innermost, platform)
    own = [name for name, frame in zip(names, innermost, strict=True) if name and frame.get("in_app") is True]
    every = collapsed(filter(None, names), DEPTH_MAX)
    return Outline(every, frozenset(own)), collapsed(own, own_max)


def collapsed(steps: Iterable[str], limit: int) -> tuple[str, ...]:
    """The first `limit` steps, in which cycles of one to CYCLE_MAX functions are gone round once."""
    kept: list[str] = []
    met: set[str] = set()
    for step in steps:
        if step not in met:
            met.add(step)
        elif _closes_a_cycle(kept, step):
            continue
        kept.append(step)
        if len(kept) > limit + CYCLE_MAX:  # what a later cycle may take back lies behind the limit
            break
    return tuple(kept[:limit])


def _closes_a_cycle(kept: list[str], step: str) -> bool:
    """Whether a round ends that was gone just before; what of it was kept is taken back."""
    if kept[-1] == step:
        return True
    for length in range(2, min(CYCLE_MAX, len(kept)) + 1):
        start = len(kept) - length + 1
        if kept[-length] == step and kept[start:] == kept[max(start - length, 0) : start - 1]:
            del kept[start:]
            return True
    return False
