"""Shapes of files beside a bug and of the links that lead to them."""

from typing import Any

from rest_framework import serializers

from bugs.signed_links import LIFETIME, MAX_LIFETIME
from config.api.serializers import StrictSerializer


class UploadSerializer(serializers.Serializer[Any]):
    """multipart/form-data with one part named file."""

    file = serializers.FileField()


class AttachmentSerializer(serializers.Serializer[Any]):
    """What is known of a file."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField(help_text="What its bytes say.")
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    uploader = serializers.CharField(allow_null=True)
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()


class LinkRequestSerializer(StrictSerializer):
    """For how many seconds the link is good."""

    expires_in = serializers.IntegerField(min_value=1, max_value=MAX_LIFETIME, default=LIFETIME)


class DownloadLinkSerializer(serializers.Serializer[Any]):
    """Whoever has the link has the file, until it expires."""

    url = serializers.URLField()
    expires_at = serializers.DateTimeField()
