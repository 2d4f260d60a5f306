"""The fields of a report as redaction sees them: texts, labels, and names of fields, gathered in one go. Pure."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from bugs.ingest.reading.normalize import Fields, Report
from bugs.privacy.rewriting import Path, gather

# Where a field of a report is in its payload. What people and programs said:
SAID: Mapping[str, Path] = {
    **{name: (None, name) for name in ("message", "transaction", "component", "tags", "request", "extra")},
    **{name: (None, name) for name in ("breadcrumbs", "user_actions", "api_failures", "auth_errors", "system_metrics")},
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
FRAMES, VARS, CAUSES = "frames", "vars", "causes"  # `vars` is a field of frames


class Part(NamedTuple):
    """A field: its texts, its labels, and the names of fields in it."""

    name: str
    path: Path
    texts: list[str]
    labels: Iterable[str]
    keys: set[str]


class Parts:
    """said: what may name someone, the program's own lines aside. texts: all, and all names of fields.

    Many are there more than once.
    """

    __slots__ = ("labels", "parts", "said", "texts")

    def __init__(self, report: Report) -> None:
        self.parts = [*_of_said(report), _of_contexts(report.contexts)]
        frames, values = _of_frames(report)
        causes, values_of_causes = _of_causes(report.causes)
        self.said = list(chain(*[part.texts for part in self.parts], values.texts, values_of_causes))
        self.parts += [values, frames, causes]  # frames have their values in them, which are clean by then
        self.texts = list(chain(self.said, frames.texts, causes.texts, *[part.keys for part in self.parts]))
        self.labels = list(chain(_labels(report), *[part.labels for part in self.parts]))


def _of_said(report: Report) -> list[Part]:
    found = []
    for name, path in SAID.items():
        if value := getattr(report, name):
            part = Part(name, path, [], (), set())
            gather(value, part.texts, part.keys)
            found.append(part)
    return found


def _labels(report: Report) -> list[str]:
    found: list[str] = []
    for name in LABELS:
        if value := getattr(report, name):
            found += (value,) if type(value) is str else chain(value, value.values())
    return found


def _of_contexts(contexts: Fields) -> Part:
    texts: list[str] = []
    labels: list[str] = []
    keys = set(contexts)
    for context in contexts.values():
        for name, value in context.items() if type(context) is dict else [("", context)]:
            keys.add(name)
            gather(value, labels if name in VERSIONS else texts, keys)
    return Part("contexts", (None, "contexts"), texts, labels, keys)


def _of_frames(report: Report) -> tuple[Part, Part]:
    """Lines and paths are the program's own; the values of its variables may be anyone's."""
    code: list[Any] = []
    labels: list[Any] = []
    values = Part(VARS, (None, FRAMES), [], (), set())
    _add_frames(report.frames, code, labels, values)
    return Part(FRAMES, (None, FRAMES), code, labels, set()), values


def _of_causes(causes: list[Fields]) -> tuple[Part, list[str]]:
    labels: list[Any] = [cause["type"] for cause in causes]
    code: list[Any] = []
    values = Part(CAUSES, (None, CAUSES), [cause["value"] for cause in causes], labels, set())
    for cause in causes:
        _add_frames(cause["frames"], code, labels, values)
    return values._replace(texts=values.texts + code), values.texts


def _add_frames(frames: Iterable[Fields], code: list[Any], labels: list[Any], values: Part) -> None:
    for frame in frames:
        get = frame.get
        module = get("module", "")
        (code if "/" in module else labels).append(module)
        labels.append(get("function", ""))
        code += (get("filename", ""), get("abs_path", ""), get("context_line", ""))
        code += get("pre_context", ())
        code += get("post_context", ())
        if found := get("vars"):
            gather(found, values.texts, values.keys)
