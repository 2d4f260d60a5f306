"""Shapes of consents."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Purpose
from bugs.privacy.identity import IDENTITY_MAX
from config.api.serializers import StrictSerializer

_WHO = "An e-mail address, or the name of a member. It is kept encrypted and shown nowhere."


class ReporterSerializer(StrictSerializer):
    """Whom a question or a decision is about."""

    project = serializers.CharField(max_length=10)
    reporter = serializers.CharField(max_length=IDENTITY_MAX, help_text=_WHO)


class NewConsentSerializer(ReporterSerializer):
    purpose = serializers.ChoiceField(Purpose.choices)
    is_granted = serializers.BooleanField()
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=100, required=False, help_text="Where it was said: a form, a letter, a call."
    )


class ConsentSerializer(serializers.Serializer[Any]):
    """One decision. `username` is of members alone."""

    id = serializers.UUIDField()
    project = serializers.CharField()
    reporter_id = serializers.UUIDField()
    username = serializers.CharField(allow_null=True)
    purpose = serializers.ChoiceField(Purpose.choices)
    is_granted = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]
    actor = serializers.CharField()
    decided_at = serializers.DateTimeField()


class ConsentParametersSerializer(StrictSerializer):
    project = serializers.CharField(required=False)
    reporter_id = serializers.UUIDField(required=False)
    purpose = serializers.ChoiceField(Purpose.choices, required=False)


class StandingSerializer(serializers.Serializer[Any]):
    """What a reporter has decided last, by purpose; what is missing was never decided, so it is not granted."""

    reporter_id = serializers.UUIDField(allow_null=True)
    purposes = serializers.DictField(child=serializers.BooleanField())
