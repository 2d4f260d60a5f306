"""Which columns an export may have, so that a caller's string never becomes a column by itself. Pure."""

from collections.abc import Iterable

from bugs.selectors import BUG_FIELDS

COLUMNS = tuple(BUG_FIELDS)


class UnknownColumn(ValueError):
    """Asked for a column that bugs do not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no field {name!r}; there are: {', '.join(COLUMNS)}.")
        self.name = name


def chosen(names: Iterable[str]) -> list[str]:
    """The asked columns in the order of every format, each once; none asked means all.

    Raises UnknownColumn.
    """
    asked = list(names)
    for name in asked:
        if name not in COLUMNS:
            raise UnknownColumn(name)
    return [name for name in COLUMNS if name in asked] if asked else list(COLUMNS)
