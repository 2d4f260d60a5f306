"""What people say when something went wrong: each a bug report, linked to the error that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from audit.identifiers import first_of, uuid7
from bugs import events, policy
from bugs.choices import BugType, LinkKind, Severity
from bugs.models import Bug, BugLink, Feedback, Reporter
from bugs.privacy import placeholders
from bugs.selectors import feedback as selectors
from bugs.selectors import privacy
from bugs.services import bugs, cleaning, links, reporters, rows

MESSAGE_MAX, TITLE_MAX, URL_MAX = 4_096, 120, 500
LOOKED_BACK = timedelta(days=1)  # how long feedback waits for an error that it was written beside
AT_ONCE = 200

# One indexed statement, nearly always about nothing.
_LINK = """
    UPDATE bugs_feedback f SET error_bug_id = e.bug_id FROM unnest(%s::uuid[], %s::uuid[]) AS e(event_id, bug_id)
    WHERE f.project_id = %s AND f.event_id = e.event_id AND f.error_bug_id IS NULL
    RETURNING f.bug_id, e.bug_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What someone said, of which texts fit into their columns. event_id: of the error that it is about."""

    message: str
    source: str
    name: str = ""
    email: str = ""
    url: str = ""
    event_id: UUID | None = None
    environment: str = ""
    release: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    said_at: datetime = field(default_factory=timezone.now)
    id: UUID = field(default_factory=uuid7)


@transaction.atomic
def add(project_id: UUID, said: Sequence[Said], *, by: Principal) -> list[Feedback]:
    """File a bug for each, in their order; where the error is known, environment and release are its own.

    Who said it is sealed, and their names go out of all that was said. Raises policy.Refused.
    """
    policy.check(by, "bug.create", project_id)
    known = selectors.of_events(project_id, {one.event_id for one in said if one.event_id})
    return [_add(project_id, one, known.get(one.event_id) if one.event_id else None, by=by) for one in said]


def link(project_id: UUID, found: Mapping[UUID, UUID], *, by: Principal = SYSTEM) -> int:
    """Link what was said before its error came; found: event id -> the error's bug. Returns how many were linked."""
    if not found:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LINK, [list(found), list(found.values()), project_id])
        linked = sorted(cursor.fetchall())
        for bug_id, error_bug_id in linked:
            _relate_later(bug_id, error_bug_id, by=by)
    return len(linked)


def link_left() -> int:
    """Link what came in the same moment as its error, or whose error got its bug later; how many there were."""
    found: dict[UUID, dict[UUID, UUID]] = {}
    for project_id, event_id, bug_id in selectors.left_unlinked(first_of(timezone.now() - LOOKED_BACK), AT_ONCE):
        found.setdefault(project_id, {})[event_id] = bug_id
    return sum(link(project_id, bugs_of_events) for project_id, bugs_of_events in found.items())


def without_query(url: str) -> str:
    """Tokens and names travel in queries and fragments."""
    return url.partition("?")[0].partition("#")[0][:URL_MAX]


def _add(project_id: UUID, said: Said, error: selectors.Sent | None, *, by: Principal) -> Feedback:
    url, names = without_query(said.url), [name for name in (said.name, said.email) if name]
    texts = {"name": said.name, "email": said.email, "message": said.message, "url": url}
    columns = cleaning.of_new(cleaning.FEEDBACK, said.id, texts, privacy.active(project_id), known=names)
    bug = bugs.report(
        project_id=project_id,
        by=by,
        names=names,
        title=_title(columns["message"]),
        description="\n\n".join(part for part in (said.message, f"At {url}" if url else "") if part),
        bug_type=BugType.OTHER,
        severity=Severity.MEDIUM,
        environment=said.environment or (error.environment if error else ""),
        release=said.release or (error.release if error else ""),
        tags=dict(said.tags),
        created_at=said.said_at,
    )
    error_bug_id = error.bug_id if error else None
    row = Feedback.objects.create(
        id=said.id,
        project_id=project_id,
        bug=bug,
        event_id=said.event_id,
        error_bug_id=error_bug_id,
        reporter=_reporter(project_id, said),
        source=said.source,
        created_at=said.said_at,
        **columns,
    )
    if error_bug_id:
        _relate(bug, error_bug_id, by=by)
    return row


def _reporter(project_id: UUID, said: Said) -> Reporter | None:
    """Whoever left an address is known by it from then on; it is kept sealed."""
    return reporters.named(project_id, said.email) if "@" in said.email else None


def _title(message: str) -> str:
    """The first line that says something, of a clean text: half an address would be taken for none."""
    first = next((line.strip() for line in message.splitlines() if line.strip()), message)
    return first if len(first) <= TITLE_MAX else f"{placeholders.fitting(first, TITLE_MAX - 1).rstrip()}…"


def _relate_later(bug_id: UUID, error_bug_id: UUID, *, by: Principal) -> None:
    try:
        bug = rows.locked(bug_id, by=by, action="bug.create")
    except rows.NotThere:
        return
    if not _is_related(bug_id, error_bug_id):
        _relate(bug, error_bug_id, by=by)


def _relate(bug: Bug, error_bug_id: UUID, *, by: Principal) -> None:
    """Unlike `links.add`, without waiting for other links: to a new bug nobody else makes one, and none is a circle.

    An error that very many people speak of has no room for all of them; the feedback names it all the same.
    """
    if bug.pk == error_bug_id or _count_of(error_bug_id) >= links.MAX_LINKS:
        return
    link = BugLink.objects.create(
        source=bug, target_id=error_bug_id, kind=LinkKind.RELATES, actor=by.label, created_at=timezone.now()
    )
    events.linked(bug, link, by=by)


def _is_related(one: UUID, other: UUID) -> bool:
    either = Q(source_id=one, target_id=other) | Q(source_id=other, target_id=one)
    return BugLink.objects.filter(either, kind=LinkKind.RELATES).exists()


def _count_of(bug_id: UUID) -> int:
    return BugLink.objects.filter(Q(source_id=bug_id) | Q(target_id=bug_id)).count()
