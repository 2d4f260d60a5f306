"""Shapes of the figures that analytics answer with, for the schema."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Level
from bugs.serializers.analytics import HeadingSerializer, OverTimeSerializer


def _counts() -> serializers.DictField:
    return serializers.DictField(child=serializers.IntegerField())


class QuantilesSerializer(serializers.Serializer[Any]):
    """Seconds, with one percent of error at most."""

    count = serializers.IntegerField()
    median_seconds = serializers.IntegerField(allow_null=True)
    p90_seconds = serializers.IntegerField(allow_null=True)
    p95_seconds = serializers.IntegerField(allow_null=True)


class GroupQuantilesSerializer(QuantilesSerializer):
    value = serializers.CharField(allow_null=True)


class TimesSerializer(QuantilesSerializer):
    """Of bugs that were triaged, or resolved, in the range."""

    groups = GroupQuantilesSerializer(many=True)


class AgeSerializer(serializers.Serializer[Any]):
    age = serializers.CharField()
    count = serializers.IntegerField()
    by_severity = _counts()


class AgeingSerializer(serializers.Serializer[Any]):
    """Bugs that are open now."""

    open = serializers.IntegerField()
    ages = AgeSerializer(many=True)


class FlowPointSerializer(serializers.Serializer[Any]):
    """`backlog`: bugs that were open at its end, of those that are open or resolved now; null in the future.

    `reopened`: null under filters by anything but severity and bug type, which is all that reopenings keep.
    """

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    created = serializers.IntegerField()
    resolved = serializers.IntegerField()
    reopened = serializers.IntegerField(allow_null=True)
    backlog = serializers.IntegerField(allow_null=True)


class ThroughputSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    resolved = serializers.IntegerField()
    points = FlowPointSerializer(many=True)


class ReopenedSerializer(serializers.Serializer[Any]):
    """`rate`: reopenings by all endings in the range, those that were taken back included; null without endings.

    Both are null under filters by anything but severity and bug type, which is all that reopenings keep.
    """

    count = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)


class TargetCountsSerializer(serializers.Serializer[Any]):
    due = serializers.IntegerField()
    breached = serializers.IntegerField()
    overdue_now = serializers.IntegerField()


class TargetsMetSerializer(TargetCountsSerializer):
    """`due`, `breached`: targets that fell due in the range; `overdue_now`: open bugs past theirs."""

    met = serializers.FloatField(allow_null=True)
    by_severity = serializers.DictField(child=TargetCountsSerializer())


class SlaSerializer(serializers.Serializer[Any]):
    triage = TargetsMetSerializer()
    resolve = TargetsMetSerializer()


class LoadSerializer(serializers.Serializer[Any]):
    assignee = serializers.CharField()
    open = serializers.IntegerField()
    open_by_severity = _counts()
    resolved = serializers.IntegerField()


class PerformanceSerializer(HeadingSerializer):
    """How work on bugs goes."""

    time_to_triage = TimesSerializer()
    time_to_resolve = TimesSerializer()
    ageing = AgeingSerializer()
    throughput = ThroughputSerializer()
    reopened = ReopenedSerializer()
    sla = SlaSerializer()
    load = LoadSerializer(many=True)


class SessionFiguresSerializer(serializers.Serializer[Any]):
    """Sessions that began in the range."""

    count = serializers.IntegerField()
    with_errors = serializers.IntegerField()
    crashed = serializers.IntegerField()
    crash_free = serializers.FloatField()
    errors_per_session = serializers.FloatField()


class AffectedUsersSerializer(serializers.Serializer[Any]):
    """Users who in the range met a kind of error that they had not met before, each once, at the first of them."""

    total = serializers.IntegerField()
    counts = serializers.ListField(child=serializers.IntegerField())


class TopComponentSerializer(serializers.Serializer[Any]):
    component = serializers.CharField()
    errors = serializers.IntegerField()  # type: ignore[assignment]


class TopGroupSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    culprit = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    bug = serializers.CharField(allow_null=True)
    errors = serializers.IntegerField()  # type: ignore[assignment]


class ErrorFiguresSerializer(OverTimeSerializer):
    """Errors over time. What a filter cannot be applied to is null."""

    errors_per_hour = serializers.FloatField(allow_null=True)
    sessions = SessionFiguresSerializer(allow_null=True)
    affected_users = AffectedUsersSerializer(allow_null=True)
    top_components = TopComponentSerializer(many=True)
    top_groups = TopGroupSerializer(many=True)


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    count = serializers.IntegerField()


class TopValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(allow_null=True)
    errors = serializers.IntegerField()  # type: ignore[assignment]


class TargetSerializer(serializers.Serializer[Any]):
    due_at = serializers.DateTimeField()
    state = serializers.ChoiceField(("met", "breached", "pending"))


class BugTargetsSerializer(serializers.Serializer[Any]):
    """Null where the project has no target."""

    triage = TargetSerializer(allow_null=True)
    resolve = TargetSerializer(allow_null=True)


class BugAnalyticsSerializer(serializers.Serializer[Any]):
    """The figures of one bug; errors by day, release and environment are those of the last 30 days."""

    error_count = serializers.IntegerField()
    user_count = serializers.IntegerField()
    first_error_at = serializers.DateTimeField(allow_null=True)
    last_error_at = serializers.DateTimeField(allow_null=True)
    errors_per_day = DaySerializer(many=True)
    by_release = TopValueSerializer(many=True)
    by_environment = TopValueSerializer(many=True)
    age_seconds = serializers.IntegerField()
    time_to_triage_seconds = serializers.IntegerField(allow_null=True)
    time_to_resolve_seconds = serializers.IntegerField(allow_null=True)
    reopen_count = serializers.IntegerField()
    sla = BugTargetsSerializer()
