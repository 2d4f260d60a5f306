"""Which of two releases is the later one, by their names. Pure.

Programs name releases by Semantic Versioning, by PEP 440, by dates and by build numbers, often several in one project.
A parser of one of these refuses or misreads the others (`2.0-1` comes before 2.0 in one and after it in the other), so
the order is made here: numbers by value, what comes before a release (`-rc.1`, `b2`, `.dev3`) below it, `.post1` above.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LENGTH_MAX = 200
_VERSION = re.compile(
    r"(?:(?P<package>[^\s]+)@)?[vV]?(?P<numbers>[0-9]{1,18}(?:\.[0-9]{1,18})*)(?P<rest>[^+\s]*)(?:\+(?P<build>[^\s]*))?"
)
_DATE = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_COMMIT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{7,64}")
_TOKEN = re.compile(r"[0-9]{1,18}|[A-Za-z]+")
_NUMBERS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})*")
_PRE, _FINAL, _POST = 0, 1, 2
_POSTS = frozenset({"post", "rev", "r"})
# The same stage under its names; what is in development comes before all of them.
_STAGES = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc", "dev": "", "snapshot": ""}
_Token = tuple[bool, int, str]


@dataclass(frozen=True, slots=True)
class Version:
    """What a name says; two of other packages are not compared. build: None when it has no order, like a commit."""

    package: str
    order: tuple[tuple[int, ...], int, tuple[_Token, ...]]
    build: tuple[int, ...] | None
    text: str


@lru_cache(maxsize=4_096)
def parse(name: str) -> Version | None:
    """The version that a release is named by; None when its name has no order (a commit, a word)."""
    if len(name) > LENGTH_MAX or _COMMIT.fullmatch(name):
        return None
    found = _VERSION.fullmatch(_DATE.sub(r"\1.\2.\3", name.strip()))
    if found is None or (found["rest"] and not _is_stage(found["rest"])):
        return None
    numbers = [int(part) for part in found["numbers"].split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()  # 1.0 is 1
    tokens = _tokens(found["rest"])
    phase = _FINAL if not tokens else _POST if tokens[0][2] in _POSTS else _PRE
    build = found["build"] or ""
    return Version(found["package"] or "", (tuple(numbers), phase, tokens), _build(build), build)


def is_later(a: str, b: str) -> bool | None:
    """Whether release `a` comes after release `b`; None when their names do not say."""
    if a == b:
        return False
    one, other = parse(a), parse(b)
    if one is None or other is None or one.package != other.package:
        return None
    if one.order != other.order:
        return one.order > other.order
    if one.text == other.text:
        return False
    return None if one.build is None or other.build is None else one.build > other.build


def _is_stage(rest: str) -> bool:
    """`-rc.1` and `b2` go on after the numbers; `f3a9c` (of a commit that begins with a digit) does not."""
    first = _TOKEN.search(rest)
    return first is not None and (
        rest[0] in "-._" or first[0].lower() in _STAGES.keys() | _POSTS | {"alpha", "beta", "rc"}
    )


def _tokens(rest: str) -> tuple[_Token, ...]:
    """Numbers come before words, as in Semantic Versioning, and by their value, also within `rc10`."""
    found = (token.lower() for token in _TOKEN.findall(rest))
    return tuple(
        (False, int(token), "") if token.isdigit() else (True, 0, _STAGES.get(token, token)) for token in found
    )


def _build(text: str) -> tuple[int, ...] | None:
    """None (no build at all) is before the first."""
    if not text:
        return ()
    return tuple(map(int, text.split("."))) if _NUMBERS.fullmatch(text) else None
