"""Keys of someone who is to be forgotten end; their names may say who it was."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apikeys import services
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from bugs.privacy.identity import Person, Step


@transaction.atomic
def keys(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """All of them, when the account goes as well."""
    if person.user_id is None:
        return Step(None)
    ids = list(ApiKey.objects.filter(owner_id=person.user_id).values_list("pk", flat=True))
    for key_id in ids:
        services.revoke(key_id, by=SYSTEM)
    return Step(None, ApiKey.objects.filter(pk__in=ids).update(name="erased"))
