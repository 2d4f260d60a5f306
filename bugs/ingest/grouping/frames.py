"""One frame as it is told apart from others: where and what, without what a build, a run or a browser adds. Pure.

Programs raise at few places, so nearly every frame was seen before: its name is remembered, up to CACHE_MAX of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bugs.ingest.grouping import agents, scripts, symbols

CACHE_MAX = 8192
TEXT_MAX = 300
SCRIPT_PLATFORMS = frozenset({"javascript", "node"})
ANONYMOUS = "<anonymous>"
Frame = dict[str, Any]


def names(stack: Sequence[Frame], platform: str) -> list[str]:
    """`place in function` of each frame; empty when it says nothing, as native frames of browsers do, and agents'."""
    is_script = platform in SCRIPT_PLATFORMS
    try:
        return [_name(f.get("module"), f.get("function"), f.get("filename"), is_script) for f in stack]
    except TypeError:  # a list or an object where a text belongs cannot be looked up
        return [_name(*(text(f.get(part)) for part in ("module", "function", "filename")), is_script) for f in stack]


@lru_cache(maxsize=CACHE_MAX)
def _name(module: Any, function: Any, filename: Any, is_script: bool) -> str:
    module, function, filename = (text(value) for value in (module, function, filename))
    if agents.is_agent(module, function, filename):
        return ""
    if is_script or scripts.is_script(filename):
        return _joined(*scripts.frame(module, function, filename))
    return _joined(symbols.place(module, filename), symbols.function(function))


def text(value: Any) -> str:
    """A part of a frame that is one; anything else says nothing."""
    return value.strip()[:TEXT_MAX] if isinstance(value, str) else ""


def _joined(place: str, function: str) -> str:
    return f"{place} in {function or ANONYMOUS}" if place else function
