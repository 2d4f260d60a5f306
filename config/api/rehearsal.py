"""`dry_run=true`: a write that does everything, answers what would be, and is taken back."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request

from config.api.problems import Problem

PARAMETER = "dry_run"
_ANSWERS = {"true": True, "false": False}


def is_asked(request: Request, *, is_possible: bool) -> bool:
    """Whether this call is a rehearsal; raises a 400 for another word, or where nothing can be rehearsed."""
    text = request.query_params.get(PARAMETER, "false")
    if text not in _ANSWERS:
        raise Problem(400, "invalid_dry_run", "dry_run is true or false.", pointer=f"/{PARAMETER}")
    if _ANSWERS[text] and not is_possible:
        raise Problem(400, "no_dry_run", "This operation cannot be rehearsed.", pointer=f"/{PARAMETER}")
    return _ANSWERS[text]


def of(perform: Callable[[], Any]) -> Any:
    """What `perform` answers, with its changes, events and callbacks undone."""
    try:
        with transaction.atomic():
            raise _Undo(perform())
    except _Undo as undone:
        response = undone.response
    response["Dry-Run"] = "true"
    for name in ("ETag", "Location"):  # of what does not exist
        if name in response:
            del response[name]
    return response


class _Undo(Exception):
    """Carries the answer out of the savepoint that it rolls back."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response
