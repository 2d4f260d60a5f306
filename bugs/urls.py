"""The doors of bugs."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from bugs.views.analytics import AnalyticsViewSet, BugAnalyticsViewSet
from bugs.views.attachments import AttachmentViewSet, BugAttachmentViewSet, DownloadViewSet
from bugs.views.bugs import BugViewSet
from bugs.views.bulk import BulkViewSet
from bugs.views.comments import CommentHistoryViewSet, CommentViewSet
from bugs.views.consents import ConsentViewSet
from bugs.views.erasures import ErasureViewSet
from bugs.views.errors import NAMES as BUG_NAMES
from bugs.views.errors import BugErrorViewSet, ErrorViewSet
from bugs.views.feedback import FeedbackViewSet
from bugs.views.group_roles import GroupRoleViewSet
from bugs.views.grouping_rules import GroupingRuleViewSet
from bugs.views.groups import BugGroupViewSet, ErrorGroupViewSet
from bugs.views.outcomes import OutcomeViewSet
from bugs.views.patterns import PatternViewSet
from bugs.views.privacy import PrivacyViewSet
from bugs.views.projects import KEY, MemberViewSet, ProjectViewSet
from bugs.views.query import QueryViewSet
from bugs.views.relations import LinkViewSet, MergeViewSet, RelatedViewSet
from bugs.views.releases import ReleaseViewSet, SuspectViewSet
from bugs.views.rules import AssignmentRuleViewSet, EscalationRuleViewSet
from bugs.views.saved import SavedViewSet
from bugs.views.search import SearchViewSet
from bugs.views.sessions import SessionViewSet
from bugs.views.timeline import TimelineViewSet
from bugs.views.watchers import WatcherViewSet, WatchViewSet
from bugs.views.why import GroupingExplanationViewSet

router = SimpleRouter()
_bug = f"bugs/(?P<bug>{BUG_NAMES})"
router.register(f"{_bug}/errors", BugErrorViewSet, basename="bug_errors")
router.register(f"{_bug}/error-groups", BugGroupViewSet, basename="bug_error_groups")
router.register("errors", ErrorViewSet, basename="errors")
router.register("errors", GroupingExplanationViewSet, basename="error_grouping")
router.register("feedback", FeedbackViewSet, basename="feedback")
router.register("ingest/outcomes", OutcomeViewSet, basename="outcomes")
router.register("error-groups", ErrorGroupViewSet, basename="error_groups")
router.register("error-patterns", PatternViewSet, basename="error_patterns")
router.register("sessions", SessionViewSet, basename="sessions")
router.register("releases", ReleaseViewSet, basename="releases")
router.register(f"{_bug}/analytics", BugAnalyticsViewSet, basename="bug_analytics")
router.register("analytics", AnalyticsViewSet, basename="analytics")
router.register("bugs/bulk", BulkViewSet, basename="bugs_bulk")
router.register("bugs/search", SearchViewSet, basename="bugs_search")
router.register("bugs/query", QueryViewSet, basename="bugs_query")
router.register("bugs", BugViewSet, basename="bugs")
_project = f"projects/(?P<key>{KEY})"
router.register("projects", ProjectViewSet, basename="projects")
router.register(f"{_project}/members", MemberViewSet, basename="members")
router.register(f"{_project}/groups", GroupRoleViewSet, basename="group_roles")
router.register(f"{_project}/assignment-rules", AssignmentRuleViewSet, basename="assignment_rules")
router.register(f"{_project}/escalation-rules", EscalationRuleViewSet, basename="escalation_rules")
router.register(f"{_project}/grouping-rules", GroupingRuleViewSet, basename="grouping_rules")
router.register(f"{_bug}/comments", CommentViewSet, basename="comments")
router.register("comments", CommentHistoryViewSet, basename="comment_history")
router.register(f"{_bug}/attachments", BugAttachmentViewSet, basename="bug_attachments")
router.register("attachments", AttachmentViewSet, basename="attachments")
router.register("attachments", DownloadViewSet, basename="attachment_downloads")
router.register(f"{_bug}/watchers", WatcherViewSet, basename="watchers")
router.register(f"{_bug}/links", LinkViewSet, basename="links")
router.register("privacy/erasures", ErasureViewSet, basename="erasures")
router.register("consents", ConsentViewSet, basename="consents")
router.register("views", SavedViewSet, basename="views")
_single = [
    re_path(
        f"^{_project}/privacy/$",
        PrivacyViewSet.as_view({"get": "retrieve", "put": "update"}, basename="privacy_rules"),
        name="privacy_rules-detail",
    ),
    re_path(
        f"^{_project}/privacy/try/$",
        PrivacyViewSet.as_view({"post": "attempt"}, basename="privacy_rules"),
        name="privacy_rules-attempt",
    ),
    re_path("^ingest/outcomes/$", OutcomeViewSet.as_view({"get": "figures"}, basename="outcomes")),
    re_path(f"^{_bug}/timeline/$", TimelineViewSet.as_view({"get": "retrieve"}, basename="bug_timeline")),
    re_path(f"^{_bug}/suspect-commits/$", SuspectViewSet.as_view({"get": "retrieve"}, basename="bug_suspect_commits")),
    re_path(f"^{_bug}/watch/$", WatchViewSet.as_view({"post": "create", "delete": "stop"}, basename="watch")),
    re_path(f"^{_bug}/related/$", RelatedViewSet.as_view({"get": "retrieve"}, basename="related")),
    re_path(f"^{_bug}/merge/$", MergeViewSet.as_view({"post": "merge"}, basename="merges")),
    re_path(f"^{_bug}/unmerge/$", MergeViewSet.as_view({"post": "unmerge"}, basename="merges")),
]
urlpatterns = [*router.urls, *_single]
