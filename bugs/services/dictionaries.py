"""What payloads of a project have in common is learnt from its newest reports, and again when those have changed."""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import zstandard
from django.db import connection
from django.utils import timezone

from audit.identifiers import first_of
from bugs.models import ErrorReport, PayloadDictionary
from bugs.selectors import payloads

SIZE = 112_640  # of a dictionary, at most: zstd's own recommendation
REPORTS_MIN, REPORTS_MAX = 100, 1_000
SAMPLE_MAX, SAMPLES_MAX = 64 * 1024, 16 * 1024 * 1024  # bytes of one payload that are looked at, and of all
JUDGES = 10  # every so many-th payload judges and is not learnt from
WORSE = 1.2  # than a fresh one would do: then the fresh one is taken
EVERY = timedelta(days=1)
RUN_SECONDS = 30.0
PROJECTS_AT_ONCE = 100
_AT_ONCE = 100
_log = logging.getLogger(__name__)

# Those without a dictionary first. A project where nothing happens keeps what it has; where texts are read again
# under other rules, payloads are not what they will be.
_DUE = """
    SELECT p.id FROM bugs_project p LEFT JOIN LATERAL (
        SELECT checked_at FROM bugs_payloaddictionary WHERE project_id = p.id ORDER BY id DESC LIMIT 1
    ) d ON true
    WHERE CASE WHEN d.checked_at IS NULL
        THEN EXISTS (SELECT 1 FROM bugs_errorreport WHERE project_id = p.id ORDER BY id DESC OFFSET %s LIMIT 1)
        ELSE d.checked_at < %s AND EXISTS (SELECT 1 FROM bugs_errorreport WHERE project_id = p.id AND id > %s)
    END
    AND NOT EXISTS (SELECT FROM bugs_redaction WHERE project_id = p.id AND finished_at IS NULL)
    ORDER BY d.checked_at NULLS FIRST LIMIT %s
"""


def train_due() -> int:
    """Train where it is due, for some seconds; the next run goes on. How many dictionaries were made."""
    made, until = 0, time.monotonic() + RUN_SECONDS
    for project_id in due():
        if time.monotonic() > until:
            break
        try:
            made += train(project_id) is not None
        except (zstandard.ZstdError, payloads.Unreadable):
            _log.warning("no dictionary for project %s", project_id, exc_info=True)
    return made


def due() -> list[UUID]:
    """Projects with enough reports and no dictionary, or with new reports and one that nobody checked for a day."""
    before = timezone.now() - EVERY
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [REPORTS_MIN - 1, before, first_of(before), PROJECTS_AT_ONCE])
        return [row[0] for row in cursor.fetchall()]


def train(project_id: UUID) -> PayloadDictionary | None:
    """A dictionary learnt from the newest reports; None when these are too few, or the present one does as well."""
    found = list(_newest_payloads(project_id))
    if len(found) < REPORTS_MIN:
        return None
    judges = found[::JUDGES]
    dictionary_id = _next_id()
    fresh = zstandard.train_dictionary(
        SIZE, [text for place, text in enumerate(found) if place % JUDGES], dict_id=dictionary_id
    )
    if _is_good(payloads.newest_dictionary(project_id), fresh, judges):
        return None
    return _keep(project_id, fresh, dictionary_id)


def renew(project_id: UUID, texts: Sequence[bytes]) -> int:
    """Another dictionary, learnt from these payloads alone, for a project that has one; its id, or 0.

    A dictionary has parts of the payloads that it was learnt from. Too few texts teach nothing.
    """
    if not payloads.newest_dictionary(project_id) or len(texts) < REPORTS_MIN:
        return 0
    dictionary_id = _next_id()
    return _keep(project_id, zstandard.train_dictionary(SIZE, list(texts), dict_id=dictionary_id), dictionary_id).pk


def older(project_id: UUID, than: int) -> list[int]:
    """The dictionaries that a project had before a certain one."""
    return list(PayloadDictionary.objects.filter(project=project_id, pk__lt=than).values_list("pk", flat=True))


def retire(dictionary_ids: Sequence[int]) -> None:
    """Delete dictionaries that no payload needs any more."""
    PayloadDictionary.objects.filter(pk__in=dictionary_ids).delete()


def _keep(project_id: UUID, fresh: zstandard.ZstdCompressionDict, dictionary_id: int) -> PayloadDictionary:
    now = timezone.now()
    return PayloadDictionary.objects.create(
        pk=dictionary_id, project_id=project_id, data=fresh.as_bytes(), trained_at=now, checked_at=now
    )


def _is_good(present: int, fresh: zstandard.ZstdCompressionDict, judges: Sequence[bytes]) -> bool:
    """Whether the present dictionary does about as well; that is remembered."""
    if not present:
        return False
    present_data = zstandard.ZstdCompressionDict(payloads.dictionary_bytes(present))
    if _size(judges, present_data) > WORSE * _size(judges, fresh):
        return False
    PayloadDictionary.objects.filter(pk=present).update(checked_at=timezone.now())
    return True


def _size(texts: Sequence[bytes], dictionary: zstandard.ZstdCompressionDict) -> int:
    compressor = zstandard.ZstdCompressor(level=payloads.LEVEL, dict_data=dictionary)
    return sum(len(compressor.compress(text)) for text in texts)


def _newest_payloads(project_id: UUID) -> Iterator[bytes]:
    """The beginnings of the newest payloads, a bounded number of bytes of them, read a few at a time."""
    before, size = first_of(timezone.now() + timedelta(days=1)), 0
    for _ in range(REPORTS_MAX // _AT_ONCE):
        reports = ErrorReport.objects.filter(project_id=project_id, id__lt=before).order_by("-id")[:_AT_ONCE]
        rows = list(reports.values_list("id", "payload"))
        for _, payload in rows:
            text = payloads.unpack(payload)[:SAMPLE_MAX]
            size += len(text)
            if size > SAMPLES_MAX:
                return
            yield text
        if len(rows) < _AT_ONCE:
            return
        before = rows[-1][0]


def _next_id() -> int:
    """Taken before the training, because the dictionary carries it in its own bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('bugs_payloaddictionary', 'id'))")
        found: int = cursor.fetchone()[0]
    return found
