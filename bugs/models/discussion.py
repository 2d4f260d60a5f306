"""What people add to a bug: comments, attachments, and their wish to hear of it."""

from django.db import models
from django.db.models import F

from audit.identifiers import uuid7
from bugs.models.bug import Bug
from bugs.models.people import User


class Comment(models.Model):
    """What someone said of a bug; internal ones are for those who work on it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bug = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=80)
    body = models.TextField(max_length=20_000)
    is_internal = models.BooleanField(default=False)
    originals = models.BinaryField(null=True)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("bug"), F("created_at").desc(), F("id").desc(), name="bugs_comment_newest")]

    def __str__(self) -> str:
        return self.body[:60]


class CommentEdit(models.Model):
    """What a comment said before it was edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="edits")
    body = models.TextField()
    originals = models.BinaryField(null=True)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)
    actor = models.CharField(max_length=80)
    edited_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(F("comment"), F("edited_at").desc(), F("id").desc(), name="bugs_edit_newest")]

    def __str__(self) -> str:
        return self.body[:60]


class Attachment(models.Model):
    """A file beside a bug. `content_type` is what its bytes say, not what its sender says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bug = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="attachments")
    uploader = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    originals = models.BinaryField(null=True)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(max_length=200)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("bug"), F("created_at").desc(), F("id").desc(), name="bugs_attachment_newest")]

    def __str__(self) -> str:
        return self.name


class Watcher(models.Model):
    """Someone who wants to hear of a bug."""

    bug = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watched")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bug", "user"], name="bugs_watcher_once")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.bug}"
