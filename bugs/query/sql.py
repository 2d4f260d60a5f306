"""Conditions as SQL that PostgreSQL's indexes can answer: constants, no joins, no common table expressions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db.models import BooleanField, Expression, F, Q

from bugs.models import Project, User
from bugs.query import conditions as c
from bugs.query import words
from bugs.query.context import lexeme
from bugs.query.errors import BadQuery
from bugs.query.times import Moment, end_of

_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_COLUMNS = {"assignee": "assignee_id", "reporter": "reporter_id", "merged_into": "merged_into_id"}
_WATCHING = "{0} IN (SELECT w.bug_id FROM bugs_watcher w WHERE w.user_id = "
_IN_ERRORS = (
    "{0} IN (SELECT g.bug_id FROM bugs_errorgroup g WHERE g.context_words @@ %s::tsquery AND g.bug_id IS NOT NULL)"
)
_MERGED_INTO = (
    "{0} = (SELECT t.id FROM bugs_bug t JOIN bugs_project p ON p.id = t.project_id WHERE p.key = %s AND t.number = %s)"
)
MAX_BUG_NUMBER = 2**31 - 1


class Test(Expression):
    """A piece of SQL over columns of a bug, true or false. `{0}`, `{1}` … stand for the columns."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, template: str, columns: Sequence[str], params: Sequence[Any] = ()) -> None:
        super().__init__()
        self.template, self.names, self.params = template, columns, list(params)
        self.columns: list[Any] = [F(column) for column in columns]

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.columns = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        columns = [compiler.compile(column)[0] for column in self.columns]
        return f"({self.template.format(*columns)})", self.params


def compiled(condition: c.Condition, *, user_id: int | None, now: datetime) -> Q:
    """The condition for a queryset of bugs; raises BadQuery when it can only be asked of an event."""
    return _compile(condition, False, partial(_leaf, user_id=user_id, now=now))


def _compile(node: c.Condition, is_negated: bool, leaf: Callable[[Any], Test]) -> Q:
    """NOT is pushed down to the leaves, where what is unknown is made false first."""
    match node:
        case c.Not():
            return _compile(node.node, not is_negated, leaf)
        case c.All() | c.Any():
            parts = [_compile(inner, is_negated, leaf) for inner in node.nodes]
            if not parts:
                return _never() if is_negated else Q()
            return Q(*parts, _connector=Q.AND if isinstance(node, c.All) != is_negated else Q.OR)
    test = leaf(node)
    if is_negated:
        test = Test(f"NOT coalesce(({test.template}), false)", test.names, test.params)
    return Q(test)


def _never() -> Q:
    return Q(Test("false", ()))


def _leaf(node: c.Leaf, *, user_id: int | None, now: datetime) -> Test:
    match node:
        case c.Words():
            return _words(node)
        case c.AnyWord():
            return Test(_IN_ERRORS, ["id"], [f"{words.quoted(lexeme(node.context, ''))}:*"])
        case c.OneOf():
            return _one_of(node)
        case c.Like():
            return Test("{0} LIKE %s", [node.column], [_pattern(node.parts)])
        case c.Between():
            return _between(node, now)
        case c.Missing():
            return Test("{0} IS NULL", [_COLUMNS.get(node.column, node.column)])
        case c.Person():
            return _person(node, user_id)
        case c.Reference():
            return _reference(node)
    return _entry(node)


def _words(node: c.Words) -> Test:
    if node.context:
        return Test(_IN_ERRORS, ["id"], [tsquery(node)])
    return Test("{0} @@ %s::tsquery", ["words"], [tsquery(node)])


def tsquery(node: c.Words) -> str:
    """The words side by side, as the text of a tsquery."""
    named = [lexeme(node.context, word) if node.context else word for word in node.words]
    weights = "" if node.context or node.weights == "ABCD" else node.weights
    flags = [weights] * len(named)
    flags[-1] += "*" if node.is_prefix else ""
    pairs = zip(named, flags, strict=True)
    return " <-> ".join(f"{words.quoted(word)}{':' if flag else ''}{flag}" for word, flag in pairs)


