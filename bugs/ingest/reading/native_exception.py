"""The exception of a native report, its stack and its causes, as an event of an SDK has them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bugs.ingest.reading import stack_text
from bugs.ingest.reading.native_entries import Fields, snake
from bugs.ingest.wire import shapes

CAUSES_MAX = 10


def of(said: Mapping[str, Any]) -> Fields:
    """Fields of an event; a stack alone names its exception too. What cannot be one is left for `normalize` to name."""
    exception = said.get("exception")
    found = _one(exception, stack=said.get("stack"), frames=said.get("frames"))
    if found["type"] or found["value"]:
        causes = [_one(cause) for cause in _causes(exception, said.get("causes"))]
        return {"exception": [*reversed(causes), found]}
    if exception:
        return {"exception": exception}
    return {"stacktrace": found["stacktrace"]} if found["stacktrace"]["frames"] else {}


def _one(exception: Any, *, stack: Any = None, frames: Any = None) -> Fields:
    """From an object, or from a text that is a stack or what the exception says."""
    raised = {snake(name): value for name, value in shapes.mapping(exception).items()}
    texts = (stack, raised.get("stack"), raised.get("stacktrace"), exception)
    parsed = stack_text.parse(next((text for text in texts if isinstance(text, str)), ""))
    given = next((one for one in (frames, raised.get("frames")) if isinstance(one, list)), parsed.frames)
    return {
        "type": shapes.text(raised.get("type") or raised.get("name") or parsed.type, 200),
        "value": shapes.text(raised.get("value") or raised.get("message") or parsed.value),
        "mechanism": {"handled": raised.get("handled") is not False},
        "stacktrace": {"frames": given},
    }


def _causes(exception: Any, listed: Any) -> Iterator[Any]:
    """Those that are listed, else each one's own `cause`; that of the exception itself comes first."""
    if isinstance(listed, list):
        yield from listed[:CAUSES_MAX]
        return
    for _ in range(CAUSES_MAX):
        exception = shapes.mapping(exception).get("cause")
        if not exception:
            return
        yield exception
