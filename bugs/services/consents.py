"""What reporters agree to. A decision is a row of its own; the newest counts from the moment it is there."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from bugs import events, policy
from bugs.choices import Purpose
from bugs.models import Consent
from bugs.selectors import privacy
from bugs.services import reporters

SOURCE_MAX = 100


@transaction.atomic
def record(
    project_id: UUID, *, reporter: str, purpose: Purpose, is_granted: bool, source: str = "", by: Principal
) -> Consent:
    """Write down that someone agreed, or took it back.

    reporter: an e-mail address, or the name of a member. Raises policy.Refused.
    """
    policy.check(by, "consent.write", project_id)
    consent = Consent.objects.create(
        project_id=project_id,
        reporter=reporters.named(project_id, reporter),
        purpose=purpose,
        is_granted=is_granted,
        source=privacy.clean(project_id, source, SOURCE_MAX),
        actor=by.label,
        decided_at=timezone.now(),
    )
    events.consent_recorded(consent, by=by)
    return consent
