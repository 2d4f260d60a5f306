"""From a tree to conditions: every field and value is checked here, by the table of fields. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bugs.query import conditions as c
from bugs.query import tree as t
from bugs.query import values, words
from bugs.query.errors import BadQuery, hint
from bugs.query.fields import BY_NAME, CHANGES, HAS, IS, NAMES, Field, Kind
from bugs.query.parsing import parse


@dataclass(frozen=True, slots=True)
class Bound:
    """A filter that has been understood. For triggers alone when it asks what an event changed."""

    tree: t.Node
    condition: c.Condition


@lru_cache(maxsize=1_024)
def bound(text: str) -> Bound:
    """A filter, read and checked once; raises BadQuery."""
    tree = parse(text)
    return Bound(tree, _bind(tree))


def terms(node: t.Node) -> Iterator[t.Term]:
    """The terms of a tree that name a field, in their order."""
    match node:
        case t.Term():
            yield node
        case t.Not():
            yield from terms(node.node)
        case t.And() | t.Or():
            for inner in node.nodes:
                yield from terms(inner)


def field_of(term: t.Term) -> Field:
    """The field that a term names; raises BadQuery."""
    field = BY_NAME.get(term.field)
    if field is None:
        detail = f"There is no field {term.field[:40]!r}.{hint(term.field, NAMES)} A colon that is text goes in quotes."
        raise BadQuery("unknown_field", detail, term.span.position, term.span.length)
    return field


def _bind(node: t.Node) -> c.Condition:
    match node:
        case t.Text():
            return _text(node.value)
        case t.Not():
            return c.Not(_bind(node.node))
        case t.And():
            return c.All(tuple(map(_bind, node.nodes)))
        case t.Or():
            return c.Any(tuple(map(_bind, node.nodes)))
    return _term(node)


def _term(term: t.Term) -> c.Condition:
    field = field_of(term)
    bind = _with_key(field, term) if term.key is not None else _BINDINGS.get(field.kind)
    if bind is None:
        detail = f"Say which one: {field.name}.name:value."
        raise BadQuery("missing_key", detail, term.span.position, term.span.length)
    found = tuple(bind(field, test) for test in term.tests)
    return found[0] if len(found) == 1 else c.Any(found)


Binding = Callable[[Field, t.Compare | t.Between], c.Condition]


def _with_key(field: Field, term: t.Term) -> Binding:
    key = term.key or ""
    if field.kind == Kind.ENTRY and key:
        return lambda field, test: values.entry(field, key, test)
    if field.kind == Kind.CHOICE and key == "was":
        return lambda field, test: c.Was(field.name, values.choices(field, test))
    detail = f"The field {field.name} has no part {key[:40]!r}."
    raise BadQuery("unknown_field", detail, term.span.position, term.span.length)


def _text(value: t.Value, weights: str = "ABCD", context: str = "") -> c.Condition:
    text = value.text
    is_prefix = value.is_prefix or (not value.is_quoted and text.endswith("*"))
    found = tuple(words.of(text))
    if not found:
        raise BadQuery("no_word", "There is no word in this to look for.", value.span.position, value.span.length)
    return c.Words(found, is_prefix, weights, context)


def _text_test(field: Field, test: t.Compare | t.Between) -> c.Condition:
    return _text(values.plain(field, test), weights=field.source)


def _context_test(field: Field, test: t.Compare | t.Between) -> c.Condition:
    value = values.plain(field, test)
    if values.is_none(value):
        return c.Not(c.AnyWord(field.name))
    return _text(value, context=field.name)


def _word_test(field: Field, test: t.Compare | t.Between) -> c.Condition:
    value = values.plain(field, test)
    name = value.text.casefold()
    known = IS if field.name == "is" else _HAS
    if name in known:
        return bound(known[name]).condition
    if field.name == "has" and name.startswith(("tag.", "custom.")):
        column, _, key = value.text.partition(".")
        return c.Not(c.EntryMissing(BY_NAME[column.casefold()].source, key))
    raise values.unknown(field, value, tuple(known))


def _change_test(field: Field, test: t.Compare | t.Between) -> c.Condition:
    value = values.plain(field, test)
    target = BY_NAME.get(value.text.casefold())
    name = target.source if target and target.kind != Kind.CONTEXT else value.text.casefold()
    name = target.name if target and target.kind == Kind.TEXT else name
    if name not in CHANGES:
        raise values.unknown(field, value, CHANGES)
    return c.Changed(name)


_BINDINGS: dict[Kind, Binding] = {
    Kind.TEXT: _text_test,
    Kind.CONTEXT: _context_test,
    Kind.CHOICE: values.choice,
    Kind.NAME: values.name,
    Kind.REFERENCE: values.reference,
    Kind.PERSON: values.person,
    Kind.NUMBER: values.number,
    Kind.TIME: values.time,
    Kind.DATE: values.time,
    Kind.AGE: values.age,
    Kind.WORD: _word_test,
    Kind.CHANGE: _change_test,
}
_HAS = HAS | {
    name: f"-{name}:none"
    for name, field in BY_NAME.items()
    if field.can_be_missing and field.kind in _BINDINGS and name not in HAS
}
