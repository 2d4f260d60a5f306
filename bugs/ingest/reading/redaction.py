"""What people are known by, and secrets, are taken out of reports before anything is made of them. Pure.

So grouping, titles, bugs, words and lists never see them, and two users of one program have one group.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from urllib.parse import unquote_plus

from bugs.ingest.reading import known_names, parts
from bugs.ingest.reading.normalize import Fields, Report
from bugs.ingest.reading.parts import Part
from bugs.privacy import names, placeholders, rewriting, texts
from bugs.privacy.rewriting import Rewriter
from bugs.privacy.rules import Rules

TOLD_MAX = 50  # places that `meta.redacted` tells of
_PARAMETER = re.compile(r"(^|[?&])([^=&?#]{1,100})=([^&#]+)")
PLAIN_MAX = 16_384
_plain: set[str] = set()  # names of fields that say nothing of their values
NAMES_OF_USERS = tuple(sorted({**names.NAMES, "name": "name"}.items()))
# Of columns: a placeholder may be longer than what it stands for.
LIMITS = {"message": 1000, "component": 100, "environment": 64, "release": 200, "session_id": 64}


class _Read:
    """A report and its parts. fresh: of the texts of each those that were not known to be clean; and of the labels."""

    __slots__ = ("fresh", "keys", "labels", "parts", "report")

    def __init__(self, report: Report, rules: Rules) -> None:
        clean, clean_labels = rewriting.clean(rules), rewriting.clean(rules, True)
        self.report = report
        self.parts = parts.of(report)
        self.fresh = [clean.others(part.texts) for part in self.parts]
        self.labels = [clean_labels.others(part.labels) for part in self.parts]
        self.keys = clean.others(set().union(*(part.keys for part in self.parts)))


def redact(reports: Sequence[Report], rules: Rules) -> list[dict[str, str]]:
    """Put placeholders into reports. What they stand for, of each, by JSON pointers into its payload."""
    read = [_Read(report, rules) for report in reports]
    fresh = set(chain.from_iterable(chain.from_iterable((*one.fresh, one.keys) for one in read)))
    labels = set(chain.from_iterable(chain.from_iterable(one.labels for one in read)))
    changes = rewriting.changes(fresh, rules), rewriting.changes(labels, rules, is_label=True)
    return [_redact(one, *changes, rules) for one in read]


def _redact(read: _Read, changes: Mapping[str, str], labels: Mapping[str, str], rules: Rules) -> dict[str, str]:
    report, originals = read.report, dict[str, str]()
    known = known_names.of(report.user)
    by_name = known_names.taken_out(known, read.parts, changes, rules) if known else {}
    of_keys = {key: changes[key] for key in read.keys if key in changes}
    for part, fresh, fresh_labels in zip(read.parts, read.fresh, read.labels, strict=True):
        found = {text: changes[text] for text in fresh if text in changes}
        found |= {text: labels[text] for text in fresh_labels if text in labels}
        found |= {text: by_name[text] for text in part.said if text in by_name} if by_name else {}
        found |= {key: of_keys[key] for key in part.keys if key in of_keys} if of_keys else {}
        if part.name == "request":
            found |= dict(_queries(part.value, found, rules))
        named = _of_user(part.value, known, found, rules) if part.name == "user" else _named(part.keys, rules)
        if found or named:
            _rewrite(report, part, Rewriter(found, named, originals, rules))
    _fit(report)
    report.redacted = sorted({pointer.lstrip("#=") for pointer in originals})[:TOLD_MAX]
    return originals


def _rewrite(report: Report, part: Part, rewriter: Rewriter) -> None:
    if part.name != parts.VARS:
        setattr(report, part.name, rewriter.value(getattr(report, part.name), part.path))
        return
    for place, frame in enumerate(report.frames):
        if values := frame.get(parts.VARS):
            frame[parts.VARS] = rewriter.value(values, ((part.path, place), parts.VARS))


def _named(keys: set[str], rules: Rules) -> dict[str, str]:
    """What the names of fields say of their values."""
    telling = keys - _plain
    if not telling:
        return {}
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
    kind = names.kind(unquote_plus(pair[2]))
    is_named = kind and kind not in rules.off and not pair[3].startswith("[redacted:") and not rules.allows(pair[3])
    return f"{pair[1]}{pair[2]}={texts.placeholder(kind)}" if is_named else pair[0]


def _of_user(user: Fields, known: Sequence[str], found: dict[str, str], rules: Rules) -> dict[str, str]:
    """The same of a user: names and addresses go; the id stays, unless it is one of them."""
    if (user_id := user.get("id")) and user_id not in found:
        found[user_id] = texts.without(user_id, known, rules)
    return {key: kind for key in user if (kind := names.kind(key, NAMES_OF_USERS)) and kind not in rules.off}


def _fit(report: Report) -> None:
    for name, limit in LIMITS.items():
        if len(text := getattr(report, name)) > limit:
            setattr(report, name, placeholders.fitting(text, limit))
