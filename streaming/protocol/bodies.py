"""What events and snapshots show of bugs, errors, sessions, figures and exports: as REST does, in three sizes."""

from collections.abc import Iterable

from bugs import fields as rest
from bugs.choices import BugType, Level, Severity, Status
from bugs.selectors import figures
from bugs.selectors.performance import FLOW
from streaming import presenters
from streaming.protocol import shapes
from streaming.protocol.shapes import Schema

EXPORT_STATES = ("queued", "running", "ready", "failed", "cancelled", "revoked")
FIGURES = {figures.BUGS: "BugFigures", figures.ERRORS: "ErrorFigures", figures.PERFORMANCE: "WorkFigures"}


def components() -> dict[str, Schema]:
    """The schemas that messages refer to, by name."""
    return {**_bugs(), **_errors(), **_patterns(), **_sessions(), **_figures(), **_exports()}


def _bugs() -> dict[str, Schema]:
    fields = shapes.of_fields(rest.of_bug())
    compact = ("id", "reference", "status", "severity")
    return {
        "BugSummary": shapes.record(_some(fields, presenters.SUMMARY), "A bug in the format `json`."),
        "BugRow": shapes.record(_some(fields, ("id", *presenters.SUMMARY)), "A bug of a snapshot, in `json`."),
        "BugState": shapes.record(_some(fields, compact), "A bug of a snapshot, in `compact`."),
        "Bug": _whole(_some(fields, ("id", *presenters.SUMMARY, "version")), "A bug", "/api/v1/bugs/{id}/", "Bug"),
    }


def _errors() -> dict[str, Schema]:
    short = {
        **_place(),
        "title": shapes.text(),
        "message": shapes.text(),
        "component": shapes.text(),
        "environment": shapes.text(),
        "release": shapes.text(),
        "session_id": shapes.text("What the SDK calls the session; empty when it named none."),
        "occurred_at": shapes.moment(),
    }
    whole = {**_place(), "event_id": shapes.uuid("What the SDK calls it.")}
    return {
        "ErrorRow": shapes.record(short, "An error report in the format `json`."),
        "ErrorPlace": shapes.record(_place(), "An error report of a snapshot, in `compact`."),
        "Error": _whole(whole, "An error report, without personal data,", "/api/v1/errors/{id}/", "Error"),
    }


def _place() -> dict[str, Schema]:
    return {"id": shapes.uuid(), "project": key(), "group_id": shapes.or_null(shapes.uuid()), "level": level()}


def _patterns() -> dict[str, Schema]:
    fields = shapes.of_fields(rest.of_group())
    row = ("id", "project", "bug", "title", "culprit", "level", "reports", "users", "first_seen_at", "last_seen_at")
    compact = ("id", "project", "bug", "level")
    return {
        "PatternRow": shapes.record(_some(fields, row), "A kind of error in the format `json`."),
        "PatternPlace": shapes.record(_some(fields, compact), "A kind of error of a snapshot, in `compact`."),
        "Pattern": shapes.record(fields, "A kind of error in `detailed`: as `GET /api/v1/error-groups/` shows it."),
    }


def _sessions() -> dict[str, Schema]:
    fields = shapes.of_fields(rest.of_session())
    return {
        "Session": shapes.record(fields, "A session in the formats `json` and `detailed`."),
        "SessionPlace": shapes.record(_some(fields, ("id", "project", "state")), "A session of a snapshot, `compact`."),
    }


def _figures() -> dict[str, Schema]:
    """Of each kind its totals by name, and what they are made of."""
    figures_of = shapes.any_of(*(shapes.ref(name) for name in FIGURES.values()), about="In `compact` the totals alone.")
    one = {
        "project_id": shapes.uuid(),
        "project": key(),
        "metrics_type": shapes.one_of(figures.KINDS, "What these are figures of."),
        "as_of": shapes.moment(),
        "figures": figures_of,
    }
    flow = [f"{name}_{span}" for span in ("24h", "7d") for name in FLOW]
    work = ["created_30d", "triaged_30d", "resolved_30d", "reopened_30d", "reopen_rate"]
    times = [f"{what}_{which}_seconds" for what in ("triage", "resolve") for which in ("median", "p90")]
    spiking = shapes.listed(_spiking(), "Kinds of errors that come far more often than before, the newest.")
    is_open = {"by_status": _counts("Open bugs."), "by_severity": _counts("Open bugs.")}
    levels = {"by_level": _counts("Errors of the last day."), "spiking": spiking}
    durations = {"time_to_triage": _durations(), "time_to_resolve": _durations()}
    return {
        "Analytics": shapes.record(one, "Figures of one project."),
        FIGURES[figures.BUGS]: _figures_of(["open", *flow], is_open),
        FIGURES[figures.ERRORS]: _figures_of(["errors_1h", "errors_24h", "errors_7d", "spiking_groups"], levels),
        FIGURES[figures.PERFORMANCE]: _figures_of(["open", *work, *times], durations),
    }


def _figures_of(totals: Iterable[str], parts: dict[str, Schema]) -> Schema:
    counted = {name: {"type": ["number", "null"]} for name in totals}
    series = shapes.record({}, "What there was over time; only in `detailed`.", is_open=True)
    shown = {"totals": shapes.record(counted, "Null where nothing is known."), **parts, "series": series}
    return shapes.record(shown, optional=[*parts, "series"])


def _counts(about: str) -> Schema:
    return shapes.mapping(shapes.integer(), about)


def _durations() -> Schema:
    return shapes.record({}, "Median and others in seconds, of all and by severity.", is_open=True)


def _spiking() -> Schema:
    fields = _some(shapes.of_fields(rest.of_group()), ("id", "title", "culprit", "level", "bug"))
    return shapes.record({**fields, "spiking_since": shapes.moment()})


def _exports() -> dict[str, Schema]:
    fields = {
        "id": shapes.uuid(),
        "format": shapes.text(),
        "state": shapes.one_of(EXPORT_STATES),
        "rows_done": shapes.integer(),
        "rows_total": shapes.or_null(shapes.integer()),
        "created_at": shapes.moment(),
        "finished_at": shapes.or_null(shapes.moment()),
    }
    return {"Export": shapes.record(fields, "An export, in every format.")}


def key() -> Schema:
    return shapes.text("The key of the project, like `WEB`.")


def level() -> Schema:
    return shapes.one_of(Level.values)


def status() -> Schema:
    return shapes.one_of(Status.values)


def severity() -> Schema:
    return shapes.one_of(Severity.values)


def bug_type() -> Schema:
    return shapes.one_of(BugType.values)


def _some(fields: dict[str, Schema], names: Iterable[str]) -> dict[str, Schema]:
    return {name: fields[name] for name in names}


def _whole(fields: dict[str, Schema], what: str, path: str, component: str) -> Schema:
    about = f"{what} in `detailed`: as `GET {path}` answers, which is `{component}` in the OpenAPI document."
    return shapes.record(fields, about, is_open=True)
