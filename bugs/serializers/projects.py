"""Shapes of projects, of the people in them, and of their rules."""

from typing import Any

from rest_framework import serializers

from bugs import error_settings
from bugs.choices import BugsFrom, Role, Severity
from config.api.serializers import StrictSerializer


class ErrorSettingsSerializer(StrictSerializer):
    """What a project sets for its errors; of a change only the named ones change."""

    bugs_from = serializers.ChoiceField(
        BugsFrom.choices, required=False, help_text="The least level of an error whose new group bears a bug."
    )
    attaches_similar = serializers.BooleanField(
        required=False, help_text="Whether a new group may stand behind one with a similar stack."
    )
    events_per_minute = serializers.IntegerField(
        min_value=1,
        max_value=error_settings.EVENTS_PER_MINUTE_MAX,
        allow_null=True,
        required=False,
        help_text="More than these are refused; null is no bound of the project's own.",
    )
    retention_days = serializers.IntegerField(
        min_value=1,
        max_value=error_settings.RETENTION_DAYS_MAX,
        allow_null=True,
        required=False,
        help_text="How long reports are kept, at most; null is as long as the server keeps them.",
    )


class ProjectChangesSerializer(StrictSerializer):
    """What admins change; each field is given whole."""

    name = serializers.CharField(max_length=100)
    time_zone = serializers.CharField(max_length=50, help_text="An IANA name, like Europe/Zurich.")
    custom_fields = serializers.JSONField(
        help_text='Name to definition: `{"team": {"type": "choice", "choices": ["red", "blue"]}}`; the other types are '
        "text, number, boolean and date."
    )
    sla = serializers.JSONField(
        help_text='Severity to hours: `{"high": {"triage_hours": 8, "resolve_hours": 72}}`; what is missing has no '
        "target."
    )
    errors = ErrorSettingsSerializer()  # type: ignore[assignment]


class ProjectSerializer(serializers.Serializer[Any]):
    """A project as those in it see it."""

    id = serializers.UUIDField()
    key = serializers.CharField(help_text="References of its bugs begin with it.")
    name = serializers.CharField()
    number = serializers.IntegerField(help_text="What SDKs know it by.")
    time_zone = serializers.CharField()
    custom_fields = serializers.DictField()
    sla = serializers.DictField()
    errors = ErrorSettingsSerializer()  # type: ignore[assignment]
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    role = serializers.ChoiceField(Role.choices, help_text="The caller's; of several the last in the order below.")
    roles = serializers.ListField(
        child=serializers.ChoiceField(Role.choices), help_text="All of the caller's, their groups' too."
    )


class NewMemberSerializer(StrictSerializer):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(Role.choices)


class MemberRoleSerializer(StrictSerializer):
    role = serializers.ChoiceField(Role.choices)


class ThroughGroupSerializer(serializers.Serializer[Any]):
    group = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)


class MemberSerializer(serializers.Serializer[Any]):
    """A person in a project: what they may do is what one of their roles allows."""

    username = serializers.CharField()
    role = serializers.ChoiceField(
        Role.choices, allow_null=True, help_text="Their own; null when they are here through groups alone."
    )
    groups = ThroughGroupSerializer(many=True, help_text="Their groups that have a role here.")


class NewGroupRoleSerializer(StrictSerializer):
    name = serializers.CharField(max_length=150, help_text="Of a group that operators made.")
    role = serializers.ChoiceField(Role.choices)


class GroupRoleSerializer(serializers.Serializer[Any]):
    """A group of people with a role in a project."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)


class AssignmentRuleSerializer(StrictSerializer):
    """New bugs like this go to that person; the first rule that fits wins. Patterns have `*`, empty ones fit all."""

    position = serializers.IntegerField(min_value=0, max_value=32_767, default=0, help_text="Lower ones are first.")
    component = serializers.CharField(max_length=100, allow_blank=True, default="")
    path = serializers.CharField(max_length=200, allow_blank=True, default="", help_text="Of the code that failed.")
    assignee = serializers.CharField(max_length=150)


class AssignmentRuleAnswerSerializer(AssignmentRuleSerializer):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class EscalationRuleSerializer(StrictSerializer):
    """Open bugs that match `q` and are less severe are raised to `severity`, within a minute or so."""

    q = serializers.CharField(max_length=2_000, help_text="In the filter language.")
    severity = serializers.ChoiceField(Severity.choices)
    is_active = serializers.BooleanField(default=True)


class EscalationRuleAnswerSerializer(EscalationRuleSerializer):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
