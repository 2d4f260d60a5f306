"""How bugs stand to each other: links between two that stay, merges of one into another."""

from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import LinkKind
from bugs.models.bug import Bug


class BugLink(models.Model):
    """`source` relates to, blocks, causes or duplicates `target`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="bugs_link_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="bugs_link_two_bugs"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class Merge(models.Model):
    """That a bug was merged into another, and all that is needed to undo it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="merges")
    target = models.ForeignKey(Bug, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField()  # of the source: status, resolution, times; ids of the error groups that moved
    actor = models.CharField(max_length=80)
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="bugs_merge_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="bugs_merge_two_bugs"),
        ]
        indexes = [models.Index(fields=["target", "merged_at"], name="bugs_merge_target")]

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_id}"
