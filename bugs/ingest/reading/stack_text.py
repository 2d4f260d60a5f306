"""A stack that was sent as text, as JavaScript, Python and Java write them, becomes frames. One pass, bounded. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

TEXT_MAX, LINES_MAX, LINE_MAX = 512 * 1024, 2_000, 1_000
Frame = dict[str, Any]

# None of these can match the same text in two ways: each costs what the line is long.
_PYTHON = re.compile(r'\s*File "([^"]+)", line (\d{1,9})(?:, in (.+))?')
_JAVA = re.compile(r"\s*at ([^\s()]+)\(([^():]*)(?::(\d{1,9}))?\)")
_THREAD = re.compile(r'Exception in thread "[^"]*" ')
_NAME = re.compile(r"[A-Za-z_$][\w.$]*")
_TRACEBACK, _CAUSE = "Traceback (most recent call last)", "Caused by: "
_JAVA_FOREIGN = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "android.")
_FOREIGN = ("node:", "internal/", "/node_modules/", "/site-packages/", "/dist-packages/", "/lib/python", "<")


@dataclass(slots=True)
class Stack:
    """Frames, the outermost call first, and what was raised as far as the text says."""

    frames: list[Frame] = field(default_factory=list)
    type: str = ""
    value: str = ""


def parse(text: str) -> Stack:
    """Without frames when it is no stack but what an exception says; of a chain the one that was raised last."""
    lines = [line[:LINE_MAX].rstrip() for line in text[:TEXT_MAX].splitlines()[:LINES_MAX]]
    for is_frame, read in ((_PYTHON.match, _python), (_JAVA.match, _java), (_javascript_frame, _javascript)):
        if any(is_frame(line) for line in lines):
            return read(lines)
    return _stack([], lines)


def _python(lines: Sequence[str]) -> Stack:
    starts = [place for place, line in enumerate(lines) if line.lstrip().startswith(_TRACEBACK)]
    frames: list[Frame] = []
    said: list[str] = []
    for line in lines[starts[-1] + 1 if starts else 0 :]:
        if found := _PYTHON.match(line):
            frames.append(_frame(found[1], int(found[2]), found[3] or "<module>"))
        elif line[:1].isspace() and not said:
            if frames and line.strip("~^ "):
                frames[-1].setdefault("context_line", line.strip())
        elif frames and not line.startswith("  ["):
            said.append(line)
    return _stack(frames, said)


def _java(lines: Sequence[str]) -> Stack:
    frames: list[Frame] = []
    said: list[str] = []
    for line in lines:
        if frames and line.lstrip().startswith(_CAUSE):
            break
        if found := _JAVA.match(line):
            frames.append(_java_frame(*found.groups()))
        elif not frames:
            said.append(_THREAD.sub("", line.strip(), count=1))
    return _stack(frames[::-1], said)


def _java_frame(method: str, file: str, number: str | None) -> Frame:
    module, _, function = method.rpartition("/")[2].rpartition(".")
    frame: Frame = {"function": function, "module": module, "filename": file}
    if number:
        frame["lineno"] = int(number)
    return {**frame, "in_app": not module.startswith(_JAVA_FOREIGN)}


def _javascript(lines: Sequence[str]) -> Stack:
    frames: list[Frame] = []
    said: list[str] = []
    for line in lines:
        if frame := _javascript_frame(line):
            frames.append(frame)
        elif not frames and not line.lstrip().startswith("at "):
            said.append(line.strip().removeprefix("Uncaught "))
    return _stack(frames[::-1], said)


def _javascript_frame(line: str) -> Frame | None:
    """`at call (place)` or `at place` of V8, `call@place` of Firefox and Safari; a place is `file:line:column`."""
    line = line.strip()
    if line.startswith("at "):
        function, opened, place = line[3:].partition(" (")
        function, place = (function, place.removesuffix(")")) if opened else ("", function)
    else:
        function, _, place = line.partition("@")
    path, _, numbers = place.rpartition(":")
    path, _, number = path.rpartition(":")
    if not path or not _is_number(number) or not _is_number(numbers):
        return None
    function = function.removeprefix("async ").removeprefix("new ")
    return {**_frame(path.removeprefix("async "), int(number), function or "?"), "colno": int(numbers)}


def _frame(path: str, number: int, function: str) -> Frame:
    is_foreign = any(path.startswith(part) or (part[0] == "/" and part in path) for part in _FOREIGN)
    return {"function": function, "filename": path, "lineno": number, "in_app": not is_foreign}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _stack(frames: list[Frame], said: Sequence[str]) -> Stack:
    """`TypeError: x is undefined`, perhaps on several lines; what does not begin like that is the value alone."""
    lines = [line for line in said if line]
    if not lines:
        return Stack(frames)
    kind, colon, value = lines[0].partition(":")
    if not _NAME.fullmatch(kind) or not (colon or frames):
        kind, value = "", lines[0]
    return Stack(frames, kind.rpartition(".")[2], "\n".join([value.strip(), *lines[1:]]).strip())
