"""Shapes of links between bugs and of merges."""

from typing import Any

from rest_framework import serializers

from bugs.choices import LinkKind, Severity, Status
from config.api.serializers import StrictSerializer

MAX_REFERENCE = 40
RELATIONS = [
    *(*LinkKind.values, "blocked_by", "caused_by", "duplicated_by"),
    *("merged_into", "merged_from"),
]


class NewLinkSerializer(StrictSerializer):
    """What this bug does to the other one."""

    to = serializers.CharField(max_length=MAX_REFERENCE, help_text="The id of the other bug or its reference.")
    kind = serializers.ChoiceField(LinkKind.choices)


class MergeSerializer(StrictSerializer):
    into = serializers.CharField(max_length=MAX_REFERENCE, help_text="The id of the other bug or its reference.")


class RelatedSerializer(serializers.Serializer[Any]):
    """Another bug and how this one stands to it."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    project = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    severity = serializers.ChoiceField(Severity.choices)
    relation = serializers.ChoiceField(RELATIONS, help_text="This bug … the other one.")
    link = serializers.UUIDField(allow_null=True, help_text="The link, by which it can be taken away.")
    since = serializers.DateTimeField()


class RelatedListSerializer(serializers.Serializer[Any]):
    results = RelatedSerializer(many=True)


class LinkSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    source = serializers.UUIDField()  # type: ignore[assignment]
    target = serializers.UUIDField()
    kind = serializers.ChoiceField(LinkKind.choices)
    created_at = serializers.DateTimeField()
