"""Projects and the people in them: making them, and the address that SDKs send to."""

from urllib.parse import urlsplit

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Max

from audit import log
from audit.actors import SYSTEM, Principal
from bugs import events, sla
from bugs.choices import Role
from bugs.models import GroupRole, IngestKey, Membership, Project, User

_LOCK = 7_003_001  # advisory: project numbers are handed out one at a time


@transaction.atomic
def make_project(*, key: str, name: str, by: Principal) -> Project:
    """A new project with its first ingest key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    highest = Project.objects.aggregate(highest=Max("number"))["highest"] or 0
    project = Project.objects.create(key=key, name=name, number=highest + 1, sla=sla.DEFAULTS)
    IngestKey.objects.create(project=project)
    log.record("project.created", subject=f"project:{project.pk}", project_id=project.pk, by=by)
    return project


@transaction.atomic
def join(*, project: Project, user: User, role: Role, by: Principal) -> Membership:
    """Give a person a role in a project, or another one."""
    membership, _ = Membership.objects.update_or_create(project=project, user=user, defaults={"role": role})
    log.record(
        "member.joined",
        subject=f"user:{user.pk}",
        project_id=project.pk,
        by=by,
        data={"user_id": user.pk, "role": role},
    )
    return membership


@transaction.atomic
def leave(*, membership: Membership, by: Principal) -> None:
    """Take a person out of a project."""
    events.member_left(membership, by=by)
    membership.delete()


@transaction.atomic
def join_as_group(*, project: Project, group: Group, role: Role, by: Principal) -> GroupRole:
    """Give the people of a group a role in a project, or another one."""
    given, _ = GroupRole.objects.update_or_create(project=project, group=group, defaults={"role": role})
    events.group_joined(given, by=by)
    return given


@transaction.atomic
def leave_as_group(given: GroupRole, *, by: Principal) -> None:
    """Take a group's role in a project away."""
    events.group_left(given, by=by)
    given.delete()


@transaction.atomic
def enter(group: Group, user: User, *, by: Principal) -> None:
    """A person has the roles of a group from now on."""
    user.groups.add(group)
    say_changed(user, fields=["groups"], by=by)


@transaction.atomic
def step_out(group: Group, user: User, *, by: Principal) -> None:
    user.groups.remove(group)
    say_changed(user, fields=["groups"], by=by)


@transaction.atomic
def disband(group: Group, *, by: Principal) -> None:
    """A group is no more, nor its roles."""
    for given in GroupRole.objects.filter(group=group):
        leave_as_group(given, by=by)
    for user in User.objects.filter(groups=group):
        step_out(group, user, by=by)
    group.delete()


@transaction.atomic
def say_changed(user: User, *, fields: list[str], by: Principal) -> None:
    """An operator made a person, or changed one: what, by name."""
    if fields:
        events.user_updated(user.pk, fields=fields, by=by)


@transaction.atomic
def add_key(*, project: Project, by: Principal) -> IngestKey:
    """One more key for SDKs of a project."""
    key = IngestKey.objects.create(project=project)
    events.ingest_key_made(key, by=by)
    return key


@transaction.atomic
def switch_key(key: IngestKey, *, is_active: bool, by: Principal) -> None:
    """Let the SDKs that have this key send errors, or refuse them."""
    IngestKey.objects.filter(pk=key.pk).update(is_active=is_active)
    key.is_active = is_active
    events.ingest_key_switched(key, by=by)


def demo_project() -> Project:
    """The project of a first start."""
    return Project.objects.filter(key="WEB").first() or make_project(key="WEB", name="Web shop", by=SYSTEM)


def operator(username: str, password: str) -> tuple[User, bool]:
    """The operator of a first start and whether it is new; the password of one that exists stays."""
    user = User.objects.filter(username=username).first()
    if user:
        return user, False
    user = User.objects.create_superuser(username, password=password)
    for project in Project.objects.all():
        join(project=project, user=user, role=Role.ADMIN, by=SYSTEM)
    return user, True


def dsn_of(project: Project, public_url: str) -> str:
    """The Sentry DSN of a project."""
    address = urlsplit(public_url)
    key = project.ingest_keys.filter(is_active=True).order_by("id").values_list("public_key", flat=True)[0]
    return f"{address.scheme}://{key}@{address.netloc}/{project.number}"
