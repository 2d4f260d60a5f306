"""Links between two bugs, made and taken away."""

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actors import Principal
from bugs import events, policy
from bugs.choices import LinkKind
from bugs.models import Bug, BugLink
from bugs.services import rows

MAX_LINKS = 100  # of one bug, both ways
_LOCK = 7_003_002  # advisory: links are made one at a time, so that no two close a circle together
_REACHES = """
    WITH RECURSIVE reached(id) AS (
        SELECT %s::uuid
        UNION
        SELECT l.target_id FROM bugs_buglink l JOIN reached r ON l.source_id = r.id WHERE l.kind = %s
    ) SELECT EXISTS (SELECT 1 FROM reached WHERE id = %s)
"""


class LinkToItself(ValueError):
    """A bug stands in no relation to itself."""


class Circle(ValueError):
    """The other bug already stands so to this one, directly or through others."""


class AlreadyLinked(ValueError):
    """The same link is there."""


class TooMany(ValueError):
    """One of the two has as many links as it may have."""


@transaction.atomic
def add(source_id: UUID, *, target_id: UUID, kind: LinkKind, by: Principal) -> BugLink:
    """Say how a bug stands to another, which the caller must see too.

    Raises LinkToItself, Circle, AlreadyLinked, TooMany, policy.Refused or NotThere.
    """
    if source_id == target_id:
        raise LinkToItself
    bug = rows.locked(source_id, by=by, action="bug.edit")
    _check_visible(target_id, by)
    _hold_links()
    _check_new(source_id, target_id, kind)
    link = BugLink.objects.create(source=bug, target_id=target_id, kind=kind, actor=by.label, created_at=timezone.now())
    events.linked(bug, link, by=by)
    return link


@transaction.atomic
def remove(bug_id: UUID, *, link_id: UUID, by: Principal) -> None:
    """Take a link of this bug away, from either end. Raises policy.Refused or NotThere."""
    bug = rows.locked(bug_id, by=by, action="bug.edit")
    link = BugLink.objects.select_for_update().filter(Q(source=bug) | Q(target=bug), pk=link_id).first()
    if link is None:
        raise rows.NotThere(link_id)
    _check_visible(link.target_id if link.source_id == bug.pk else link.source_id, by)
    events.unlinked(bug, link, by=by)
    link.delete()


def _check_visible(bug_id: UUID, by: Principal) -> None:
    there = Bug.objects.filter(pk=bug_id, deleted_at=None).values_list("project_id", flat=True).first()
    if there is None or (by.label != "system" and not policy.allows(by, "bug.read", there)):
        raise rows.NotThere(bug_id)


def _hold_links() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _check_new(source_id: UUID, target_id: UUID, kind: LinkKind) -> None:
    same = Q(source_id=source_id, target_id=target_id)
    if kind == LinkKind.RELATES:
        same |= Q(source_id=target_id, target_id=source_id)
    if BugLink.objects.filter(same, kind=kind).exists():
        raise AlreadyLinked
    if kind != LinkKind.RELATES and _reaches(target_id, source_id, kind):
        raise Circle
    for bug_id in (source_id, target_id):
        if BugLink.objects.filter(Q(source_id=bug_id) | Q(target_id=bug_id)).count() >= MAX_LINKS:
            raise TooMany


def _reaches(start: UUID, end: UUID, kind: LinkKind) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_REACHES, [start, kind, end])
        return bool(cursor.fetchone()[0])
