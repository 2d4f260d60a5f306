"""What every door of bugs does the same way: finding a bug, and saying what a service refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

from audit.actors import Principal
from bugs import custom, filters, grouping_rules, lifecycle, policy, query, selectors, services, tags
from config.api.problems import Problem, not_found, unknown_project

Refusals = Mapping[type[Exception], Callable[[Any], Problem]]
_REFUSALS: Refusals = {
    services.NotThere: lambda _: not_found(),
    services.StaleVersion: lambda _: Problem(
        412, "version_changed", "It was changed since you read it. Read it again."
    ),
    services.Merged: lambda _: Problem(
        409, "bug_merged", "It was merged into another bug and stays as it is until that is undone."
    ),
    services.NotAMember: lambda _: Problem(
        400, "not_a_member", "Bugs are assigned to members of their project.", pointer="/assignee"
    ),
    policy.Refused: lambda error: Problem(403, "not_allowed", str(error)),
    lifecycle.ForbiddenMove: lambda error: Problem(409, "forbidden_move", str(error), pointer="/to"),
    lifecycle.MisplacedResolution: lambda error: Problem(
        400, "misplaced_resolution", str(error), pointer="/resolution"
    ),
    custom.BadValue: lambda error: Problem(400, "invalid_custom_field", str(error), pointer=f"/custom/{error.name}"),
    tags.TooManyTags: lambda error: Problem(400, "too_many_tags", str(error), pointer="/tags"),
    query.BadQuery: filters.refusal,
    grouping_rules.BadRule: lambda error: Problem(400, "invalid_rule", str(error), pointer=error.pointer),
}


@contextmanager
def saying(refusals: Refusals) -> Iterator[None]:
    """What services refuse, as problems of a table."""
    try:
        yield
    except tuple(refusals) as error:
        refusal = next(say for kind, say in refusals.items() if isinstance(error, kind))
        raise refusal(error) from None


def domain_errors() -> AbstractContextManager[None]:
    """What services of bugs refuse, as problems."""
    return saying(_REFUSALS)


def found(principal: Principal, name: str) -> UUID:
    """The id of the bug with that UUID or reference; a 404 when there is none that the principal may see."""
    bug_id = selectors.find(principal, name)
    if bug_id is None:
        raise not_found()
    return bug_id


def named_project(principal: Principal, key: str) -> UUID:
    """The id of the project that a body names; a 400 when there is none that the principal may see."""
    project_id = selectors.project_by_key(principal, key)
    if project_id is None:
        raise unknown_project()
    return project_id
