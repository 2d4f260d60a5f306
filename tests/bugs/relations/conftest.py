"""More bugs, in one project and in two, with errors behind them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people, services
from bugs.models import AffectedUser, Bug, ErrorGroup


@pytest.fixture
def make(web: Any) -> Callable[..., Any]:
    """A bug with that title."""
    return lambda title, project=web: services.report(project_id=project.pk, by=SYSTEM, title=title)


@pytest.fixture
def shop(db: None, people_of_web: Any) -> Any:
    """Another project, of alice alone."""
    project = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=project, user=people_of_web["alice"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    return project


@pytest.fixture
def group() -> Callable[..., Any]:
    """A group of errors behind a bug, that users of these names met; the bug counts it."""

    def make_group(bug: Any, name: str, *, reports: int, users: str = "", level: str = "error") -> Any:
        now = timezone.now()
        made = ErrorGroup.objects.create(
            project_id=bug.project_id,
            fingerprint=name,
            grouping="exception",
            title=f"{name} happened",
            level=level,
            bug=bug,
            reports=reports,
            first_seen_at=now,
            last_seen_at=now,
        )
        for user in users:
            AffectedUser.objects.create(group_id=made.pk, user_key=user, first_seen_at=now)
        row = Bug.objects.get(pk=bug.pk)
        row.error_count += reports
        row.user_count += len(users)
        row.error_level = level
        row.last_error_at = now
        row.save()
        return made

    return make_group
