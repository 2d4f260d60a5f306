"""What a call costs: 1, unless its viewset says more (or nothing) in `costs`."""

from functools import cache
from typing import Any

from apikeys import operations

USUAL = 1


def of(view: Any) -> int:
    """The cost of what a view was asked for."""
    costs: dict[str, int] = getattr(view, "costs", {})
    return costs.get(getattr(view, "action", None) or "", USUAL)


@cache
def by_operation() -> dict[str, int]:
    """The cost of every operation of the API, by the name that keys' `endpoints` have for it."""
    found = {name: view.costs.get(action, USUAL) for name, action, view in operations.served()}
    return {operations.STREAM: USUAL} | found
