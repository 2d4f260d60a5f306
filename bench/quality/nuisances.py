"""What a new release does to the trace of the same error: other lines, other numbers in names, deeper recursion."""

import random
import re
from typing import Any

from bench.quality import traces
from bugs.ingest.grouping import agents

Row = dict[str, Any]
COPIES = (1, 2, 3, 5, 8)
SHIFT_MAX, ROUNDS_MAX, CYCLE_MAX = 100, 12, 2
RECURSES = 0.3
NO_SIBLINGS = frozenset({"instrumented", "main", "start", "<redacted>", None})
_NUMBERED = re.compile(r"(?<=\$)\d+")
_BUNDLE = re.compile(r"(?<=[\w-])(?=\.(?:js|mjs|bundle)$)")


def release_drift(rows: list[Row], seed: int) -> list[Row]:
    """The first trace of each group, as later releases would raise it, in any order."""
    chance = random.Random(seed)
    drifted = [_released(row, chance) for row in _firsts(rows) for _ in range(chance.choice(COPIES))]
    chance.shuffle(drifted)
    return drifted


def siblings(rows: list[Row], seed: int) -> list[Row]:
    """Each group twice: as it is, and as another problem, in another function below the same callers."""
    firsts = _firsts(rows)
    return release_drift([*firsts, *filter(None, map(_sibling, firsts))], seed)


def unknown_agents(rows: list[Row]) -> list[Row]:
    """The same traces with agents that no rule knows by name."""
    return [row | {"frames": [_renamed(frame) for frame in row["frames"]]} for row in rows]


def _firsts(rows: list[Row]) -> list[Row]:
    return list({row["group"]: row for row in reversed(rows)}.values())[::-1]


def _released(row: Row, chance: random.Random) -> Row:
    shift, build, number = chance.randrange(SHIFT_MAX), f"{chance.getrandbits(32):08x}", chance.randrange(1, 9)
    frames = [_built(frame, shift, build, number) for frame in row["frames"]]
    if frames and chance.random() < RECURSES:
        frames = _recursed(frames, chance)
    return row | {"frames": frames}


def _built(frame: Row, shift: int, build: str, number: int) -> Row:
    line, file = str(frame.get("line") or ""), frame.get("file")
    names = {name: _NUMBERED.sub(str(number), frame[name]) for name in ("function", "module") if frame.get(name)}
    built = frame | names | {"line": str(int(line) + shift) if line.isdigit() else frame.get("line")}
    return built | {"file": _BUNDLE.sub(f".{build}", file)} if file else built


def _recursed(frames: list[Row], chance: random.Random) -> list[Row]:
    start = chance.randrange(min(10, len(frames)))
    cycle = frames[start : start + chance.randint(1, CYCLE_MAX)]
    return frames[:start] + cycle * chance.randint(2, ROUNDS_MAX) + frames[start + len(cycle) :]


def _sibling(row: Row) -> Row | None:
    """The innermost own function is another one, wherever it is called; wrappers are no function of the program's."""
    own = next((_named(frame) for frame in row["frames"] if _is_own(frame, row["kind"])), ("", None))
    if own[1] in NO_SIBLINGS:
        return None
    other = {"function": f"sibling{row['group']}"}
    frames = [frame | other if _named(frame) == own else frame for frame in row["frames"]]
    return row | {"frames": frames, "group": f"sibling of {row['group']}"}


def _is_own(frame: Row, kind: str) -> bool:
    return traces.event_frame(frame, kind)["in_app"] and not agents.is_agent(frame.get("module") or "", "", "")


def _named(frame: Row) -> tuple[str, str | None]:
    return frame.get("module") or "", frame.get("function")


def _renamed(frame: Row) -> Row:
    module = frame.get("module") or ""
    return frame | {"module": "com.example.Aspect"} if agents.is_agent(module, "", "") else frame
