"""Who calls in the benchmark: one key that sees a single project, one that sees all."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from apikeys import services
from apikeys.authentication import principal_for_token
from apikeys.models import ApiKey
from audit.actors import SYSTEM, Principal
from bench import seed
from bugs import people
from bugs.choices import Role
from bugs.models import Project, User

NO_LIMIT = dict.fromkeys(("requests_per_minute", "requests_per_hour", "requests_per_day"), 1_000_000_000)
RIGHTS = ("read", "write", "export")


@dataclass(frozen=True, slots=True)
class World:
    directory: Path
    projects: list[UUID]
    key: str
    key_of_one: str
    principal: Principal
    principal_of_one: Principal
    dsn_key: str
    dsn_number: int


def make(directory: Path) -> World:
    """Fresh keys every time, since only their digests are kept; those of earlier runs end."""
    projects = list(Project.objects.filter(key__in=seed.PROJECTS).order_by("number"))
    owner, _ = User.objects.get_or_create(username="bench")
    for project in projects:
        people.join(project=project, user=owner, role=Role.ADMIN, by=SYSTEM)
    for key_id in list(ApiKey.objects.filter(owner=owner, revoked_at=None).values_list("pk", flat=True)):
        services.revoke(key_id, by=SYSTEM, reason="Another run of the benchmark begins.")
    key, key_of_one = _key(owner, []), _key(owner, [projects[0].pk])
    target = Project.objects.filter(key="SDK").first() or people.make_project(
        key="SDK", name="Where the benchmark sends errors", by=SYSTEM
    )
    return World(
        directory=directory,
        projects=[project.pk for project in projects],
        key=key,
        key_of_one=key_of_one,
        principal=principal_for_token(key),
        principal_of_one=principal_for_token(key_of_one),
        dsn_key=target.ingest_keys.get().public_key,
        dsn_number=target.number,
    )


def _key(owner: User, project_ids: list[UUID]) -> str:
    return services.issue(
        name="bench",
        owner_id=owner.pk,
        permissions=RIGHTS,
        by=SYSTEM,
        project_ids=project_ids,
        rate_limits=NO_LIMIT,
        lifetime_days=1,
    )[1]
