"""A filter means the same in PostgreSQL and in memory: random filters over random bugs, one by one."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugs import query
from bugs.models import Bug, ErrorGroup, Watcher
from bugs.query import context, words
from bugs.query.fields import FIELDS, Kind
from bugs.selectors import matching

NOW = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
WORDS = ["pay", "payment", "failed", "Straße", "STRASSE", "null", "it's", "back\\slash", "ünïcode", "x_1", "checkout"]
NAMES = ["", "checkout", "check", "Checkout", "che*ck", "100%", "a_b", "a\\b", "web shop", "none"]
TAGS = ["safari", "Safari", "none", "", "5", "a%b"]
CUSTOM: list[Any] = ["5", 5, 5.5, -3, True, False, "true", "2026-05-01", "2026-06-01", "big one", 0]


def _moment(chance: random.Random, *, missing: bool) -> datetime | None:
    if missing and chance.random() < 0.4:
        return None
    near = [
        NOW,
        NOW - timedelta(days=7),
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC),
    ]
    return chance.choice([*near, NOW - timedelta(seconds=chance.randrange(10**7))])


def _text(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(5)))


def _bug(chance: random.Random, number: int, project: Any, people: list[Any]) -> Bug:
    choices = {name: chance.choice(FIELDS[name].values) for name in ("status", "severity", "priority", "bug_type")}
    maybe = {name: chance.choice(["", *FIELDS[name].values]) for name in ("resolution", "error_level")}
    names = {name: chance.choice(NAMES) for name in ("component", "environment", "release")}
    counts = {name: chance.choice([0, 0, 1, 5, 10]) for name, field in FIELDS.items() if field.kind == Kind.NUMBER}
    times = {
        f.source: _moment(chance, missing=f.can_be_missing) for f in FIELDS.values() if f.kind in (Kind.TIME, Kind.AGE)
    }
    due = chance.choice([None, date(2026, 5, 31), date(2026, 5, 1), date(2026, 6, 7), date(2026, 5, 30)])
    tags = {name: chance.choice(TAGS) for name in chance.sample(["browser", "a b", 'q"uote'], chance.randrange(3))}
    custom = {name: chance.choice(CUSTOM) for name in chance.sample(["cost", "day", "x"], chance.randrange(4))}
    people_of = {"reporter": chance.choice([None, *people]), "assignee": chance.choice([None, *people])}
    more = {**choices, **maybe, **names, **counts, **times, **people_of, "number": number}
    return Bug(project=project, title="", due_on=due, tags=tags, custom=custom, **more)


@pytest.fixture
def bugs(web: Any, people_of_web: dict[str, Any]) -> list[Bug]:
    chance = random.Random(7)
    people = list(people_of_web.values())
    made = Bug.objects.bulk_create([_bug(chance, number, web, people) for number in range(1, 61)])
    with connection.cursor() as cursor:
        for bug in made:
            vector = words.vector([(weight, _text(chance)) for weight in "ABCD"])
            cursor.execute("UPDATE bugs_bug SET words = %s::tsvector WHERE id = %s", [vector, bug.pk])
            for place in range(chance.choice([0, 0, 1, 2])):
                fields = chance.sample(list(context.FIELDS), 2)
                had = context.merge({}, {field: [_text(chance), _text(chance)] for field in fields})
                group = ErrorGroup.objects.create(
                    project=web, fingerprint=f"{bug.number}-{place}", bug=bug, first_seen_at=NOW, last_seen_at=NOW
                )
                sql = "UPDATE bugs_errorgroup SET context_words = %s::tsvector WHERE id = %s"
                cursor.execute(sql, [context.vector(had), group.pk])
    Watcher.objects.bulk_create(
        [Watcher(bug=bug, user=chance.choice(people), since=NOW) for bug in made if chance.random() < 0.5]
    )
    for bug in made[:10]:
        Bug.objects.filter(pk=bug.pk).update(merged_into=made[-1])
    return made


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_ORDER = st.sampled_from(["", ">", ">=", "<", "<="])
_A_TEXT = st.one_of(
    st.sampled_from(["pay*", "payment", "STRASSE", "straße", "null", "x_1", "it's", "pay-failed", "back*"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join).map(_quoted),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda some: _quoted(" ".join(some)) + "*"),
)
_A_TIME = st.sampled_from(
    [
        *("-7d", "now", "today", "yesterday", "2026-05-01", "2026-05", "2026-05-31T12:00Z", "+1w", "-0d", "-24h"),
        *("2026-05-01T23:59:59+00:00", "2026-05-01T23:59:59.000000Z", "2026-05-02T01:59+02:00"),
    ]
)
_A_SPAN = st.sampled_from(["7d", "0d", "1w", "24h", "100d", "1y", "30m"])
_A_NAME = st.one_of(
    st.sampled_from([name for name in NAMES if name]).map(_quoted),
    st.sampled_from(["check*", "*", "none", "C*t", "a*b", "1*"]),
)
_A_PERSON = st.sampled_from(["me", "none", "alice", "bob", "mallory", "nobody", '"me"'])
_A_NUMBER = st.sampled_from(["0", "1", "5", "10", "11"])


def _listed(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(one, st.lists(one, min_size=1, max_size=3).map(lambda some: f"({','.join(some)})"))


def _ranged(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    compared = st.tuples(_ORDER, one).map("".join)
    return st.one_of(
        compared, st.tuples(one, one).map("..".join), one.map(lambda v: f"{v}.."), one.map(lambda v: f"..{v}")
    )


_TAG_KEYS = ["browser", '"a b"', '"q\\"uote"', "missing"]
_A_CUSTOM = st.one_of(
    st.sampled_from(["5", '"5"', "5.0", "true", "none", "-3", "big*", '"big one"', "2026-05-01"]),
    st.sampled_from([">5", ">=5", "<0", "<=-3", "-3..5.5", "2026-05-01..2026-06-01", ">2026-05-01", "..5"]),
)


def _values(name: str) -> st.SearchStrategy[str]:
    field = FIELDS[name]
    choice = st.sampled_from(field.values or ("x",))
    can_be_none = field.can_be_missing
    return {
        Kind.TEXT: _A_TEXT,
        Kind.CONTEXT: st.one_of(_A_TEXT, st.just("none")),
        Kind.CHOICE: _listed(st.one_of(choice, st.just("none")) if can_be_none else choice),
        Kind.NAME: _listed(_A_NAME),
        Kind.REFERENCE: st.sampled_from(["WEB", "WEB-60", "WEB-060", "web-60", "*", "WEB-99999999999999999999"]),
        Kind.PERSON: _listed(_A_PERSON if can_be_none else _A_PERSON.filter(lambda v: v != "none")),
        Kind.NUMBER: _ranged(_A_NUMBER),
        Kind.TIME: st.one_of(_ranged(_A_TIME), st.just("none")) if can_be_none else _ranged(_A_TIME),
        Kind.DATE: st.one_of(_ranged(_A_TIME), st.just("none")),
        Kind.AGE: _ranged(_A_SPAN),
        Kind.WORD: choice,
    }[field.kind]


def _term(name: str) -> st.SearchStrategy[str]:
    if name == "tag":
        return st.tuples(st.sampled_from(_TAG_KEYS), _A_NAME).map(lambda pair: f"tag.{pair[0]}:{pair[1]}")
    if name == "custom":
        return st.tuples(st.sampled_from(["cost", "day", "x", "no"]), _A_CUSTOM).map(lambda p: f"custom.{p[0]}:{p[1]}")
    if name == "has":
        return st.sampled_from(["attachment", "due", "breadcrumb", "tag.browser", "assignee"]).map("has:{}".format)
    term = _values(name).map(lambda value: f"{name}:{value}")
    if FIELDS[name].is_ordered:
        low = st.sampled_from(FIELDS[name].values)
        return st.one_of(term, st.tuples(_ORDER, low).map(lambda pair: f"{name}:{pair[0]}{pair[1]}"))
    return term


_ANY_TERM = st.sampled_from([name for name in FIELDS if name != "changed"]).flatmap(_term)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    many = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        many.map(lambda some: f"({' '.join(some)})"),
        many.map(lambda some: f"({' OR '.join(some)})"),
        inner.map(lambda one: f"-{one}" if not one.startswith("-") else f"NOT {one}"),
    )


_FILTERS = st.recursive(st.one_of(_ANY_TERM, _A_TEXT), _grown, max_leaves=6)
RUNS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def test_sql_and_memory_agree_on_random_filters(bugs: list[Bug], as_principal: Callable[[str], Any]) -> None:
    bob = as_principal("bob")
    documents = matching.filter_documents([bug.pk for bug in bugs])
    met = set()

    @RUNS
    @given(_FILTERS)
    def agree(text: str) -> None:
        found = {
            str(pk) for pk in query.apply(Bug.objects.all(), text, principal=bob, now=NOW).values_list("pk", flat=True)
        }
        matches = query.matcher(text, principal=bob, now=NOW)
        assert found == {name for name, document in documents.items() if matches(document)}, text
        met.add(0 < len(found) < len(bugs))

    agree()
    assert met == {True, False}


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "changed"])
def test_sql_and_memory_agree_field_by_field(name: str, bugs: list[Bug], as_principal: Callable[[str], Any]) -> None:
    bob = as_principal("bob")
    documents = matching.filter_documents([bug.pk for bug in bugs])

    @settings(RUNS, max_examples=12)
    @given(_term(name), st.booleans())
    def agree(term: str, is_negated: bool) -> None:
        text = f"-{term}" if is_negated else term
        found = {
            str(pk) for pk in query.apply(Bug.objects.all(), text, principal=bob, now=NOW).values_list("pk", flat=True)
        }
        matches = query.matcher(text, principal=bob, now=NOW)
        assert found == {name for name, document in documents.items() if matches(document)}, text
        assert len(found) + query.apply(Bug.objects.all(), f"-({text})", principal=bob, now=NOW).count() == len(bugs)

    agree()


@pytest.mark.django_db
def test_words_come_back_from_a_tsvector_as_they_went_in() -> None:
    vector = words.vector([("A", "it's Straße"), ("D", "a\\b it's")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_json(%s::tsvector::text)::text", [vector])
        text = orjson.loads(cursor.fetchone()[0])
    assert matching.memory.vector(text) == {
        word: dict(places) for word, places in words.places([("A", "it's Straße"), ("D", "a\\b it's")]).items()
    }
