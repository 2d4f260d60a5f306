"""A filter in plain words: what was understood, which fields it asks, and where it can be used. Pure."""

from dataclasses import dataclass
from typing import Any

from bugs.query import tree as t
from bugs.query.binding import bound, field_of, terms
from bugs.query.errors import BadQuery
from bugs.query.fields import Field, Kind

_NOT_LIVE_WORDS = frozenset({"overdue"})
_SIGNS = {"": "is", ">": "is above", ">=": "is at least", "<": "is below", "<=": "is at most"}
_SIGNS_OF_TIMES = {"": "is", ">": "is after", ">=": "is from", "<": "is before", "<=": "is up to"}
_IN_WORDS = frozenset({Kind.TEXT, Kind.CONTEXT})


@dataclass(frozen=True, slots=True)
class Explanation:
    """is_live: streams take it. is_for_triggers: it asks what an event changed, so that no list can answer it."""

    meaning: str
    tree: dict[str, Any]
    fields: tuple[str, ...]
    is_live: bool
    is_for_triggers: bool


def explain(text: str) -> Explanation:
    """What a filter means; raises BadQuery."""
    tree = bound(text).tree
    found = list(terms(tree))
    fields = dict.fromkeys(_name(term) for term in found)
    is_trigger = any(_asks_event(term) for term in found)
    return Explanation(_meaning(tree), _document(tree), tuple(fields), not any(map(_is_dead, found)), is_trigger)


def check_live(text: str) -> None:
    """Raises BadQuery when a filter asks what no change tells, such as an age."""
    for term in terms(bound(text).tree):
        if _is_dead(term):
            detail = f"{_name(term)} changes with time alone, so no event tells of it; streams cannot filter by it."
            raise BadQuery("not_live", detail, term.span.position, term.span.length)


def check_list(text: str) -> None:
    """Raises BadQuery when a filter asks what an event changed, which a list cannot answer."""
    for term in terms(bound(text).tree):
        if _asks_event(term):
            detail = "What an event changed is only for triggers and streams to ask; a list has no event."
            raise BadQuery("only_for_triggers", detail, term.span.position, term.span.length)


def _asks_event(term: t.Term) -> bool:
    field = field_of(term)
    return field.kind == Kind.CHANGE or (field.kind == Kind.CHOICE and term.key is not None)


def _is_dead(term: t.Term) -> bool:
    field = field_of(term)
    if field.name != "is":
        return not field.is_live
    asked = [test.value.text.casefold() for test in term.tests if isinstance(test, t.Compare)]
    return not _NOT_LIVE_WORDS.isdisjoint(asked)


def _name(term: t.Term) -> str:
    name = field_of(term).name
    return name if term.key is None else f"{name}.{term.key}"


def _meaning(node: t.Node) -> str:
    match node:
        case t.Text():
            return f"the texts have {_words(node.value)}"
        case t.Not():
            return f"not ({_meaning(node.node)})"
        case t.And(nodes=()):
            return "everything"
        case t.And():
            return " and ".join(_inner(one) for one in node.nodes)
        case t.Or():
            return " or ".join(_inner(one) for one in node.nodes)
    field = field_of(node)
    return " or ".join(f"{_name(node)} {_test(field, test)}" for test in node.tests)


def _inner(node: t.Node) -> str:
    is_many = isinstance(node, t.And | t.Or) or (isinstance(node, t.Term) and len(node.tests) > 1)
    return f"({_meaning(node)})" if is_many else _meaning(node)


def _words(value: t.Value) -> str:
    if value.is_quoted:
        return f'the phrase "{value.text}"' + (" with any end of its last word" if value.is_prefix else "")
    if value.text.endswith("*"):
        return f'a word that begins with "{value.text.rstrip("*")}"'
    return f'the word "{value.text}"'


def _test(field: Field, test: t.Compare | t.Between) -> str:
    if isinstance(test, t.Between):
        ends = [f"from {test.low.text}" if test.low else "", f"up to {test.high.text}" if test.high else ""]
        return f"is {' '.join(filter(None, ends))}"
    if test.value.text == "none" and not test.value.is_quoted:
        return "is missing"
    if field.kind in _IN_WORDS:
        return f"has {_words(test.value)}"
    signs = _SIGNS_OF_TIMES if field.kind in (Kind.TIME, Kind.DATE) else _SIGNS
    return f"{signs[test.operator]} {test.value.text}"


def _document(node: t.Node) -> dict[str, Any]:
    """The tree as JSON has it."""
    match node:
        case t.Text():
            return {"text": node.value.text, "position": node.value.span.position}
        case t.Not():
            return {"not": _document(node.node)}
        case t.And():
            return {"all": [_document(one) for one in node.nodes]}
        case t.Or():
            return {"any": [_document(one) for one in node.nodes]}
    tests = [_test(field_of(node), test) for test in node.tests]
    return {"field": _name(node), "tests": tests, "position": node.span.position}
