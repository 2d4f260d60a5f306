"""Who someone is to us: as a reporter, and as one who signs in."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from audit import erasure
from audit.actors import SYSTEM
from bugs import people
from bugs.models import Membership, Reporter, User
from bugs.privacy.identity import Person, Step
from bugs.selectors import reporters
from bugs.services import authenticators


@transaction.atomic
def reporter(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """What they agreed to stays, of someone who is nobody any more."""
    ids = [found.pk for found in reporters.all_of(project_ids, person.given)]
    return Step(None, Reporter.objects.filter(pk__in=ids, identity__isnull=False).update(identity=None, blind=None))


@transaction.atomic
def trail(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """Addresses and programs in records of calls: the key that they are encrypted under goes, the records stay."""
    if person.user_id is None:
        return Step(None)
    return Step(None, int(erasure.forget(f"user:{person.user_id}")))


@transaction.atomic
def account(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """Nobody signs in with it again, and nothing in it says who it was; what it did stays done by it."""
    user = User.objects.select_for_update().filter(pk=person.user_id).first() if person.user_id else None
    if user is None:
        return Step(None)
    for membership in Membership.objects.filter(user=user).select_related("project"):
        people.leave(membership=membership, by=SYSTEM)
    user.groups.clear()
    user.username, user.email, user.first_name, user.last_name = f"erased-{secrets.token_hex(6)}", "", "", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    authenticators.reset(user, by=SYSTEM)
    return Step(None, 1)
