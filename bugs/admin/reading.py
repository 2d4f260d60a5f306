"""What operators only look at."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

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
    User,
)

admin.site.register(User, UserAdmin)


class ReadOnly:
    """Nothing is added, changed or deleted here: no service has a door for it, or the API is the door."""

    show_full_result_count = False
    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(ErrorGroup)
class ErrorGroupAdmin(ReadOnly, admin.ModelAdmin[ErrorGroup]):
    """Rows as they are kept: a group that others stand behind shows its own counts here."""

    list_display = ["title", "project", "level", "grouping", "reports", "users", "last_seen_at", "merged_into"]
    list_filter = ["project", "level", ("merged_into", admin.EmptyFieldListFilter)]
    list_select_related = ["project", "merged_into"]
    exclude = ["context_words"]


@admin.register(Comment)
class CommentAdmin(ReadOnly, admin.ModelAdmin[Comment]):
    list_display = ["created_at", "bug", "actor", "is_internal", "edited_at", "deleted_at"]
    list_filter = ["is_internal"]
    list_select_related = ["bug"]
    ordering = ["-id"]


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, admin.ModelAdmin[Attachment]):
    """Without the file itself: it is downloaded through signed links."""

    list_display = ["name", "bug", "content_type", "size", "actor", "created_at", "deleted_at"]
    list_select_related = ["bug"]
    exclude = ["file"]
    ordering = ["-id"]


@admin.register(Merge)
class MergeAdmin(ReadOnly, admin.ModelAdmin[Merge]):
    list_display = ["merged_at", "source", "target", "actor", "undone_at"]
    list_select_related = ["source", "target"]
    ordering = ["-id"]


@admin.register(BugLink)
class BugLinkAdmin(ReadOnly, admin.ModelAdmin[BugLink]):
    list_display = ["created_at", "source", "kind", "target", "actor"]
    list_select_related = ["source", "target"]
    ordering = ["-id"]


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(ReadOnly, admin.ModelAdmin[AssignmentRule]):
    list_display = ["project", "position", "component", "path", "assignee"]
    list_filter = ["project"]
    list_select_related = ["project", "assignee"]


@admin.register(EscalationRule)
class EscalationRuleAdmin(ReadOnly, admin.ModelAdmin[EscalationRule]):
    list_display = ["project", "q", "severity", "is_active"]
    list_filter = ["project", "is_active"]
    list_select_related = ["project"]


@admin.register(GroupMove)
class GroupMoveAdmin(ReadOnly, admin.ModelAdmin[GroupMove]):
    list_display = ["moved_at", "kind", "group", "into", "similarity", "actor", "undone_at"]
    list_filter = ["kind"]
    list_select_related = ["group", "into"]
    ordering = ["-id"]


@admin.register(Regrouping)
class RegroupingAdmin(ReadOnly, admin.ModelAdmin[Regrouping]):
    list_display = ["requested_at", "group", "looked_at", "moved", "attempts", "reason", "finished_at"]
    list_filter = ["project", ("finished_at", admin.EmptyFieldListFilter)]
    list_select_related = ["group"]
    ordering = ["-id"]


@admin.register(GroupingRule)
class GroupingRuleAdmin(ReadOnly, admin.ModelAdmin[GroupingRule]):
    list_display = ["name", "project", "position", "severity", "component", "is_ignored", "is_active"]
    list_filter = ["project", "is_active"]
    list_select_related = ["project"]


@admin.register(SavedView)
class SavedViewAdmin(ReadOnly, admin.ModelAdmin[SavedView]):
    list_display = ["name", "owner", "project", "q", "is_shared"]
    list_filter = ["is_shared"]
    list_select_related = ["owner", "project"]


@admin.register(Release)
class ReleaseAdmin(ReadOnly, admin.ModelAdmin[Release]):
    list_display = ["version", "project", "created_at", "released_at"]
    list_filter = ["project"]
    list_select_related = ["project"]
    ordering = ["-id"]


@admin.register(Session)
class SessionAdmin(ReadOnly, admin.ModelAdmin[Session]):
    list_display = ["key", "project", "state", "errors", "started_at", "last_seen_at"]
    list_filter = ["project", "state"]
    list_select_related = ["project"]
    ordering = ["-id"]
