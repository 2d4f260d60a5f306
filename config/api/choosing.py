"""`fields=` and `expand=`: what of a document a caller wants, by names that are known."""

from collections.abc import Collection, Sequence

from rest_framework.request import Request

from config.api.filtering import nearest
from config.api.problems import Problem


def chosen(request: Request, parameter: str, known: Collection[str]) -> Sequence[str] | None:
    """The names given, split at commas and each once; None without the parameter. Raises a 400 for an unknown one."""
    if parameter not in request.query_params:
        return None
    given = ",".join(request.query_params.getlist(parameter)).split(",")
    names = list(dict.fromkeys(name for name in given if name))
    for name in names:
        if name not in known:
            detail = f"There is no {name[:40]!r} to choose.{nearest(name, known)}"
            raise Problem(400, f"unknown_{parameter}", detail, pointer=f"/{parameter}")
    return names
