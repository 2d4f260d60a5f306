"""What people are known by, and secrets, are taken out of reports before anything is made of them. Pure.

So grouping, titles, bugs, words and lists never see them, and two users of one program have one group.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote_plus

from bugs.ingest.reading import known_names
from bugs.ingest.reading.normalize import Fields, Report
from bugs.ingest.reading.parts import FRAMES, LABELS, VARS, Part, Parts
from bugs.privacy import names, placeholders, rewriting, texts
from bugs.privacy.rewriting import Rewriter
from bugs.privacy.rules import Rules

TOLD_MAX = 50  # places that `meta.redacted` tells of
_PARAMETER = re.compile(r"(^|[?&])([^=&?#]{1,100})=([^&#]+)")
PLAIN_MAX = 16_384
_plain: set[str] = set()  # names of fields that say nothing of their values
OF_USERS = {"email": "email", "username": "name", "name": "name", "ip_address": "ip"}
# Of columns: a placeholder may be longer than what it stands for.
LIMITS = {"message": 1000, "component": 100, "environment": 64, "release": 200, "session_id": 64}


class _Read:
    """A report and what is in it. fresh: of its texts and keys those that were not known to be clean; and of labels."""

    __slots__ = ("fresh", "labels", "parts", "report")

    def __init__(self, report: Report, rules: Rules) -> None:
        self.report, self.parts = report, Parts(report)
        if user_id := report.user.get("id"):
            self.parts.texts.append(user_id)
        self.fresh = rewriting.clean(rules, False).others(self.parts.texts)
        self.labels = rewriting.clean(rules, True).others(self.parts.labels)


def redact(reports: Sequence[Report], rules: Rules) -> list[dict[str, str]]:
    """Put placeholders into reports. What they stand for, of each, by JSON pointers into its payload."""
    read = [_Read(report, rules) for report in reports]
    changes = rewriting.changes(set().union(*(one.fresh for one in read)), rules)
    labels = rewriting.changes(set().union(*(one.labels for one in read)), rules, is_label=True)
    return [_redact(one, changes, labels, rules) for one in read]


def _redact(read: _Read, changes: Mapping[str, str], labels: Mapping[str, str], rules: Rules) -> dict[str, str]:
    report, originals = read.report, dict[str, str]()
    of_labels = {text: labels[text] for text in labels.keys() & read.labels} if labels else {}
    found = of_labels | {text: changes[text] for text in changes.keys() & read.fresh}
    known = known_names.of(report.user)
    by_name = {**found, **known_names.taken_out(known, report, read.parts, found, rules)} if known else found
    for part in read.parts.parts:
        mine = found if part.name == FRAMES else by_name
        if part.name == "request":
            mine = {**mine, **dict(_queries(report.request, mine, rules))}
        named = _named(part.keys, rules) if part.keys else {}
        touched = mine.keys()
        is_clean = touched.isdisjoint(part.texts) and touched.isdisjoint(part.keys) and touched.isdisjoint(part.labels)
        if named or not is_clean:
            _rewrite(report, part, Rewriter(mine, named, originals, rules))
    if of_labels:
        rewriter = Rewriter(of_labels, {}, originals, rules)
        for name, path in LABELS.items():
            setattr(report, name, rewriter.value(getattr(report, name), path))
    if report.user:
        _redact_user(report, known, found, originals, rules)
    _fit(report)
    report.redacted = sorted({pointer.lstrip("#=") for pointer in originals})[:TOLD_MAX]
    return originals


def _rewrite(report: Report, part: Part, rewriter: Rewriter) -> None:
    if part.name != VARS:
        setattr(report, part.name, rewriter.value(getattr(report, part.name), part.path))
        return
    for place, frame in enumerate(report.frames):
        if values := frame.get(VARS):
            frame[VARS] = rewriter.value(values, ((part.path, place), VARS))


def _named(keys: set[str], rules: Rules) -> dict[str, str]:
    """What the names of fields say of their values."""
    if keys <= _plain:
        return {}
    telling = keys - _plain
    if len(_plain) >= PLAIN_MAX:
        _plain.clear()
    _plain.update(key for key in telling if not names.kind(key))
    return {key: kind for key in telling if (kind := names.kind(key)) and kind not in rules.off}


def _queries(request: Fields, found: Mapping[str, str], rules: Rules) -> Iterator[tuple[str, str]]:
    """Query and URL with placeholders for what their parameters' names tell of, however short it is."""
    for name in ("query_string", "url"):
        text = request.get(name)
        if type(text) is str and "=" in text:
            clean = found.get(text, text)
            if (after := _PARAMETER.sub(lambda pair: _parameter(pair, rules), clean)) != clean:
                yield text, after


def _parameter(pair: re.Match[str], rules: Rules) -> str:
    kind, value = names.kind(unquote_plus(pair[2])), pair[3]
    is_named = kind and kind not in rules.off and not value.startswith(placeholders.BEGIN) and not rules.allows(value)
    return f"{pair[1]}{pair[2]}={placeholders.of(kind)}" if is_named else pair[0]


def _redact_user(
    report: Report, known: Sequence[str], found: Mapping[str, str], originals: dict[str, str], rules: Rules
) -> None:
    """Names and addresses go; the id stays, unless it is one of them."""
    user = report.user
    named = {key: kind for key, kind in OF_USERS.items() if key in user and kind not in rules.off}
    mine = {value: texts.cleaned([value], rules)[0] for key, value in user.items() if key not in named and key != "id"}
    if user_id := user.get("id"):
        mine[user_id] = found.get(user_id) or texts.without(user_id, known, rules)
    report.user = Rewriter(mine, named, originals, rules).value(user, (None, "user"))


def _fit(report: Report) -> None:
    for name, limit in LIMITS.items():
        if len(text := getattr(report, name)) > limit:
            setattr(report, name, placeholders.fitting(text, limit))
