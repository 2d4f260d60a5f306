"""Runs what is due of reading texts again under changed rules: what people wrote, then what machines sent."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from django.db import transaction

from bugs.ingest import redaction_of_groups, redaction_of_reports
from bugs.models import Bug, CodeChange, ErrorGroup, ErrorReport, Redaction, SavedView
from bugs.selectors import privacy
from bugs.selectors.privacy import Active
from bugs.services import dictionaries, redacting, redacting_bugs
from bugs.services.privacy import enqueue_outdated
from bugs.services.redacting_bugs import Chunk

logger = logging.getLogger(__name__)
OUTDATED = 100  # projects that get their work at once
# In this order: titles of groups are made of their reports, and bugs are found by them.
STAGES: dict[str, Callable[[Redaction, Active], Chunk]] = {
    "bugs": lambda work, active: redacting_bugs.of_bugs(work.project_id, active, work.last),
    "commits": lambda work, active: redacting_bugs.of_commits(work.project_id, active, work.last),
    "views": lambda work, active: redacting_bugs.of_views(work.project_id, active, work.last),
    "reports": lambda work, active: redaction_of_reports.redo(work, active),
    "groups": lambda work, active: redaction_of_groups.redo(work, active),
}
_FIRST = next(iter(STAGES))
_COUNTED = (Bug, CodeChange, SavedView, ErrorReport, ErrorGroup)


def run_due(seconds: float) -> bool:
    """Work for some time at most; whether anything is left that is due."""
    enqueue_outdated(OUTDATED)
    until = time.monotonic() + seconds
    while (work := redacting.claim()) is not None:
        _run(work, until)
        if time.monotonic() >= until:
            return True
    return False


def run(work: Redaction) -> Iterator[Redaction]:
    """All of one claimed work, here and now; yields it after each chunk, whoever runs it waits where it rests."""
    while step(work):
        yield work


def _run(work: Redaction, until: float) -> None:
    try:
        while step(work):
            rest = redacting.rests_until(work)
            if rest or time.monotonic() >= until:
                redacting.pause(work, until=rest)
                return
    except redacting.Lost:
        logger.info("redaction %s is no longer epoch %s's", work.pk, work.epoch)
    except Exception:
        logger.exception("redaction %s failed in %s after %s", work.pk, work.stage, work.last)
        with contextlib.suppress(redacting.Lost):
            redacting.pause(work, until=redacting.later())


@transaction.atomic
def step(work: Redaction) -> bool:
    """One chunk; whether anything is left to be done. Raises redacting.Lost."""
    active = privacy.present(work.project_id)
    if active.version != work.version:  # the rules changed again: other work goes on with it
        redacting.finish(work)
        return False
    if "began" not in work.counts:
        dictionary = redaction_of_reports.learn(work.project_id, active)
        redacting.begin(work, stage=_FIRST, total=_total(work.project_id), dictionary=dictionary)
        return True
    chunk = STAGES[work.stage](work, active)
    if chunk.last is not None:
        redacting.advance(work, stage=work.stage, last=chunk.last, looked_at=chunk.looked_at, changed=chunk.changed)
        return True
    return _end_of_stage(work)


def _end_of_stage(work: Redaction) -> bool:
    following = dict(zip(STAGES, list(STAGES)[1:], strict=False)).get(work.stage)
    if following:
        redacting.advance(work, stage=following, last=None)
        return True
    if redacting.again(work, stage=_FIRST):
        return True
    # Whoever packed with older dictionaries has written since, and that was read.
    dictionaries.retire(dictionaries.older(work.project_id, work.counts["dictionary"]))
    redacting.finish(work)
    return False


def _total(project_id: UUID) -> int:
    return sum(model._default_manager.filter(project_id=project_id).count() for model in _COUNTED)
