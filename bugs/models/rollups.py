"""Counts over time, kept as they happen, so that analytics never count the bugs themselves."""

from django.db import models
from django.db.models import Q


class Cell(models.Model):
    """What is counted: what happened, in which quarter of an hour, to what kind of thing (`bugs.rollups.Fact`)."""

    project_id = models.UUIDField()
    measure = models.CharField(max_length=16)
    period = models.DateTimeField()
    bucket = models.SmallIntegerField(null=True)
    severity = models.CharField(max_length=8, null=True)
    bug_type = models.CharField(max_length=12, null=True)
    priority = models.CharField(max_length=8, null=True)
    component = models.CharField(max_length=100, null=True)
    environment = models.CharField(max_length=64, null=True)
    release = models.CharField(max_length=200, null=True)
    assignee_id = models.BigIntegerField(null=True)
    reporter_id = models.BigIntegerField(null=True)
    resolution = models.CharField(max_length=20, null=True)
    level = models.CharField(max_length=8, null=True)
    group_id = models.UUIDField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.measure} at {self.period}"


class Rollup(Cell):
    """How many there are of one cell. One row a combination of values, so any filter over them can be answered.

    key: a digest of all values after the period.
    """

    pk = models.CompositePrimaryKey("project_id", "measure", "period", "key")
    key = models.UUIDField()
    count = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["project_id"], name="bugs_rollup_empty", condition=Q(count=0)),
            models.Index(fields=["group_id", "period"], name="bugs_rollup_group", condition=Q(group_id__isnull=False)),
        ]


class RollupDelta(Cell):
    """What has not been folded into the rollups yet; written beside the change, so nothing waits for a hot row."""

    id = models.BigAutoField(primary_key=True)
    amount = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "measure", "period"], name="bugs_delta_period")]
