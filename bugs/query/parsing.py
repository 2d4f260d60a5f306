"""From the text of a filter to its tree, within bounds. Pure."""

import re
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from bugs.query.errors import BadQuery
from bugs.query.tree import And, Between, Compare, Node, Not, Or, Span, Term, Text, Value

MAX_LENGTH = 2_000
MAX_TERMS = 100
MAX_DEPTH = 20
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NAMED = re.compile(r'(?P<name>\w+)(?:\.(?:"(?P<quoted>.*)"|(?P<key>.*)))?:', re.DOTALL)


def parse(text: str) -> Node:
    """The tree of a filter; raises BadQuery."""
    if len(text) > MAX_LENGTH:
        raise BadQuery("too_long", f"A filter has at most {MAX_LENGTH} characters.", MAX_LENGTH)
    if found := _FORBIDDEN.search(text):
        raise BadQuery("bad_character", "NUL and half surrogates are no characters of a filter.", found.start())
    try:
        built: _Built = _PARSER.parse(text)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise _refusal(text, error) from None
    return built.node


class _Built:
    """A node with what the bounds count. Built from below, so that no depth of a text costs a stack."""

    __slots__ = ("depth", "node", "terms")

    def __init__(self, node: Node, terms: int, depth: int, at: int = 0) -> None:
        if terms > MAX_TERMS:
            raise BadQuery("too_many_terms", f"A filter has at most {MAX_TERMS} terms.", at)
        if depth > MAX_DEPTH:
            raise BadQuery("too_deep", f"A filter is nested at most {MAX_DEPTH} deep.", at)
        self.node, self.terms, self.depth = node, terms, depth


@v_args(inline=True)
class _Builder(Transformer[Token, _Built]):
    def everything(self) -> _Built:
        return _Built(And(()), 0, 0)

    def either(self, left: _Built, _: Token, right: _Built) -> _Built:
        nodes = (*(left.node.nodes if isinstance(left.node, Or) else (left.node,)), right.node)
        return _Built(Or(nodes), left.terms + right.terms, max(left.depth, right.depth))

    def both(self, left: _Built, _: Token | None, right: _Built) -> _Built:
        nodes = (*(left.node.nodes if isinstance(left.node, And) else (left.node,)), right.node)
        return _Built(And(nodes), left.terms + right.terms, max(left.depth, right.depth))

    def no(self, sign: Token, inner: _Built) -> _Built:
        return _Built(Not(inner.node), inner.terms, inner.depth + 1, sign.start_pos or 0)

    def group(self, inner: _Built) -> _Built:
        return _Built(inner.node, inner.terms, inner.depth + 1)

    def field(self, name: Token, *tests: Compare | Between) -> _Built:
        named = _NAMED.fullmatch(name)
        assert named is not None
        quoted = named["quoted"]
        key = named["key"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        term = Term(named["name"].lower(), key, tests, Span(name.start_pos or 0, len(name) - 1))
        return _Built(term, len(tests), 0, name.start_pos or 0)

    def phrase(self, token: Token) -> _Built:
        return _Built(Text(self.quoted(token)), 1, 0, token.start_pos or 0)

    def words(self, token: Token) -> _Built:
        return _Built(Text(self.bare(token)), 1, 0, token.start_pos or 0)

    def compare(self, operator: Token | None, value: Value) -> Compare:
        return Compare(str(operator or ""), value)

    def between(self, low: Value, _: Token, high: Value) -> Between:
        return Between(low, high)

    def from_on(self, low: Value, _: Token) -> Between:
        return Between(low, None)

    def up_to(self, _: Token, high: Value) -> Between:
        return Between(None, high)

    def bare(self, token: Token) -> Value:
        return Value(str(token), Span(token.start_pos or 0, len(token)))

    def quoted(self, token: Token) -> Value:
        inner, _, star = token[1:].rpartition('"')
        text = _ESCAPED.sub(r"\1", inner)
        return Value(text, Span(token.start_pos or 0, len(token)), is_quoted=True, is_prefix=bool(star))


_GRAMMAR = Path(__file__).with_name("grammar.lark").read_text()
_PARSER: Any = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True, transformer=_Builder())


def _refusal(text: str, error: UnexpectedInput) -> BadQuery:
    at = min(error.pos_in_stream or 0, len(text))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _ends_too_soon(text, error)
    if text[at : at + 1] == '"' and isinstance(error, UnexpectedCharacters):
        return BadQuery("unbalanced_quote", "This quote is never closed.", at)
    if text[at : at + 1] == ")":
        return BadQuery("unbalanced_parenthesis", "This closes nothing, or closes too soon.", at)
    found = text[at : at + 1]
    return BadQuery("unexpected", f"{found!r} cannot stand here. What is meant literally goes in quotes.", at)


def _ends_too_soon(text: str, error: UnexpectedToken) -> BadQuery:
    if text.rstrip().endswith(":"):
        return BadQuery("missing_value", "A value is missing after the colon.", len(text))
    if "RPAR" in error.accepts | error.expected:
        return BadQuery("unbalanced_parenthesis", "A parenthesis is never closed.", len(text))
    return BadQuery("incomplete", "The filter ends too soon.", len(text))
