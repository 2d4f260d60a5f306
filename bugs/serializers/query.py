"""A filter explained, as the API shows it."""

from typing import Any

from rest_framework import serializers


class QueryExplanationSerializer(serializers.Serializer[Any]):
    meaning = serializers.CharField(help_text="The filter in plain words.")
    tree = serializers.DictField(help_text="`all`, `any`, `not`, `text`, or `field` with its tests.")
    fields_used = serializers.ListField(child=serializers.CharField(), source="fields")
    is_live = serializers.BooleanField(help_text="Whether streams take it.")
    is_for_triggers = serializers.BooleanField(help_text="It asks what an event changed: no list can answer it.")
