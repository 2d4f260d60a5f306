"""How reports find their groups: rules of a project, frames that stacks share, and who moved a group where."""

from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import Severity
from bugs.models.people import Project


class GroupingRule(models.Model):
    """Reports like this are grouped, named, rated or let go as the project wants; the first rule that fits wins.

    match: [{"field": "exception", "pattern": "Timeout*"}, ...], all of which must fit. fingerprint: parts, with
    `{{ default }}` and `{{ field }}` filled in; empty leaves grouping as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="grouping_rules")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=100)
    match = models.JSONField()
    fingerprint = models.JSONField(default=list)
    component = models.CharField(max_length=100, blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    is_ignored = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class GroupFrame(models.Model):
    """That a group's stack has a frame, at which depth from the innermost; similar stacks are looked up here."""

    pk = models.CompositePrimaryKey("project_id", "frame", "kind", "group_id")
    project_id = models.UUIDField()
    frame = models.BigIntegerField()  # a hash of the normalised frame
    kind = models.BigIntegerField()  # a hash of the types of the group's exceptions
    group_id = models.UUIDField()
    depth = models.PositiveSmallIntegerField()
    is_own = models.BooleanField()  # the program's own code, not a library's

    class Meta:
        indexes = [models.Index(fields=["group_id"], name="bugs_frame_group")]

    def __str__(self) -> str:
        return f"{self.frame} at {self.depth}"


class GroupMove(models.Model):
    """That a group was put behind another or taken out, by whom and why; what is needed to undo it.

    into: the group that it was put behind or taken out of. similarity: of the stacks, when that was the reason.
    before: of each group that moved, which one it stood behind and its bug.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey("bugs.ErrorGroup", on_delete=models.CASCADE, related_name="moves")
    kind = models.CharField(max_length=8)  # merge, split or attach
    into = models.ForeignKey("bugs.ErrorGroup", on_delete=models.CASCADE, null=True, related_name="+")
    before = models.JSONField()
    similarity = models.FloatField(null=True)
    actor = models.CharField(max_length=80)
    moved_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("group"), F("moved_at").desc(), F("id").desc(), name="bugs_move_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.group_id}"


class Regrouping(models.Model):
    """That the stored reports of a group are grouped by today's rules, and how far that is: claimed by lease.

    attempts: counted before the work, and none again after a step that was done; epoch: of the claim. after: the last
    report that was looked at. found: what the first pass saw, fingerprint -> how many reports have it now, and why;
    the second one moves them (`is_moving`). reason: why it was given up.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey("bugs.ErrorGroup", on_delete=models.CASCADE, related_name="regroupings")
    actor = models.CharField(max_length=80)
    attempts = models.PositiveSmallIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField()
    is_moving = models.BooleanField(default=False)
    after = models.UUIDField(null=True)
    found = models.JSONField(default=dict)
    looked_at = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=20, blank=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(finished_at=None), name="bugs_regrouping_once")
        ]
        indexes = [
            models.Index(fields=["leased_until"], name="bugs_regrouping_due", condition=Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return f"regrouping of {self.group_id}"
