"""Shapes of releases, their commits and figures, of sessions, and of suspect commits."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from bugs import commits
from bugs.choices import SessionState
from bugs.selectors.suspects import BASES
from bugs.serializers.errors import TimelineSerializer
from config.api.serializers import StrictSerializer

INTERVALS = ("hour", "day")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class RateField(serializers.FloatField):
    """0 to 1; null where there is nothing to compare."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_null=True, min_value=0, max_value=1, **more)


class ReleaseParametersSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False)


class ReleaseListParametersSerializer(ReleaseParametersSerializer):
    environment = serializers.CharField(max_length=64, required=False, help_text="Of the sessions in `health`.")


class HealthParametersSerializer(ReleaseListParametersSerializer):
    interval = serializers.ChoiceField(INTERVALS, default="hour", help_text="Of the points of `health`.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        what = "RFC 3339 or relative, like -7d: which sessions `health` is about."
        return super().get_fields() | {
            "from": serializers.CharField(default="-24h", max_length=40, help_text=what),
            "to": serializers.CharField(default="now", max_length=40, help_text=what),
        }


class SessionParametersSerializer(ReleaseParametersSerializer):
    release = serializers.CharField(max_length=200, required=False)
    state = serializers.ChoiceField(SessionState.choices, required=False)
    environment = serializers.CharField(max_length=64, required=False)
    user_key = serializers.CharField(max_length=32, required=False)


class FilesField(serializers.ListField):
    """Paths, cut to the first of them."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data[: commits.FILES_MAX] if isinstance(data, list) else data)


class NewCommitSerializer(StrictSerializer):
    """A commit; `id` is another name for `commit`."""

    commit = serializers.CharField(max_length=commits.ID_MAX, required=False)
    id = serializers.CharField(max_length=commits.ID_MAX, required=False)
    message = serializers.CharField(required=False, allow_blank=True, default="", help_text="Its beginning is kept.")
    author = serializers.CharField(required=False, allow_blank=True, default="", max_length=commits.AUTHOR_MAX)
    files = FilesField(
        child=serializers.CharField(max_length=4_096),
        default=list,
        help_text=f"Changed paths; the first {commits.FILES_MAX} are kept.",
    )
    committed_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_committed_at(self, value: datetime | None) -> datetime | None:
        return _within(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("commit" in attrs) == ("id" in attrs):
            raise serializers.ValidationError({"commit": "Name the commit, once."})
        return attrs


class NewReleaseSerializer(StrictSerializer):
    project = serializers.CharField(max_length=10, help_text="The project's key.")
    version = serializers.CharField(max_length=200, help_text="What SDKs send as `release`.")
    commit = serializers.CharField(
        max_length=commits.ID_MAX, allow_blank=True, default="", help_text="The last commit that is in it."
    )
    released_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    commits = serializers.ListField(
        child=NewCommitSerializer(), max_length=commits.NAMED_MAX, default=list, help_text="What is in it."
    )

    def validate_released_at(self, value: datetime | None) -> datetime | None:
        return _within(value)


class ReleaseChangesSerializer(StrictSerializer):
    released_at = serializers.DateTimeField(allow_null=True)

    def validate_released_at(self, value: datetime | None) -> datetime | None:
        return _within(value)


class FiguresSerializer(serializers.Serializer[Any]):
    sessions = serializers.IntegerField(help_text="Tracked one by one, and counted by servers.")
    errored = serializers.IntegerField(help_text="Met errors, and ended well.")
    abnormal = serializers.IntegerField(help_text="Were cut off.")
    crashed = serializers.IntegerField()
    crash_free_sessions = RateField(help_text="The share without a crash; null without sessions.")
    users = serializers.IntegerField(help_text="Of tracked sessions that name their user.")
    crashed_users = serializers.IntegerField()
    crash_free_users = RateField(help_text="The share that met no crash; null without users.")


class HealthSerializer(FiguresSerializer):
    """Of the last 24 hours."""

    complete = serializers.BooleanField(help_text="False when only the newest sessions of the range were looked at.")


class HealthPointSerializer(FiguresSerializer):
    at = serializers.DateTimeField()


class AdoptionSerializer(serializers.Serializer[Any]):
    """Which part of the project's sessions and users in the range is of this release."""

    sessions = RateField()
    users = RateField()


class FullHealthSerializer(HealthSerializer):
    """Of a range of time."""

    interval = serializers.ChoiceField(INTERVALS)
    adoption = AdoptionSerializer()
    points = HealthPointSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        moments = {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}
        return moments | super().get_fields()


class WrittenReleaseSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.CharField()
    project = serializers.CharField()
    commit = serializers.CharField(help_text="The last one in it, when somebody said so.")
    created_at = serializers.DateTimeField(help_text="When it was named here for the first time.")
    released_at = serializers.DateTimeField(allow_null=True)


class ReleaseSerializer(WrittenReleaseSerializer):
    health = HealthSerializer()


class CodeChangeSerializer(serializers.Serializer[Any]):
    commit = serializers.CharField()
    message = serializers.CharField()
    author = serializers.CharField()
    files = serializers.ListField(child=serializers.CharField())
    committed_at = serializers.DateTimeField(allow_null=True)


class ReleaseDetailSerializer(WrittenReleaseSerializer):
    health = FullHealthSerializer()
    changes = CodeChangeSerializer(many=True, help_text="Commits, the newest first.")


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField(help_text="What the SDK calls it.")
    project = serializers.CharField()
    user_key = serializers.CharField()
    state = serializers.ChoiceField(SessionState.choices)
    environment = serializers.CharField()
    release = serializers.CharField()
    errors = serializers.IntegerField()  # type: ignore[assignment]
    duration = serializers.FloatField(allow_null=True, help_text="Seconds, when its SDK said so.")
    is_tracked = serializers.BooleanField(help_text="Its SDK reports it; otherwise only errors named it.")
    started_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class JourneySerializer(TimelineSerializer):
    session = SessionSerializer()


class MatchedFrameSerializer(serializers.Serializer[Any]):
    file = serializers.CharField(help_text="As the commit names it.")
    filename = serializers.CharField(help_text="As the stack names it.")
    function = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    depth = serializers.IntegerField(help_text="Calls from the innermost frame of the program's own code.")
    is_by_name = serializers.BooleanField(help_text="Only the name of the file is the same, not where it is.")


class SuspectSerializer(serializers.Serializer[Any]):
    commit = serializers.CharField()
    message = serializers.CharField()
    author = serializers.CharField()
    committed_at = serializers.DateTimeField(allow_null=True)
    score = serializers.FloatField(help_text="0 to 1; says what to look at first, not what is likely the cause.")
    matches = MatchedFrameSerializer(many=True, help_text="The innermost first.")


class SuspectsSerializer(serializers.Serializer[Any]):
    release = serializers.CharField(allow_null=True, help_text="Of the oldest report that is kept and names one.")
    basis = serializers.ChoiceField(BASES, help_text="Whose commits were looked at.")
    basis_release = serializers.CharField(allow_null=True)
    reports = serializers.IntegerField(help_text="Looked at.")
    commits = serializers.IntegerField(help_text="Looked at.")
    results = SuspectSerializer(many=True)


def _within(value: datetime | None) -> datetime | None:
    if value and not _EARLIEST <= value <= _LATEST:
        raise serializers.ValidationError("Moments are between 1990 and 2200.")
    return value
