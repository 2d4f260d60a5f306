"""Shapes of grouping rules, and of what they would do."""

from typing import Any

from rest_framework import serializers

from bugs import grouping_rules
from bugs.choices import Severity
from config.api.serializers import StrictSerializer

LOOKED_AT_MAX = 200  # newest reports of a test
RULES_MAX = 100

_MATCH = (
    "Conditions, all of which must fit: a field and a pattern with `*` and `?`, case does not count. Fields are "
    f"{', '.join(grouping_rules.FIELDS)} and tag.<name>; `path`, `module` and `function` are of any frame."
)
_FINGERPRINT = (
    "Parts by which reports are grouped; reports with the same parts are one group. `{{ default }}` stands for what "
    "would tell them apart without the rule, `{{ tag.region }}` and the like for what the report has there. None "
    "leaves grouping as it is."
)


class ConditionSerializer(StrictSerializer):
    field = serializers.CharField(max_length=len(grouping_rules.TAG) + grouping_rules.TAG_MAX)
    pattern = serializers.CharField(max_length=grouping_rules.PATTERN_MAX, trim_whitespace=False)


class GroupingRuleSerializer(StrictSerializer):
    """Reports like this are grouped, named, rated or ignored like that; the first rule that fits wins."""

    position = serializers.IntegerField(min_value=0, max_value=32_767, default=0, help_text="Lower ones are first.")
    name = serializers.CharField(max_length=100)
    match = serializers.ListField(
        child=ConditionSerializer(), max_length=grouping_rules.CONDITIONS_MAX, help_text=_MATCH
    )
    fingerprint = serializers.ListField(
        child=serializers.CharField(max_length=grouping_rules.PART_MAX, trim_whitespace=False),
        max_length=grouping_rules.PARTS_MAX,
        default=list,
        help_text=_FINGERPRINT,
    )
    component = serializers.CharField(max_length=100, allow_blank=True, default="", help_text="Of the bug it bears.")
    severity = serializers.ChoiceField(
        Severity.choices, allow_blank=True, default="", help_text="Of the bug that a new group bears."
    )
    is_ignored = serializers.BooleanField(default=False, help_text="Such reports are counted as filtered, not kept.")
    is_active = serializers.BooleanField(default=True)


class GroupingRuleAnswerSerializer(GroupingRuleSerializer):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class RuleTestSerializer(StrictSerializer):
    """Rules that are tried, without being kept, over the newest reports of the project."""

    rules = serializers.ListField(
        child=GroupingRuleSerializer(),
        required=False,
        max_length=RULES_MAX,
        help_text="Without them those of the project that are active.",
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=LOOKED_AT_MAX, default=LOOKED_AT_MAX, help_text="How many of the newest reports."
    )


class TriedRuleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    matched = serializers.IntegerField(help_text="Reports of which it is the first rule that fits.")


class TriedReportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    group_id = serializers.UUIDField(help_text="The group that it is in.")
    title = serializers.CharField()
    rule = serializers.CharField(help_text="The name of the rule that fits first.")
    fingerprint = serializers.CharField(help_text="What it would be grouped by.")
    moves = serializers.BooleanField(help_text="Whether it would be in another group.")
    is_ignored = serializers.BooleanField()


class RuleTestAnswerSerializer(serializers.Serializer[Any]):
    looked_at = serializers.IntegerField()
    matched = serializers.IntegerField()
    ignored = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="Those that would be in another group.")
    groups = serializers.IntegerField(help_text="Groups that the matched reports are in.")
    groups_then = serializers.IntegerField(help_text="Groups that they would be in.")
    rules = TriedRuleSerializer(many=True)
    examples = TriedReportSerializer(many=True, help_text="The newest that match, 10 at most.")
