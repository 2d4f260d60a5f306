"""The doors of bugs."""

from rest_framework.routers import SimpleRouter

from bugs.views.bugs import BugViewSet
from bugs.views.bulk import BulkViewSet
from bugs.views.projects import KEY, MemberViewSet, ProjectViewSet
from bugs.views.rules import AssignmentRuleViewSet, EscalationRuleViewSet

router = SimpleRouter()
router.register("bugs/bulk", BulkViewSet, basename="bugs_bulk")
router.register("bugs", BugViewSet, basename="bugs")
_project = f"projects/(?P<key>{KEY})"
router.register("projects", ProjectViewSet, basename="projects")
router.register(f"{_project}/members", MemberViewSet, basename="members")
router.register(f"{_project}/assignment-rules", AssignmentRuleViewSet, basename="assignment_rules")
router.register(f"{_project}/escalation-rules", EscalationRuleViewSet, basename="escalation_rules")
urlpatterns = router.urls
