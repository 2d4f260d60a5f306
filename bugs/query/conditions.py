"""What a filter comes down to: a few conditions, each true or false of every bug. Pure.

Both compilers know these and nothing else, so a filter means the same in PostgreSQL and in memory.
"""

from dataclasses import dataclass

from bugs.query.times import Moment

Bound = int | float | str | Moment


@dataclass(frozen=True, slots=True)
class Words:
    """These words side by side: in the bug's texts with one of the weights, or in a field of an error's context."""

    words: tuple[str, ...]
    is_prefix: bool = False
    weights: str = "ABCD"
    context: str = ""


@dataclass(frozen=True, slots=True)
class AnyWord:
    """The context of an error has anything under this field."""

    context: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text column is one of these; the empty text is `none`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A text column has these parts in this order, with anything between: the first begins it, the last ends it."""

    column: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A column is at least low and below high; None is an open end. What is missing is neither."""

    column: str
    low: int | Moment | None
    high: int | Moment | None
    is_low_after: bool = False  # the lower bound is the end of its moment
    is_high_after: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A column that is NULL where there is nothing."""

    column: str


@dataclass(frozen=True, slots=True)
class Person:
    """A column of people names one: this user name, or whoever asks when it is None."""

    column: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of ids means what is called that."""

    column: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """`tags` or `custom` has this name with this value, of the same type."""

    column: str
    key: str
    value: str | float | bool


@dataclass(frozen=True, slots=True)
class EntryLike:
    column: str
    key: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryBetween:
    """A number, or a text such as a day, at least low and at most high; open ends leave their bound out."""

    column: str
    key: str
    low: float | str | None
    high: float | str | None
    is_low_out: bool = False
    is_high_out: bool = False


@dataclass(frozen=True, slots=True)
class EntryMissing:
    """No such name, or with an empty key: nothing at all."""

    column: str
    key: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The event changed this field."""

    field: str


@dataclass(frozen=True, slots=True)
class Was:
    """The event changed this field, from one of these values."""

    field: str
    values: tuple[str, ...]


Leaf = (
    Words
    | AnyWord
    | OneOf
    | Like
    | Between
    | Missing
    | Person
    | Reference
    | Entry
    | EntryLike
    | EntryBetween
    | EntryMissing
    | Changed
    | Was
)


@dataclass(frozen=True, slots=True)
class Not:
    node: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    nodes: tuple["Condition", ...]


Condition = Leaf | Not | All | Any
