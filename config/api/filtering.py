"""Query parameters that are not known are a 400 that names them, with the nearest one that is."""

from collections.abc import Collection
from difflib import get_close_matches

from config.api.problems import Problem

CONVENTIONS = frozenset({"limit", "cursor", "ordering", "format"})


def refuse_unknown(names: Collection[str], known: Collection[str], *, where: str = "") -> None:
    """Raises a 400 for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in known:
            nearest = get_close_matches(name, known, 1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            raise Problem(
                400,
                "unknown_parameter",
                f"There is no parameter {name[:40]!r}.{hint}",
                pointer=f"{where}/{name[:40]}",
            )
