"""Texts that have gaps: what each placeholder stands for, and what of that stays when someone edits around it. Pure."""

import re
from collections.abc import Iterator

BEGIN = "[redacted:"
PLACEHOLDER = re.compile(rf"{re.escape(BEGIN)}[a-z0-9_-]{{1,40}}\]")
Piece = tuple[str, str]  # a placeholder, and what it stands for


def of(kind: str) -> str:
    return f"{BEGIN}{kind}]"


def kind_of(placeholder: str) -> str:
    return placeholder[len(BEGIN) : -1]


def pieces(clean: str, original: str) -> list[Piece] | None:
    """What each placeholder of a clean text stands for; None when it was not made of that original."""
    literal = PLACEHOLDER.split(clean)
    if not original.startswith(literal[0]):
        return None
    found: list[Piece] = []
    at = len(literal[0])
    for placeholder, after in zip(PLACEHOLDER.findall(clean), literal[1:], strict=True):
        is_last = len(found) == len(literal) - 2
        end = len(original) - len(after) if is_last else original.find(after, at) if after else at
        if end < at or not original.startswith(after, end):
            return None
        found.append((placeholder, original[at:end]))
        at = end + len(after)
    return found


def put_back(edited: str, *, clean: str, original: str) -> str:
    """An edited text with what its placeholders stand for, as far as that is certain; the others stay as they are.

    clean, original: the text before it was edited. Certain are those before and after the part that was edited, and
    those in it when it has the same ones in the same order.
    """
    known = pieces(clean, original)
    mine = PLACEHOLDER.findall(edited)
    if known is None or not mine:
        return edited
    before = _before(clean, edited)
    behind = min(_before(clean[::-1], edited[::-1]), min(len(clean), len(edited)) - before)
    first = len(PLACEHOLDER.findall(edited[:before]))
    last = len(PLACEHOLDER.findall(edited[len(edited) - behind :])) if behind else 0
    last = min(last, len(mine) - first, len(known) - first)
    middle = known[first : len(known) - last]
    kept: list[str | None] = [None] * (len(mine) - first - last)
    if [one for one, _ in middle] == mine[first : len(mine) - last]:
        kept = [raw for _, raw in middle]
    values = iter([*(raw for _, raw in known[:first]), *kept, *(raw for _, raw in known[len(known) - last :])])
    return PLACEHOLDER.sub(lambda found: _or(next(values), found[0]), edited)


def fitting(clean: str, limit: int) -> str:
    """A clean text within a limit: placeholders may be longer than what they stand for, and are never cut in two."""
    if len(clean) <= limit:
        return clean
    cut = next((found.start() for found in PLACEHOLDER.finditer(clean) if found.start() < limit < found.end()), limit)
    return clean[:cut]


def quoted(query: str) -> str:
    """A clean filter: placeholders stand in quotes, since the filter language would read them as fields."""
    return "".join(_quoted(query))


def _quoted(query: str) -> Iterator[str]:
    at, is_open = 0, False
    for found in PLACEHOLDER.finditer(query):
        before = query[at : found.start()]
        yield before
        is_open ^= before.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1
        yield found[0] if is_open else f'"{found[0]}"'
        at = found.end()
    yield query[at:]


def _before(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    for at, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine != yours:
            return at
    return min(len(one), len(other))


def _or(raw: str | None, placeholder: str) -> str:
    return placeholder if raw is None else raw
