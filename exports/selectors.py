"""Every read of exports worth a name. Each takes the principal."""

from django.db.models import Q, QuerySet

from audit.actors import Principal
from bugs import policy
from exports.models import UNFINISHED, Export


def exports_for(principal: Principal) -> QuerySet[Export]:
    """The principal's own exports, and all those of projects it may export from.

    Every project of an export must be known to the principal: who left a project leaves its files too.
    """
    mine = Q(requested_by=principal.label, project_ids__contained_by=list(principal.roles))
    allowed = Q(project_ids__contained_by=list(policy.projects(principal, "export.create")))
    return Export.objects.filter(mine | allowed)


def unfinished_of(project_id: object) -> QuerySet[Export]:
    return Export.objects.filter(project_ids__contains=[project_id], state__in=UNFINISHED)
