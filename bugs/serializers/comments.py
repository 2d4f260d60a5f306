"""Shapes of comments and of what they said before."""

from typing import Any

from rest_framework import serializers

from config.api.serializers import StrictSerializer

MAX_BODY = 20_000


class CommentTextSerializer(StrictSerializer):
    """Another text for a comment; what it said before is kept."""

    body = serializers.CharField(max_length=MAX_BODY)


class NewCommentSerializer(CommentTextSerializer):
    """A new comment; an internal one exists only for those who work on the project."""

    is_internal = serializers.BooleanField(default=False)


class CommentSerializer(serializers.Serializer[Any]):
    """A comment as every door shows it."""

    id = serializers.UUIDField()
    body = serializers.CharField()
    is_internal = serializers.BooleanField()
    author = serializers.CharField(allow_null=True, help_text="User name; null for the system or someone who is gone.")
    actor = serializers.CharField(help_text="`user:…`, `key:…` or `system`.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class CommentEditSerializer(serializers.Serializer[Any]):
    """What a comment said until then, and who changed it."""

    id = serializers.UUIDField()
    body = serializers.CharField()
    actor = serializers.CharField()
    edited_at = serializers.DateTimeField()
