"""Shapes of erasures."""

from typing import Any

from rest_framework import serializers

from bugs.choices import WorkState
from bugs.privacy.identity import IDENTITY_MAX
from bugs.services.erasures import NAME_MIN, NAMES_MAX
from config.api.serializers import StrictSerializer


class NewErasureSerializer(StrictSerializer):
    person = serializers.CharField(
        max_length=IDENTITY_MAX,
        min_length=NAME_MIN,
        help_text="An e-mail address, a user name, or the id by which a program knows its user.",
    )
    names = serializers.ListField(
        child=serializers.CharField(min_length=NAME_MIN, max_length=100),
        max_length=NAMES_MAX,
        required=False,
        help_text="Other texts that say who it is; they are taken out of every text of people.",
    )
    project = serializers.CharField(required=False, help_text="A project's key; without it, all that are yours to run.")
    with_account = serializers.BooleanField(
        required=False, help_text="The account of that name or address goes as well. For operators."
    )


class ErasureSerializer(serializers.Serializer[Any]):
    """How far it is. counts: rows that had to be changed, by stage; receipt: signed, when it is done."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(WorkState.choices)
    stage = serializers.CharField()
    projects = serializers.ListField(child=serializers.CharField())
    counts = serializers.DictField(child=serializers.IntegerField())
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    receipt = serializers.DictField(allow_null=True)
