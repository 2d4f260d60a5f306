"""The processes of `make run`, and a project for each case."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from demo import story
from tests.journeys.conftest import place  # noqa: F401

LIMITS = {"requests_per_minute": 1_000_000, "requests_per_hour": 1_000_000, "requests_per_day": 1_000_000}


@pytest.fixture
def projects(place: story.Place) -> Callable[[int], dict[str, str]]:  # noqa: F811
    """Make so many projects, which the reader below may read: their keys and DSNs."""
    from audit.actors import SYSTEM
    from bugs import people
    from bugs.models import User

    operator = User.objects.get(username=place.operator["username"])

    def make(count: int) -> dict[str, str]:
        made = {}
        for number in range(count):
            project = people.make_project(key=f"SDK{number}", name=f"Case {number}", by=SYSTEM)
            people.join(project=project, user=operator, role="admin", by=SYSTEM)  # type: ignore[arg-type]
            made[project.key] = people.dsn_of(project, place.web)
        return made

    return make


@pytest.fixture
def reader(place: story.Place) -> Iterator[httpx.Client]:  # noqa: F811
    """A client whose key knows no limits: it asks until what it waits for is there."""
    from apikeys import services
    from audit.actors import SYSTEM
    from bugs.models import User

    operator = User.objects.get(username=place.operator["username"])
    _, key = services.issue(name="reader", owner_id=operator.pk, permissions=["read"], rate_limits=LIMITS, by=SYSTEM)
    with httpx.Client(base_url=place.web, headers={"Authorization": f"Bearer {key}"}, timeout=10) as client:
        yield client
