"""Shapes of what a project wants of redaction, and of texts as they were written."""

from typing import Any

from rest_framework import serializers

from bugs.privacy import detectors
from bugs.privacy.rules import ALLOWED_LENGTH, ALLOWED_MAX, PATTERN_LENGTH, PATTERNS_MAX
from bugs.serializers.bugs import BugSerializer
from bugs.serializers.comments import CommentEditSerializer, CommentSerializer
from bugs.serializers.feedback import FeedbackSerializer
from config.api.serializers import StrictSerializer

TRIED_MAX = 20_000


class OwnPatternSerializer(StrictSerializer):
    """What a project takes out beside what the detectors find."""

    name = serializers.CharField(max_length=31, help_text="What stands in its place: `[redacted:name]`.")
    pattern = serializers.CharField(max_length=PATTERN_LENGTH, help_text="In the syntax of RE2.")


class RulesSerializer(StrictSerializer):
    """All rules of a project; what is left out is empty."""

    switched_off = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=len(detectors.KINDS),
        default=list,
        help_text=f"Detectors that are not used, of {', '.join(sorted(detectors.KINDS))}.",
    )
    patterns = serializers.ListField(child=OwnPatternSerializer(), max_length=PATTERNS_MAX, default=list)
    allow = serializers.ListField(
        child=serializers.CharField(max_length=ALLOWED_LENGTH),
        max_length=ALLOWED_MAX,
        default=list,
        help_text="Texts that stay, whatever finds them; `*` stands for anything.",
    )


class RedactionSerializer(serializers.Serializer[Any]):
    """How far it is that texts are read again after a change of the rules."""

    state = serializers.ChoiceField(["queued", "running", "done"])
    version = serializers.IntegerField(help_text="The rules that texts have when it is done.")
    stage = serializers.CharField(help_text="What is being read: bugs, commits, views, reports or groups.")
    done = serializers.IntegerField(help_text="Rows that were looked at.")
    total = serializers.IntegerField(allow_null=True, help_text="Rows that there were when it began.")
    changed = serializers.IntegerField(help_text="Rows whose texts are others now.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PrivacySerializer(serializers.Serializer[Any]):
    """The rules of a project, and the work over the texts that it had before."""

    switched_off = serializers.ListField(child=serializers.CharField())
    patterns = OwnPatternSerializer(many=True)
    allow = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="Grows with each change of the rules; the entity tag.")
    redaction = RedactionSerializer(allow_null=True)


class TrySerializer(StrictSerializer):
    """A text to be read, and the rules to read it by; without rules those of the project. Nothing is kept."""

    text = serializers.CharField(max_length=TRIED_MAX)
    rules = RulesSerializer(required=False)


class TriedSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="What would be kept.")
    found = serializers.DictField(child=serializers.IntegerField(), help_text="What was found, and how often.")


class FileNameSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class RawBugSerializer(BugSerializer):
    """A bug as it was written, with the names of its files."""

    attachments = FileNameSerializer(many=True)


class RawCommentSerializer(CommentSerializer):
    """A comment as it was written, with what it said before."""

    edits = CommentEditSerializer(many=True)


class RawFeedbackSerializer(FeedbackSerializer):
    """Feedback as it was given, with who gave it."""
