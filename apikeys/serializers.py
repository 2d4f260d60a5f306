"""Shapes of keys."""

from typing import Any

from rest_framework import serializers

from apikeys import networks, operations
from apikeys.models import NAME_MAX, REASON_MAX
from apikeys.services import OVERLAP_MAX
from audit.actors import PERMISSIONS
from bugs.choices import Role
from config.api.serializers import StrictSerializer

MAX_PROJECTS = 100


class EndpointField(serializers.CharField):
    """A pattern over operations that at least one of them has."""

    def run_validation(self, data: Any = serializers.empty) -> str:
        try:
            return operations.check_pattern(super().run_validation(data))
        except operations.UnknownOperation as error:
            raise serializers.ValidationError(str(error), "unknown_operation") from None


class NetworkField(serializers.CharField):
    """An address or a network, as it is kept."""

    def run_validation(self, data: Any = serializers.empty) -> str:
        try:
            return str(networks.read(super().run_validation(data)))
        except networks.BadNetwork as error:
            raise serializers.ValidationError(str(error), "invalid_network") from None


def _endpoints(**more: Any) -> serializers.ListField:
    return serializers.ListField(
        child=EndpointField(max_length=operations.MAX_PATTERN),
        max_length=operations.MAX_PATTERNS,
        help_text="Operations that the key is bound to, by their `operationId`, with `*` for any part. None: all.",
        **more,
    )


def _whitelist(**more: Any) -> serializers.ListField:
    return serializers.ListField(
        child=NetworkField(max_length=networks.LONGEST),
        max_length=networks.MAX_NETWORKS,
        help_text="Addresses and networks (`10.0.0.0/8`) that the key may be used from. None: any.",
        **more,
    )


class LimitsSerializer(StrictSerializer):
    requests_per_minute = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    requests_per_hour = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
    requests_per_day = serializers.IntegerField(min_value=1, max_value=100_000_000, required=False)


class NewKeySerializer(StrictSerializer):
    name = serializers.CharField(max_length=NAME_MAX)
    permissions = serializers.ListField(child=serializers.ChoiceField(sorted(PERMISSIONS)), min_length=1, max_length=5)
    role = serializers.ChoiceField(
        Role.choices,
        required=False,
        allow_blank=True,
        help_text="At most that, whatever its owner is. Empty: as the owner's roles.",
    )
    projects = serializers.ListField(
        child=serializers.CharField(max_length=10),
        max_length=MAX_PROJECTS,
        required=False,
        help_text="Keys of projects (`WEB`). None: all of the owner's.",
    )
    endpoints = _endpoints(required=False)
    ip_whitelist = _whitelist(required=False)
    rate_limits = LimitsSerializer(required=False)
    lifetime_days = serializers.IntegerField(min_value=1, max_value=3650, required=False)


class KeyChangesSerializer(StrictSerializer):
    name = serializers.CharField(max_length=NAME_MAX)
    endpoints = _endpoints()
    ip_whitelist = _whitelist()
    rate_limits = LimitsSerializer()


class KeyRotationSerializer(StrictSerializer):
    overlap = serializers.IntegerField(
        min_value=0,
        max_value=int(OVERLAP_MAX.total_seconds()),
        default=86_400,
        help_text="Seconds for which the old key is still valid.",
    )


class KeyRevocationSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=REASON_MAX, default="", allow_blank=True)


class KeyQuestionSerializer(StrictSerializer):
    """A call to ask about: its `operation`, or its `method` and `path`."""

    operation = serializers.CharField(max_length=operations.MAX_PATTERN, required=False)
    method = serializers.ChoiceField(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], required=False)
    path = serializers.CharField(max_length=2_000, required=False)
    project = serializers.CharField(max_length=10, required=False, help_text="A project's key; without it any will do.")
    ip = serializers.IPAddressField(required=False, help_text="Where the call comes from; without it any network does.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("operation" in attrs) == ("method" in attrs) or ("method" in attrs) != ("path" in attrs):
            raise serializers.ValidationError("Name an operation, or a method and a path.")
        return attrs


class KeyRuleSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    passed = serializers.BooleanField()
    detail = serializers.CharField()


class KeyAnswerSerializer(serializers.Serializer[Any]):
    """Whether the call is allowed, the rule that decides, and every rule in the order in which they are asked."""

    allowed = serializers.BooleanField()
    operation = serializers.CharField()
    rule = serializers.CharField(allow_null=True)
    detail = serializers.CharField()
    rules = KeyRuleSerializer(many=True)


class KeyLimitsSerializer(serializers.Serializer[Any]):
    requests_per_minute = serializers.IntegerField()
    requests_per_hour = serializers.IntegerField()
    requests_per_day = serializers.IntegerField()


class KeySerializer(serializers.Serializer[Any]):
    """A key without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    hint = serializers.CharField()
    status = serializers.ChoiceField(["live", "replaced", "expired", "revoked"])
    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    projects = serializers.ListField(child=serializers.CharField())
    endpoints = serializers.ListField(child=serializers.CharField())
    ip_whitelist = serializers.ListField(child=serializers.CharField())
    rate_limits = KeyLimitsSerializer()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    use_count = serializers.IntegerField()
    rotated_from = serializers.UUIDField(allow_null=True)
    replaced_at = serializers.DateTimeField(allow_null=True)
    replaced_by = serializers.UUIDField(allow_null=True)
    uses_since_replaced = serializers.IntegerField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoked_by = serializers.CharField()
    revoked_reason = serializers.CharField()


class IssuedKeySerializer(KeySerializer):
    """A new key with its secret, which is shown this once."""

    key = serializers.CharField()


class KeyOwnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class KeyProjectSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    may = serializers.ListField(child=serializers.CharField())


class KeyWarningSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class CallerSerializer(serializers.Serializer[Any]):
    """The calling credential: what it is, what it may, and where."""

    valid = serializers.BooleanField()
    actor = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    owner = KeyOwnerSerializer()
    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    projects = KeyProjectSerializer(many=True)
    project_count = serializers.IntegerField()
    endpoints = serializers.ListField(child=serializers.CharField())
    ip_whitelist = serializers.ListField(child=serializers.CharField())
    rate_limits = KeyLimitsSerializer(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    warnings = KeyWarningSerializer(many=True)
