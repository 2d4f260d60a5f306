"""What an export looks like outside, and what a request for one may say."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bugs.choices import Purpose
from config.api.serializers import StrictSerializer
from exports.columns import COLUMNS
from exports.formats import Format
from exports.models import Export, Resource, State


class ExportRequestSerializer(StrictSerializer):
    resource = serializers.ChoiceField(Resource.choices, default=Resource.BUGS)
    format = serializers.ChoiceField(Format.choices)
    project = serializers.CharField(required=False, help_text="A project's key; without it, all you may export.")
    filters = serializers.DictField(required=False, help_text="The list parameters of bugs.")
    purpose = serializers.ChoiceField(
        Purpose.choices,
        required=False,
        help_text=(
            "Makes it a raw export: texts of reporters who agreed to this purpose are as they were written. Needs the "
            "permission pii."
        ),
    )
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.ChoiceField([(name, name) for name in COLUMNS]),
        required=False,
        max_length=len(COLUMNS),
    )


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    eta_seconds = serializers.IntegerField(allow_null=True)


class ExportSerializer(serializers.ModelSerializer[Export]):
    fields_ = serializers.ListField(child=serializers.CharField(), source="fields")
    progress = serializers.SerializerMethodField()
    rows = serializers.IntegerField(source="rows_done")
    error = serializers.CharField()
    download = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = [
            *(
                "id",
                "resource",
                "format",
                "state",
                "project_ids",
                "filters",
                "fields_",
                "purpose",
                "requested_by",
                "progress",
            ),
            *("rows", "rows_raw", "size", "sha256", "error", "download", "created_at", "started_at", "finished_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, export: Export) -> dict[str, int | None]:
        done, total = export.rows_done, export.rows_total
        percent = None if total is None else 100 if export.state == State.READY or not total else done * 100 // total
        return {"done": done, "total": total, "percent": percent, "eta_seconds": _eta(export)}

    def get_download(self, export: Export) -> str | None:
        if export.state != State.READY:
            return None
        url: str = self.context["view"].reverse_action("download", args=[export.pk])
        return url

    def to_representation(self, export: Export) -> dict[str, Any]:
        """`fields` is a name that serializers keep for themselves."""
        shown = super().to_representation(export)
        return {name.rstrip("_"): value for name, value in shown.items()}


class ManifestSerializer(serializers.ModelSerializer[Export]):
    rows = serializers.IntegerField(source="rows_done")

    class Meta:
        model = Export
        fields = ["id", "file", "format", "purpose", "rows", "rows_raw", "size", "sha256", "finished_at"]
        read_only_fields = fields


def _eta(export: Export) -> int | None:
    """Seconds left at the speed so far."""
    if export.state != State.RUNNING or not export.rows_total or not export.rows_done or not export.started_at:
        return None
    elapsed = (datetime.now(UTC) - export.started_at).total_seconds()
    return max(0, round(elapsed * (export.rows_total - export.rows_done) / export.rows_done))
