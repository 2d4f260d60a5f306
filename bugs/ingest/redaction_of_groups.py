"""Groups of errors under other rules: their titles and contexts are made anew of their reports, as these are now."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q

from bugs.ingest.digest import terms
from bugs.ingest.grouping import rules, stored
from bugs.ingest.reading.normalize import Report
from bugs.models import Bug, ErrorGroup, Redaction
from bugs.privacy import placeholders, redaction
from bugs.privacy.redaction import Rules
from bugs.query import context
from bugs.selectors import grouping_rules, reports
from bugs.selectors.privacy import Active
from bugs.services import contexts, indexing
from bugs.services.redacting_bugs import Chunk

CHUNK, REPORTS = 20, 100  # groups of a transaction; of each the newest reports
SLACK = timedelta(minutes=1)
_KEEP = """
    UPDATE bugs_errorgroup SET title = %s, culprit = %s, context = %s::jsonb, context_words = %s::tsvector,
        redaction_version = %s WHERE id = %s
"""

Texts = dict[str, list[str]]
Made = tuple[ErrorGroup, tuple[str, str, Texts]]


def redo(work: Redaction, active: Active) -> Chunk:
    """The next groups; those that got reports since the rules changed are looked at each time."""
    after = work.last or UUID(int=0)
    rows = ErrorGroup.objects.filter(project_id=work.project_id, pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return Chunk(None)
    late = Q(last_seen_at__gte=work.created_at - SLACK) | ~Q(redaction_version=active.version)
    found = list(ErrorGroup.objects.filter(late, pk__in=ids))
    contexts.hold()
    noted = contexts.take([group.pk for group in found])  # of reports that are read below
    made = [_made(group, noted.get(group.pk, {}), active.rules) for group in found]
    changed = [group for group, values in made if values != (group.title, group.culprit, group.context)]
    _keep(made, active)
    _reindex(work.project_id, {group.bug_id for group in changed if group.bug_id})
    return Chunk(ids[-1], len(ids), len(changed))


def _made(group: ErrorGroup, noted: Texts, given: Rules) -> Made:
    found = reports.Groups(group.project_id, [group.pk], group.first_seen_at)
    documents = reports.documents_of(reports.newest_of(found, limit=REPORTS))
    read = [stored.report_of(orjson.loads(text)) for text in documents]
    said = context.merge(terms.of(read), _clean(context.merge(group.context, noted), given))
    return group, (*_names(group, read, given), said)


def _names(group: ErrorGroup, read: Sequence[Report], given: Rules) -> tuple[str, str]:
    """Title and culprit. Where something was taken out of them, they are made anew: it may be there again."""
    if read and any(placeholders.BEGIN in text for text in (group.title, group.culprit)):
        identity, _ = rules.identify(grouping_rules.load(group.project_id), read[0])
        return identity.title, identity.culprit
    return redaction.text(group.title, given), redaction.text(group.culprit, given)


def _clean(old: Texts, given: Rules) -> Texts:
    """What older reports had, as far as nothing was taken out of it."""
    clean = {field: [redaction.text(text, given) for text in texts] for field, texts in old.items()}
    return {field: [text for text in texts if placeholders.BEGIN not in text] for field, texts in clean.items()}


def _keep(made: Sequence[Made], active: Active) -> None:
    """In the order in which ingest locks groups."""
    ordered = sorted(made, key=lambda one: one[0].fingerprint)
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [_row(group, values, active) for group, values in ordered])


def _row(group: ErrorGroup, values: tuple[str, str, Texts], active: Active) -> list[Any]:
    title, culprit, said = values
    text = orjson.dumps(said).decode()
    names = [placeholders.fitting(title, 300), placeholders.fitting(culprit, 200)]
    return [*names, text, context.vector(said), active.version, group.pk]


def _reindex(project_id: UUID, bug_ids: set[UUID]) -> None:
    for bug in Bug.objects.filter(pk__in=bug_ids).order_by("pk").only("pk").select_for_update(no_key=True):
        before = indexing.lexemes(bug.pk)
        indexing.reindex(bug.pk)
        indexing.forget(project_id, before - indexing.lexemes(bug.pk))
