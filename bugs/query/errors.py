"""How a filter is refused: with a stable code, and with the place in the text. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches


class BadQuery(ValueError):
    """A filter that cannot be answered; `position` and `length` point at what is wrong, counted in characters."""

    def __init__(self, code: str, detail: str, position: int = 0, length: int = 1) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.position = position
        self.length = max(length, 1)


def hint(name: str, known: Iterable[str]) -> str:
    """The nearest name that there is, as the end of a sentence about one that is not."""
    nearest = get_close_matches(name[:60].casefold(), list(known), 1)
    return f" Did you mean {nearest[0]}?" if nearest else ""
