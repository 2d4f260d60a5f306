"""The frames of an event, outermost call first, cut to size with the program's own code kept. Pure."""

from typing import Any

from bugs.ingest.wire import shapes

FRAMES_MAX, CONTEXT_LINES, LINE_MAX = 200, 5, 300
Frame = dict[str, Any]


def find(event: dict[str, Any], exception: dict[str, Any]) -> list[Frame]:
    """The raw frames of the exception, else of the event, else of the thread that crashed."""
    threads = [thread for thread in shapes.values(event.get("threads")) if isinstance(thread, dict)]
    threads.sort(key=lambda thread: thread.get("crashed") is not True)
    for holder in (exception, event, *threads[:1]):
        frames = shapes.mapping(holder.get("stacktrace")).get("frames")
        if isinstance(frames, list) and frames:
            return [frame for frame in frames if isinstance(frame, dict)]
    return []


def frames(raw: list[Frame]) -> list[Frame]:
    """At most FRAMES_MAX, in order; of a longer trace the program's own innermost frames stay first."""
    places = range(len(raw))
    by_worth = sorted(places, key=lambda place: (raw[place].get("in_app") is not True, -place))
    return [_frame(raw[place]) for place in sorted(by_worth[:FRAMES_MAX])]


def top(found: list[Frame]) -> Frame | None:
    """The innermost frame of the program's own code, or the innermost."""
    candidates = [frame for frame in found if frame["in_app"]] or found
    return candidates[-1] if candidates else None


def _frame(raw: Frame) -> Frame:
    frame: Frame = {"in_app": raw.get("in_app") is True}
    for name in ("function", "module", "filename", "abs_path", "context_line"):
        if found := shapes.text(raw.get(name), LINE_MAX):
            frame[name] = found
    if "module" not in frame and (package := shapes.text(raw.get("package"), LINE_MAX)):
        frame["module"] = package.replace("\\", "/").rpartition("/")[2]  # of native code: the image it lies in
    for name in ("lineno", "colno"):
        if isinstance(raw.get(name), int) and raw[name] >= 0:
            frame[name] = raw[name]
    for name, lines in (("pre_context", slice(-CONTEXT_LINES, None)), ("post_context", slice(CONTEXT_LINES))):
        if isinstance(raw.get(name), list):
            frame[name] = [
                line[:LINE_MAX] if type(line) is str else shapes.text(line, LINE_MAX) for line in raw[name][lines]
            ]
    if isinstance(raw.get("vars"), dict):
        frame["vars"] = shapes.bounded(raw["vars"], 2)
    return frame
