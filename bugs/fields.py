"""The fields that REST shows and takes, by name, for those who describe the same elsewhere."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from bugs.error_filters import LiveGroupParametersSerializer
from bugs.serializers.bugs import BugSerializer
from bugs.serializers.errors import ErrorParametersSerializer
from bugs.serializers.groups import ErrorGroupSerializer
from bugs.serializers.releases import SessionParametersSerializer, SessionSerializer

Fields = Mapping[str, "serializers.Field[Any, Any, Any, Any]"]


def of_bug() -> Fields:
    return BugSerializer().fields


def of_group() -> Fields:
    """Of a kind of error."""
    return ErrorGroupSerializer().fields


def of_session() -> Fields:
    return SessionSerializer().fields


def report_parameters() -> Fields:
    """What lists of error reports are filtered by."""
    return ErrorParametersSerializer().fields


def group_parameters() -> Fields:
    return LiveGroupParametersSerializer().fields


def session_parameters() -> Fields:
    return SessionParametersSerializer().fields
