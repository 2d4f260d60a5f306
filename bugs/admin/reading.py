"""What operators only look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Q

from audit.actors import Principal
from bugs import policy
from bugs.admin.gating import BY_PROJECT, Gated
from bugs.models import (
    AssignmentRule,
    Attachment,
    BugLink,
    Comment,
    ErrorGroup,
    EscalationRule,
    GroupingRule,
    GroupMove,
    Merge,
    Regrouping,
    Release,
    SavedView,
    Session,
)

_THERE = Q(deleted_at__isnull=True, bug__deleted_at__isnull=True)  # what was deleted is for operators


class ReadOnly(Gated):
    """Nothing is added, changed or deleted here: no service has a door for it, or the API is the door."""

    show_full_result_count = False
    actions: Any = None


@admin.register(ErrorGroup)
class ErrorGroupAdmin(ReadOnly, admin.ModelAdmin[ErrorGroup]):
    """Rows as they are kept: a group that others stand behind shows its own counts here."""

    sees = "error.read"
    list_display = ["title", "project", "level", "grouping", "reports", "users", "last_seen_at", "merged_into"]
    list_filter = [BY_PROJECT, "level", ("merged_into", admin.EmptyFieldListFilter)]
    list_select_related = ["project", "merged_into"]
    exclude = ["context_words"]


@admin.register(Comment)
class CommentAdmin(ReadOnly, admin.ModelAdmin[Comment]):
    sees, project_path = "bug.read", "bug__project"
    list_display = ["created_at", "bug", "actor", "is_internal", "edited_at", "deleted_at"]
    list_filter = ["is_internal"]
    list_select_related = ["bug"]
    ordering = ["-id"]

    def gate(self, by: Principal) -> Q:
        public = Q(is_internal=False) | Q(bug__project__in=policy.projects(by, "comment.read_internal"))
        return super().gate(by) & public & _THERE


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, admin.ModelAdmin[Attachment]):
    """Without the file itself: it is downloaded through signed links."""

    sees, project_path = "bug.read", "bug__project"
    list_display = ["name", "bug", "content_type", "size", "actor", "created_at", "deleted_at"]
    list_select_related = ["bug"]
    exclude = ["file"]
    ordering = ["-id"]

    def gate(self, by: Principal) -> Q:
        return super().gate(by) & _THERE


@admin.register(Merge)
class MergeAdmin(ReadOnly, admin.ModelAdmin[Merge]):
    sees, project_path = "bug.read", "source__project"
    list_display = ["merged_at", "source", "target", "actor", "undone_at"]
    list_select_related = ["source", "target"]
    ordering = ["-id"]

    def gate(self, by: Principal) -> Q:
        return super().gate(by) & Q(target__project__in=policy.projects(by, self.sees))


@admin.register(BugLink)
class BugLinkAdmin(ReadOnly, admin.ModelAdmin[BugLink]):
    sees, project_path = "bug.read", "source__project"
    list_display = ["created_at", "source", "kind", "target", "actor"]
    list_select_related = ["source", "target"]
    ordering = ["-id"]

    def gate(self, by: Principal) -> Q:
        return super().gate(by) & Q(target__project__in=policy.projects(by, self.sees))


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ReadOnly, admin.ModelAdmin[AssignmentRule]):
    sees = "project.read"
    list_display = ["project", "position", "component", "path", "assignee"]
    list_filter = [BY_PROJECT]
    list_select_related = ["project", "assignee"]


@admin.register(EscalationRule)
class EscalationRuleAdmin(ReadOnly, admin.ModelAdmin[EscalationRule]):
    sees = "project.read"
    list_display = ["project", "q", "severity", "is_active"]
    list_filter = [BY_PROJECT, "is_active"]
    list_select_related = ["project"]


@admin.register(GroupMove)
class GroupMoveAdmin(ReadOnly, admin.ModelAdmin[GroupMove]):
    sees, project_path = "error.read", "group__project"
    list_display = ["moved_at", "kind", "group", "into", "similarity", "actor", "undone_at"]
    list_filter = ["kind"]
    list_select_related = ["group", "into"]
    ordering = ["-id"]


@admin.register(Regrouping)
class RegroupingAdmin(ReadOnly, admin.ModelAdmin[Regrouping]):
    sees = "error.read"
    list_display = ["requested_at", "group", "looked_at", "moved", "attempts", "reason", "finished_at"]
    list_filter = [BY_PROJECT, ("finished_at", admin.EmptyFieldListFilter)]
    list_select_related = ["group"]
    ordering = ["-id"]


@admin.register(GroupingRule)
class GroupingRuleAdmin(ReadOnly, admin.ModelAdmin[GroupingRule]):
    sees = "project.read"
    list_display = ["name", "project", "position", "severity", "component", "is_ignored", "is_active"]
    list_filter = [BY_PROJECT, "is_active"]
    list_select_related = ["project"]


@admin.register(SavedView)
class SavedViewAdmin(ReadOnly, admin.ModelAdmin[SavedView]):
    sees = "view.read"
    list_display = ["name", "owner", "project", "q", "is_shared"]
    list_filter = ["is_shared"]
    list_select_related = ["owner", "project"]

    def gate(self, by: Principal) -> Q:
        return (super().gate(by) & Q(is_shared=True)) | Q(owner=by.user_id)


@admin.register(Release)
class ReleaseAdmin(ReadOnly, admin.ModelAdmin[Release]):
    sees = "error.read"
    list_display = ["version", "project", "created_at", "released_at"]
    list_filter = [BY_PROJECT]
    list_select_related = ["project"]
    ordering = ["-id"]


@admin.register(Session)
class SessionAdmin(ReadOnly, admin.ModelAdmin[Session]):
    sees = "error.read"
    list_display = ["key", "project", "state", "errors", "started_at", "last_seen_at"]
    list_filter = [BY_PROJECT, "state"]
    list_select_related = ["project"]
    ordering = ["-id"]
