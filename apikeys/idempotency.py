"""Answers kept for a day, so that a write sent again is done once (`config.api.idempotency` asks for them here)."""

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apikeys.models import StoredAnswer
from audit.actors import Principal
from bugs import policy
from config.api.idempotency import Answer

KEPT = timedelta(hours=24)
PRUNED_AT_ONCE = 5_000


def hold(name: bytes) -> bool:
    """Lock the name until the transaction ends; False when another transaction has it."""
    number = int.from_bytes(name[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def projects(principal: Principal, action: str) -> frozenset[UUID]:
    """Where the principal may do that: an answer is not repeated to who has lost one of them since."""
    return frozenset(policy.projects(principal, action))


def find(name: bytes) -> Answer | None:
    """Asked after `hold`, in a statement of its own: only so it sees what the last holder committed."""
    row = StoredAnswer.objects.filter(pk=name, created_at__gt=timezone.now() - KEPT).first()
    if row is None:
        return None
    body = None if row.body is None else bytes(row.body)
    return Answer(bytes(row.fingerprint), row.status, row.headers, body, frozenset(row.projects))


def keep(name: bytes, answer: Answer) -> None:
    """Keep it, in the place of one that has expired."""
    row = StoredAnswer(
        name=name,
        fingerprint=answer.fingerprint,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        projects=sorted(answer.projects),
        created_at=timezone.now(),
    )
    changing = ["fingerprint", "status", "headers", "body", "projects", "created_at"]
    StoredAnswer.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=changing)


def forget_texts(project_id: UUID) -> int:
    """Drop what answers of a project said. A retry is told that it was done, and not done again."""
    return StoredAnswer.objects.filter(projects__contains=[project_id], body__isnull=False).update(body=None)


def prune() -> int:
    """Delete expired answers, some at once; how many."""
    expired = StoredAnswer.objects.filter(created_at__lte=timezone.now() - KEPT).values("pk")[:PRUNED_AT_ONCE]
    return StoredAnswer.objects.filter(pk__in=expired).delete()[0]
