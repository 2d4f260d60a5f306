"""Shapes of analytics: the parameters that are taken, the answers that are given."""

from typing import Any, ClassVar

from rest_framework import serializers

from bugs.choices import BugType, Level, Priority, Resolution, Severity
from bugs.intervals import INTERVALS
from bugs.rollups import BUG_MEASURES, REOPENED
from config.api.serializers import StrictSerializer

MAX_VALUES = 50  # of one repeatable parameter
MEASURES = (*BUG_MEASURES, REOPENED)
BUG_GROUPS = (
    *("severity", "bug_type", "priority", "component", "environment", "release"),
    *("assignee", "reporter", "resolution"),
)
ERROR_GROUPS = ("level", "group", "component", "environment", "release")


def _any_of(choices: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices), max_length=MAX_VALUES, required=False)


def _texts(longest: int) -> serializers.ListField:
    child = serializers.CharField(max_length=longest, allow_blank=True, trim_whitespace=False)
    return serializers.ListField(child=child, max_length=MAX_VALUES, required=False)


class RangeQuerySerializer(StrictSerializer):
    """What every question has. columns: parameter that filters -> column."""

    columns: ClassVar[dict[str, str]] = {}
    project = serializers.CharField(max_length=10, required=False, help_text="Its key; all of yours without it.")
    to = serializers.CharField(max_length=40, default="now", help_text="As `from`; up to but without this moment.")
    interval = serializers.ChoiceField(INTERVALS, default="day", help_text="The length of a point; `none` is one.")
    time_zone = serializers.CharField(
        max_length=50, required=False, help_text="Days begin at its midnight; the project's without it."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        says = "RFC 3339, a date (midnight in the time zone), or relative: `-24h`, `-30d`, `-8w`."
        return {**super().get_fields(), "from": serializers.CharField(max_length=40, default="-30d", help_text=says)}

    @classmethod
    def filters_of(cls, asked: dict[str, Any]) -> dict[str, list[Any]]:
        return {column: asked[name] for name, column in cls.columns.items() if asked.get(name)}


class BugFiltersSerializer(RangeQuerySerializer):
    """Repeatable ones mean any of."""

    columns = {
        "severity": "severity",
        "bug_type": "bug_type",
        "priority": "priority",
        "resolution": "resolution",
        "component_name": "component",
        "environment": "environment",
        "release": "release",
        "assigned_to": "assignee_id",
        "reported_by": "reporter_id",
    }
    severity = _any_of(Severity.choices)
    bug_type = _any_of(BugType.choices)
    priority = _any_of(Priority.choices)
    resolution = _any_of(Resolution.choices)
    component_name = _texts(100)
    environment = _texts(64)
    release = _texts(200)
    assigned_to = _texts(150)
    reported_by = _texts(150)


class BugsQuerySerializer(BugFiltersSerializer):
    measure = serializers.ChoiceField(MEASURES, default="created", help_text="What is counted, at its moment.")
    group_by = serializers.ChoiceField(
        (*BUG_GROUPS, "status"), required=False, help_text="`status` counts created bugs by their status now."
    )
    compare = serializers.ChoiceField(("previous",), required=False, help_text="With as long a range before.")


class PerformanceQuerySerializer(BugFiltersSerializer):
    group_by = serializers.ChoiceField(BUG_GROUPS, default="severity", help_text="For the times to triage and resolve.")


class ErrorsQuerySerializer(RangeQuerySerializer):
    columns = {"level": "level", "component_name": "component", "environment": "environment", "release": "release"}
    level = _any_of(Level.choices)
    component_name = _texts(100)
    environment = _texts(64)
    release = _texts(200)
    group_by = serializers.ChoiceField(ERROR_GROUPS, required=False)
    compare = serializers.ChoiceField(("previous",), required=False, help_text="With as long a range before.")


class PreviousSerializer(serializers.Serializer[Any]):
    """The range before, of the same length."""

    to = serializers.DateTimeField()
    total = serializers.IntegerField()
    change_percent = serializers.FloatField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class PointSerializer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    count = serializers.IntegerField()


class SeriesSerializer(serializers.Serializer[Any]):
    """One value of the dimension; `counts` go with the points. The last may be all others together."""

    value = serializers.CharField(allow_null=True)
    is_other = serializers.BooleanField()
    total = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True)
    change_percent = serializers.FloatField(allow_null=True)
    counts = serializers.ListField(child=serializers.IntegerField())


class HeadingSerializer(serializers.Serializer[Any]):
    """The range as it was understood, in whole quarters of an hour."""

    to = serializers.DateTimeField()
    time_zone = serializers.CharField()
    interval = serializers.ChoiceField(INTERVALS)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class OverTimeSerializer(HeadingSerializer):
    """Counts over time."""

    total = serializers.IntegerField()
    previous = PreviousSerializer(allow_null=True)
    points = PointSerializer(many=True)
    series = SeriesSerializer(many=True)
