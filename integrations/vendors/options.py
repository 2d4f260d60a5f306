"""Options of connectors: known names, short texts. Pure."""

from collections.abc import Mapping
from typing import Any

LENGTH_MAX = 200


class BadOptions(ValueError):
    """Options that the kind does not have."""


def of(given: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, str]:
    """All options, those that were given in place of the defaults. Raises BadOptions."""
    for name, value in given.items():
        if name not in defaults:
            raise BadOptions(f"There is no option {name[:40]!r}; there are: {', '.join(defaults)}.")
        if not isinstance(value, str) or not 0 < len(value) <= LENGTH_MAX:
            raise BadOptions(f"{name} is a text of 1 to {LENGTH_MAX} characters.")
    return {**defaults, **given}
