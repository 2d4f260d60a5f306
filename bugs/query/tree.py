"""A filter as it was written: what the grammar makes of a text. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in the text."""

    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Value:
    """is_quoted: it is meant literally, so `none`, `me` and times have no meaning in it. is_prefix: `"…"*`."""

    text: str
    span: Span
    is_quoted: bool = False
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """`value`, or one of `>` `>=` `<` `<=` before it."""

    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """`a..b`, both ends included; None is an open end."""

    low: Value | None
    high: Value | None


@dataclass(frozen=True, slots=True)
class Text:
    """Bare words, or a phrase."""

    value: Value


@dataclass(frozen=True, slots=True)
class Term:
    """`field:tests` or `field.key:tests`; any of the tests will do."""

    field: str
    key: str | None
    tests: tuple[Compare | Between, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """All of them; without any, everything."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple["Node", ...]


Node = Text | Term | Not | And | Or
