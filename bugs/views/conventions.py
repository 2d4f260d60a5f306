"""What every door of bugs does the same way: finding a bug, and saying what a service refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from audit.actors import Principal
from bugs import custom, filters, lifecycle, policy, query, selectors, services, tags
from config.api.problems import Problem, not_found


@contextmanager
def domain_errors() -> Iterator[None]:
    """What services refuse, as problems."""
    try:
        yield
    except services.NotThere:
        raise not_found() from None
    except policy.Refused as error:
        raise Problem(403, "not_allowed", str(error)) from None
    except services.StaleVersion:
        raise Problem(412, "version_changed", "It was changed since you read it. Read it again.") from None
    except lifecycle.ForbiddenMove as error:
        raise Problem(409, "forbidden_move", str(error), pointer="/to") from None
    except lifecycle.MisplacedResolution as error:
        raise Problem(400, "misplaced_resolution", str(error), pointer="/resolution") from None
    except services.Merged:
        detail = "It was merged into another bug and stays as it is until that is undone."
        raise Problem(409, "bug_merged", detail) from None
    except custom.BadValue as error:
        raise Problem(400, "invalid_custom_field", str(error), pointer=f"/custom/{error.name}") from None
    except tags.TooManyTags as error:
        raise Problem(400, "too_many_tags", str(error), pointer="/tags") from None
    except query.BadQuery as error:
        raise filters.refusal(error) from None
    except services.NotAMember:
        detail = "Bugs are assigned to members of their project."
        raise Problem(400, "not_a_member", detail, pointer="/assignee") from None


def found(principal: Principal, name: str) -> UUID:
    """The id of the bug with that UUID or reference; a 404 when there is none that the principal may see."""
    bug_id = selectors.find(principal, name)
    if bug_id is None:
        raise not_found()
    return bug_id
