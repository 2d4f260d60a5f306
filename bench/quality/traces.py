"""Traces of a file as the events that an SDK would have sent."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bugs.ingest.reading.normalize import Report, normalize

FILE = "traces_grouped.jsonl.gz"
PLATFORMS = {"ios": "cocoa", "js": "javascript"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]

# What the SDKs take for other people's code when nobody tells them more.
_JAVA = (
    *("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy.", "junit."),
    *(
        "android.",
        "androidx.",
        "com.android.",
        "dalvik.",
        "libcore.",
        "org.apache.",
        "org.json.",
        "org.w3c.",
        "org.xml.",
    ),
)
_APPLE = frozenset(
    {"AppKit", "AppSupport", "AVFoundation", "CFNetwork", "CoreData", "CoreFoundation", "CoreGraphics", "CoreLocation"}
    | {"CoreText", "Foundation", "FrontBoardServices", "GraphicsServices", "HIToolbox", "ImageIO", "JavaScriptCore"}
    | {"MapKit", "MediaPlayer", "QuartzCore", "SafariServices", "Security", "StoreKit", "UIKit", "UIKitCore"}
    | {"UserNotifications", "WebCore", "WebKit", "WebKitLegacy", "dyld", "dyld_sim", "???"}
)
_LIBRARIES = ("libsystem", "libSystem", "libobjc", "libdispatch", "libdyld", "libc++", "libicu", "libsqlite", "libxml")
_FOLDERS = ("/node_modules/", "/site-packages/", "/dist-packages/", "/lib/python", "node:", "internal/", "/gems/")


def read(path: Path) -> list[Row]:
    """The rows of a file of JSON lines, compressed or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return [json.loads(line) for line in lines if line.strip()]


def reports(rows: list[Row]) -> Iterator[Report]:
    for row in rows:
        yield normalize(event(row), received_at=NOW)


def event(row: Row) -> Row:
    """Rows have the innermost frame and the outermost exception first, events the last of both."""
    kind = row.get("kind") or ""
    frames = [event_frame(frame, kind) for frame in reversed(row["frames"])]
    raised = [
        {"type": each.get("type"), "value": each.get("value")} for each in reversed(row.get("exceptions") or [{}])
    ]
    raised[-1]["stacktrace"] = {"frames": frames}
    return {"platform": PLATFORMS.get(kind, kind), "exception": {"values": raised}}


def event_frame(frame: Row, kind: str) -> Row:
    line = str(frame.get("line") or "")
    in_app = frame.get("in_app")
    return {
        "function": frame.get("function"),
        "module": frame.get("module"),
        "filename": frame.get("file"),
        "lineno": int(line) if line.isdigit() else None,
        "in_app": in_app if isinstance(in_app, bool) else _is_own(frame, kind),
    }


def _is_own(frame: Row, kind: str) -> bool:
    module, file = frame.get("module") or "", frame.get("file") or ""
    if kind == "java":
        return bool(module) and not module.startswith(_JAVA)
    if kind == "ios":
        is_system = module in _APPLE or module.startswith(("com.apple.", *_LIBRARIES))
        return bool(module) and not is_system
    return bool(file or module) and not any(folder in file for folder in _FOLDERS)
