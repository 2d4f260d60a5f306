"""Forgetting someone: asked for once, done in stages by whoever holds the lease, ended with a signed receipt."""

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from audit import signing
from audit.actors import SYSTEM, Principal
from audit.identifiers import uuid7
from bugs import events, policy
from bugs.choices import WorkState
from bugs.models import Erasure, User
from bugs.privacy import identity
from bugs.privacy.identity import Person
from bugs.selectors import bugs
from config import keyring

LEASE = timedelta(seconds=60)
NAMES_MAX, NAME_MIN = 10, 3
PLACE = "bugs_erasure.identity"


class NoProject(ValueError):
    """There is nothing that this principal may have someone forgotten in."""


class NotAnOperator(Exception):
    """Accounts belong to the whole of Bugwire."""


class AmbiguousAccount(Exception):
    """Several accounts have that name or address."""


class Lost(Exception):
    """The lease ran out and somebody else has the work."""


@transaction.atomic
def request(
    *, person: str, names: Sequence[str] = (), project_ids: Sequence[UUID], with_account: bool = False, by: Principal
) -> Erasure:
    """Have someone forgotten in these projects; with_account: who signs in by that name or address is gone as well.

    Raises NoProject, NotAnOperator, AmbiguousAccount or policy.Refused.
    """
    if not project_ids:
        raise NoProject
    for project_id in project_ids:
        policy.check(by, "privacy.erase", project_id)
    if with_account and not by.is_operator:
        raise NotAnOperator
    row_id = uuid7()
    known = orjson.dumps({"person": person, "names": list(names)})
    erasure = Erasure.objects.create(
        id=row_id,
        project_ids=sorted(map(str, project_ids)),
        identity=keyring.seal(known, place=PLACE, row=row_id),
        user=_account_of(person) if with_account else None,
        stage=next(iter(settings.ERASURE_HANDLERS)),
        actor=by.label,
        created_at=timezone.now(),
    )
    events.erasure_requested(erasure, by=by)
    return erasure


@transaction.atomic
def claim() -> Erasure | None:
    """Take the one that waits longest."""
    due = Erasure.objects.filter(Q(leased_until=None) | Q(leased_until__lte=Now()), finished_at=None)
    work = due.select_for_update(skip_locked=True, of=("self",)).order_by("created_at").first()
    if work is None:
        return None
    Erasure.objects.filter(pk=work.pk).update(state=WorkState.RUNNING, epoch=F("epoch") + 1, leased_until=Now() + LEASE)
    work.refresh_from_db()
    return work


def person_of(work: Erasure) -> Person:
    """Who is meant. Raises keyring.Unreadable."""
    assert work.identity is not None, "a finished one knows nobody"
    known = orjson.loads(keyring.unseal(work.identity, place=PLACE, row=work.pk))
    return Person(known["person"], tuple(known["names"]), work.user_id)


def advance(work: Erasure, *, stage: str, last: UUID | None, rows: int) -> None:
    """Write how far it is. Raises Lost."""
    counts = {**work.counts, work.stage: work.counts.get(work.stage, 0) + rows}
    if not _owned(work).update(leased_until=Now() + LEASE, stage=stage, last=last, counts=counts):
        raise Lost
    work.stage, work.last, work.counts = stage, last, counts


def pause(work: Erasure) -> None:
    """Let anybody go on with it."""
    _owned(work).update(leased_until=Now())


@transaction.atomic
def finish(work: Erasure, person: Person) -> None:
    """Forget whom it was about, and leave a receipt. Raises Lost."""
    work.finished_at = timezone.now()
    receipt = signed(_receipt(work, person))
    owned = _owned(work)
    if not owned.update(
        state=WorkState.DONE, identity=None, user=None, receipt=receipt, leased_until=None, finished_at=work.finished_at
    ):
        raise Lost
    by = SYSTEM if work.actor == SYSTEM.label else Principal(label=work.actor)
    events.erasure_completed(work, by=by)


def signed(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """With an Ed25519 signature over its canonical text (sorted keys, no spaces)."""
    text = orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS)
    key = signing.key_id(signing.public_key())
    return {**receipt, "signing_key": key, "signature": signing.encoded(signing.sign(text))}


def is_genuine(receipt: Mapping[str, Any], public_keys: Mapping[str, bytes]) -> bool:
    """Whether the holder of one of these keys signed exactly this receipt."""
    said = {name: value for name, value in receipt.items() if name not in ("signing_key", "signature")}
    public = public_keys.get(str(receipt.get("signing_key")))
    try:
        signature = base64.b64decode(str(receipt.get("signature")), validate=True)
    except ValueError:
        return False
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return public is not None and signing.verify(text, signature, public)


def _receipt(work: Erasure, person: Person) -> dict[str, Any]:
    keys = bugs.project_keys(UUID(project_id) for project_id in work.project_ids)
    return {
        "erasure": str(work.pk),
        "person": identity.promise(person.given),
        "projects": sorted(keys.values()),
        "account": person.user_id is not None,
        "requested_by": work.actor,
        "requested_at": work.created_at.isoformat(),
        "finished_at": work.finished_at.isoformat() if work.finished_at else None,
        "rows": work.counts,
    }


def _owned(work: Erasure) -> QuerySet[Erasure]:
    """The row, while it is this epoch's: every update goes through here."""
    return Erasure.objects.filter(pk=work.pk, epoch=work.epoch, finished_at=None)


def _account_of(person: str) -> User | None:
    """Raises AmbiguousAccount: to forget the wrong one could not be undone."""
    found = list(User.objects.filter(Q(username=person) | Q(email__iexact=person))[:2])
    if len(found) > 1:
        raise AmbiguousAccount
    return found[0] if found else None
