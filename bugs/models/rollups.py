"""Counts over time, kept as they happen, so that analytics never count the bugs themselves."""

from django.db import models


class Rollup(models.Model):
    """How often something happened in a quarter of an hour. (Zones with :30 and :45 offsets begin days inside hours.)

    measure: created, triaged, resolved, closed, reopened, errors, time_to_triage, time_to_resolve.
    dimension, value: `severity`, `high`; an empty dimension counts all; of times, the value is a bucket
    (`bugs.rollups`).
    """

    pk = models.CompositePrimaryKey("project_id", "measure", "dimension", "period", "value")
    project_id = models.UUIDField()
    measure = models.CharField(max_length=16)
    dimension = models.CharField(max_length=16)
    period = models.DateTimeField()
    value = models.CharField(max_length=200)
    count = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.measure} {self.dimension}={self.value}: {self.count}"


class RollupDelta(models.Model):
    """What has not been folded into the rollups yet; written beside the change, so nothing waits for a hot row."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.UUIDField()
    measure = models.CharField(max_length=16)
    period = models.DateTimeField()
    values = models.JSONField()  # dimension -> value
    amount = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "measure", "period"], name="bugs_delta_period")]

    def __str__(self) -> str:
        return f"{self.measure} {self.amount:+d}"
