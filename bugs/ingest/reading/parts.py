"""The fields of a report as redaction sees them: what in them are texts, labels, and names of fields. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bugs.ingest.reading.normalize import Fields, Report
from bugs.privacy.rewriting import Path, gather

# Where a field of a report is in its payload. What people and programs said:
SAID: Mapping[str, Path] = {
    **{name: (None, name) for name in ("message", "transaction", "component", "tags", "request", "extra")},
    "system_metrics": (None, "system_metrics"),
    **{name: (None, name) for name in ("breadcrumbs", "user_actions", "api_failures", "auth_errors")},
    **{name: ((None, "meta"), name) for name in ("errors", "fingerprint")},
    "exception_value": ((None, "exception"), "value"),
}
# Names of code, and versions: what looks like an address or a telephone number there is none.
LABELS: Mapping[str, Path] = {
    **{name: (None, name) for name in ("release", "environment", "platform", "session_id")},
    **{name: (None, name) for name in ("sdk", "runtime", "device", "modules")},
    "exception_type": ((None, "exception"), "type"),
}
VERSIONS = frozenset({"version", "build", "kernel_version", "app_version", "app_build"})
VARS = "vars"  # of the frames; not a field of its own


@dataclass(slots=True)
class Part:
    """texts: all but labels; said: those of them that may name someone; keys: the names of fields."""

    name: str
    path: Path
    value: Any
    texts: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)


def of(report: Report) -> list[Part]:
    """Those that say something."""
    found = [Part(name, path, value) for name, path in SAID.items() if (value := getattr(report, name))]
    for part in found:
        gather(part.value, part.said, part.keys)
        part.texts = part.said
    for name, path in LABELS.items():
        if value := getattr(report, name):
            labels = {*value, *value.values()} if type(value) is dict else {value}
            found.append(Part(name, path, value, labels=labels))
    if report.user:
        found.append(Part("user", (None, "user"), report.user, texts=set(report.user.values()), keys=set(report.user)))
    return [*found, _contexts(report.contexts), *_stack(report)]


def _contexts(contexts: Fields) -> Part:
    part = Part("contexts", (None, "contexts"), contexts, keys=set(contexts))
    for context in contexts.values():
        for name, value in context.items() if type(context) is dict else [("", context)]:
            part.keys.add(name)
            gather(value, part.labels if name in VERSIONS else part.said, part.keys)
    part.texts = part.said
    return part


def _stack(report: Report) -> Iterable[Part]:
    """Lines and paths are the program's own; the values of its variables may be anyone's."""
    frames, values = (Part(name, (None, "frames"), report.frames) for name in ("frames", VARS))
    _add_frames(report.frames, frames, values)
    values.texts = values.said
    causes = Part("causes", (None, "causes"), report.causes)
    for cause in report.causes:
        causes.labels.add(cause["type"])
        causes.said.add(cause["value"])
        _add_frames(cause["frames"], causes, causes)
    causes.texts |= causes.said
    return frames, values, causes


def _add_frames(frames: Iterable[Fields], code: Part, values: Part) -> None:
    texts: set[Any] = code.texts
    labels: set[Any] = code.labels
    for frame in frames:
        get = frame.get
        module = get("module")
        (texts if module and "/" in module else labels).add(module)
        labels.add(get("function"))
        texts.add(get("filename"))
        texts.add(get("abs_path"))
        texts.add(get("context_line"))
        texts.update(get("pre_context", ()))
        texts.update(get("post_context", ()))
        if found := get("vars"):
            gather(found, values.said, values.keys)
    texts.discard(None)
    labels.discard(None)
