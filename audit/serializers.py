"""The trail as the API shows it, and what it takes."""

from typing import Any

from rest_framework import serializers

from audit import chains
from config.api.serializers import StrictSerializer

SEALS_DEFAULT, SEALS_MAX = 100, 200  # that one call verifies


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.CharField()
    subject = serializers.CharField()
    project_id = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class AccessSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    channel = serializers.CharField()
    actor = serializers.CharField()
    operation = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField(help_text="The route, such as `/api/v1/bugs/{pk}/`; empty when there was none.")
    status = serializers.IntegerField()
    outcome = serializers.CharField(help_text="`allowed`, `refused` or `failed`.")
    code = serializers.CharField()
    target = serializers.CharField(help_text="What it was about, the first of `targets`.")
    targets = serializers.IntegerField()
    data_class = serializers.CharField(help_text="`raw` when personal data was read.")
    request_id = serializers.CharField()
    project_ids = serializers.ListField(child=serializers.UUIDField(), help_text="Of those that you may know.")
    duration_ms = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the answer.")
    count = serializers.IntegerField(help_text="More than 1 for refused calls that were counted.")


class PersonalSerializer(AccessSerializer):
    personal = serializers.DictField(
        allow_null=True, help_text="`ip`, `user_agent`, `path`, `query`, …; null once the person was forgotten."
    )


class SealSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField()
    number = serializers.IntegerField()
    count = serializers.IntegerField()
    sealed_at = serializers.DateTimeField()
    seal = serializers.CharField(help_text="The text that is signed, byte for byte.")
    signature = serializers.CharField(help_text="Ed25519, in base64.")


class VerifySerializer(StrictSerializer):
    chain = serializers.ChoiceField(list(chains.CHAINS), required=False, help_text="Both without it.")
    seals = serializers.IntegerField(
        min_value=1, max_value=SEALS_MAX, default=SEALS_DEFAULT, help_text="So many of the newest of each chain."
    )


class FaultSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    where = serializers.CharField(help_text="The first row or seal that is not as it was.")
    detail = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField()
    is_intact = serializers.BooleanField()
    seals = serializers.IntegerField()
    rows = serializers.IntegerField()
    pruned = serializers.IntegerField(help_text="Seals of months that were dropped.")
    unsealed = serializers.IntegerField(help_text="Rows that wait for a seal.")
    first = serializers.IntegerField(allow_null=True, help_text="The first seal that was looked at.")
    last = serializers.IntegerField(allow_null=True)
    logged = serializers.IntegerField(allow_null=True, help_text="Entries of the log; null when it is not here.")
    fault = FaultSerializer(allow_null=True)


class VerifiedSerializer(serializers.Serializer[Any]):
    is_intact = serializers.BooleanField()
    chains = ReportSerializer(many=True)
    public_keys = serializers.DictField(child=serializers.CharField(), help_text="By their ids in seals.")


class ProofSerializer(serializers.Serializer[Any]):
    format = serializers.IntegerField()
    line = serializers.CharField(help_text="The row as it was sealed.")
    index = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    seal = serializers.CharField()
    signature = serializers.CharField()
    public_key = serializers.CharField()
