"""Shapes of groups of errors and of what is done with them."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Level
from config.api.serializers import StrictSerializer

SPLIT_MAX = 50  # groups that one call takes out: each may get a bug, all in one transaction


class GroupParametersSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False)
    level = serializers.MultipleChoiceField(choices=Level.choices, required=False)


class ErrorGroupSerializer(serializers.Serializer[Any]):
    """Reports that are the same problem; with those of the groups that stand behind this one."""

    id = serializers.UUIDField()
    project = serializers.CharField()
    bug_id = serializers.UUIDField(allow_null=True)
    bug = serializers.CharField(allow_null=True, help_text="The reference of its bug.")
    title = serializers.CharField()
    culprit = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    grouping = serializers.CharField(help_text="The version and the rule that made the group.")
    reports = serializers.IntegerField()
    users = serializers.IntegerField(help_text="Of more than 10,000, one whom two groups met counts twice.")
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    spiking_since = serializers.DateTimeField(allow_null=True, help_text="When errors began to come far more often.")
    merged_into = serializers.UUIDField(allow_null=True, help_text="The group that it stands behind.")
    member_count = serializers.IntegerField(help_text="How many groups stand behind it.")


class MemberGroupSerializer(serializers.Serializer[Any]):
    """A group that stands behind another."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    grouping = serializers.CharField()
    reports = serializers.IntegerField()
    last_seen_at = serializers.DateTimeField()
    similarity = serializers.FloatField(
        allow_null=True, help_text="Of the stacks, 0 to 1, when that was the reason; null when someone put it there."
    )


class RegroupingSerializer(serializers.Serializer[Any]):
    """How grouping its stored reports anew went or goes; with those of the groups behind it."""

    state = serializers.ChoiceField(["waiting", "looking", "moving", "done", "failed"])
    reason = serializers.ChoiceField(["", "too_many_groups", "failed"], help_text="Why it was given up.")
    looked_at = serializers.IntegerField(help_text="Reports, of the first pass or the second, which moves them.")
    moved = serializers.IntegerField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ErrorGroupDetailSerializer(ErrorGroupSerializer):
    members = MemberGroupSerializer(many=True, help_text="Those seen last, 100 at most.")
    regrouping = RegroupingSerializer(allow_null=True, help_text="Null when nobody asked for it.")


class GroupMoveSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(["merge", "split", "attach"])
    group = serializers.UUIDField()
    into = serializers.UUIDField(allow_null=True, help_text="The group that it was put behind or taken out of.")
    similarity = serializers.FloatField(allow_null=True)
    actor = serializers.CharField()
    moved_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class GroupMergeSerializer(StrictSerializer):
    into = serializers.UUIDField(help_text="The group that it is to stand behind, of the same project.")


class GroupSplitSerializer(StrictSerializer):
    groups = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        min_length=1,
        max_length=SPLIT_MAX,
        help_text="Groups behind this one; without them, this group is taken out of the one it stands behind.",
    )


class CustomRuleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, help_text="Null when it was removed since.")


class DecisionSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(help_text="Of the rules.")
    rule = serializers.CharField(
        help_text="What decided: in_app, frames, type_message, message and the like; fingerprint when the SDK sent "
        "one, rule when a rule of the project did."
    )
    parts = serializers.DictField(help_text="What the fingerprint is made of.")
    fingerprint = serializers.CharField()
    custom_rule = CustomRuleSerializer(allow_null=True)


class TodaySerializer(DecisionSerializer):
    is_same = serializers.BooleanField(help_text="Whether it would be in the same group.")


class BehindSerializer(serializers.Serializer[Any]):
    """The group that the report's own group stands behind, and why."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(["merge", "attach"], allow_null=True)
    similarity = serializers.FloatField(allow_null=True, help_text="Of the stacks, when that was the reason.")
    actor = serializers.CharField(allow_null=True)
    moved_at = serializers.DateTimeField(allow_null=True)
    frames = serializers.ListField(
        child=serializers.CharField(), help_text="What its newest report has in common with this one."
    )


class GroupingExplanationSerializer(DecisionSerializer):
    """Why a report is in its group."""

    report = serializers.UUIDField()
    group_id = serializers.UUIDField()
    title = serializers.CharField(help_text="Of the group.")
    is_kept = serializers.BooleanField(help_text="False when it was not kept with the report, and is made anew.")
    today = TodaySerializer(help_text="What the rules of today would decide.")
    behind = BehindSerializer(allow_null=True)