def _one_of(node: c.OneOf) -> Test:
    if not node.values:
        return Test("false", ())
    if len(node.values) == 1:
        return Test("{0} = %s", [node.column], node.values)
    return Test(f"{{0}} IN ({', '.join(['%s'] * len(node.values))})", [node.column], node.values)


def _pattern(parts: Sequence[str]) -> str:
    return "%".join(part.translate(_LIKE) for part in parts)


def _between(node: c.Between, now: datetime) -> Test:
    low = _bound(node.low, node.is_low_after, node.column, now)
    high = _bound(node.high, node.is_high_after, node.column, now)
    ends = [(sign, end) for sign, end in ((">=", low), ("<", high)) if end is not None]
    template = " AND ".join(f"{{0}} {sign} %s" for sign, _ in ends)
    return Test(template, [node.column], [end for _, end in ends])


def _bound(bound: int | Moment | None, is_after: bool, column: str, now: datetime) -> Any:
    return end_of(bound, column, now, is_after=is_after) if isinstance(bound, Moment) else bound


def _person(node: c.Person, user_id: int | None) -> Test:
    wanted = user_id if node.name is None else _user_named(node.name)
    if node.column == "watchers":
        return Test(f"{_WATCHING}%s)", ["id"], [wanted])
    return Test("{0} = %s", [_COLUMNS[node.column]], [wanted])


# Asked before the statement is: of a sub-select the planner cannot know how many bugs its answer has.
def _user_named(name: str) -> int | None:
    return User.objects.filter(username=name).values_list("pk", flat=True).first()


def _project_named(key: str) -> UUID | None:
    return Project.objects.filter(key=key).values_list("pk", flat=True).first()


def _reference(node: c.Reference) -> Test:
    if node.column == "project":
        return Test("{0} = %s", ["project_id"], [_project_named(node.name)])
    key, number = reference_parts(node.name)
    return Test(_MERGED_INTO, ["merged_into_id"], [key, number])


def reference_parts(name: str) -> tuple[str, int]:
    """Key and number of a reference; what is none finds nothing."""
    key, _, number = name.rpartition("-")
    if number.isascii() and number.isdigit() and str(int(number[:12])) == number and int(number) <= MAX_BUG_NUMBER:
        return key, int(number)
    return "", 0


def _entry(node: c.Leaf) -> Test:
    match node:
        case c.Entry() | c.EntryLike() | c.EntryBetween() | c.EntryMissing():
            return _entry_of(node, [node.column])
    # Callers have asked `check_list`, which knows the place in the text.
    raise BadQuery("only_for_triggers", "What an event changed is only for triggers and streams to ask.")


def _entry_of(node: c.Entry | c.EntryLike | c.EntryBetween | c.EntryMissing, column: list[str]) -> Test:
    match node:
        case c.Entry():
            return Test("{0} @> %s::jsonb", column, [orjson.dumps({node.key: node.value}).decode()])
        case c.EntryLike():
            text = "jsonb_typeof({0} -> %s) = 'string' AND {0} ->> %s LIKE %s"
            return Test(text, column, [node.key, node.key, _pattern(node.parts)])
        case c.EntryMissing(key=""):
            return Test("{0} = '{{}}'::jsonb", column)
        case c.EntryMissing():
            return Test("NOT {0} ? %s", column, [node.key])
    return Test("{0} @? %s::jsonpath", column, [_json_path(node)])


def _json_path(node: c.EntryBetween) -> str:
    tests = [(">" if node.is_low_out else ">=", node.low), ("<" if node.is_high_out else "<=", node.high)]
    filters = " && ".join(f"@ {sign} {orjson.dumps(end).decode()}" for sign, end in tests if end is not None)
    return f"strict $.{orjson.dumps(node.key).decode()} ? ({filters})"
