"""Runs erasures stage by stage, chunk by chunk, in the order of ERASURE_HANDLERS; each chunk can be done again."""

import logging
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from bugs.models import Erasure
from bugs.privacy.identity import Person, Step
from bugs.services import erasures

Handler = Callable[[Person, Sequence[UUID], UUID | None], Step]
logger = logging.getLogger(__name__)


def run_due(seconds: float) -> bool:
    """Work for some time at most; whether anything is left that is due."""
    until = time.monotonic() + seconds
    while (work := erasures.claim()) is not None:
        try:
            _run(work, until)
        except erasures.Lost:
            logger.info("the erasure %s is no longer epoch %s's", work.pk, work.epoch)
        except Exception:
            logger.exception("the erasure %s failed in stage %s; it is tried again", work.pk, work.stage)
            return False
        if time.monotonic() >= until:
            return True
    return False


def _run(work: Erasure, until: float) -> None:
    person = erasures.person_of(work)
    while work.stage:
        _step(work, person)
        if time.monotonic() >= until:
            erasures.pause(work)
            return
    erasures.finish(work, person)


def _step(work: Erasure, person: Person) -> None:
    handler: Handler = import_string(settings.ERASURE_HANDLERS[work.stage])
    step = handler(person, [UUID(project_id) for project_id in work.project_ids], work.last)
    stage = work.stage if step.last else _after(work.stage)
    erasures.advance(work, stage=stage, last=step.last, rows=step.rows)


def _after(stage: str) -> str:
    """The stage that follows; empty after the last one."""
    stages = list(settings.ERASURE_HANDLERS)
    return ([*stages, ""])[stages.index(stage) + 1]
