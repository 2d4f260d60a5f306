"""The plain parameters of the trail's lists."""

from datetime import datetime, timedelta
from typing import Any, cast

import django_filters
from django.db.models import QuerySet

from audit import chains, scopes
from audit.actors import Principal
from audit.identifiers import first_of
from audit.models import AccessRecord, Event, Seal

CHANNELS = ("rest", "stream", "mcp", "admin", "page")
OUTCOMES = ("allowed", "refused", "failed")
SLACK = timedelta(seconds=2)  # an id is made a moment before its row gets its time
_EARLIEST, _LATEST = 1971, 9998  # years; what is beyond is no bound
STATUS_MAX, TEXT_MAX = 9_999, 80


class Text(django_filters.CharFilter):
    """One value, no longer than the columns are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=TEXT_MAX)


class TrailFilter(django_filters.FilterSet):
    """What lists of records and of events have in common."""

    actor = Text(help_text="`key:<uuid>`, `user:<id>`, `connector:<uuid>`, `system` or `anonymous`.")
    project = Text(method="in_project", help_text="A project's key.")
    occurred_after = django_filters.IsoDateTimeFilter(method="after", help_text="At or after this moment.")
    occurred_before = django_filters.IsoDateTimeFilter(method="before", help_text="Before this moment.")

    indexed: tuple[str, ...] = ("actor",)  # each has an index together with the id

    def bounds(self) -> dict[str, Any]:
        """What of the parameters an index answers: conditions that a bounded scan may count by."""
        asked = self.form.cleaned_data
        found = {name: asked[name] for name in self.indexed if asked.get(name)}
        after, before = asked.get("occurred_after"), asked.get("occurred_before")
        if after and _has_id(after):
            found["id__gte"] = first_of(after - SLACK)
        if before and _has_id(before):
            found["id__lt"] = first_of(before + SLACK)
        return found

    def after(self, queryset: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        return queryset.filter(occurred_at__gte=value)

    def before(self, queryset: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        return queryset.filter(occurred_at__lt=value)

    def in_project(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """A foreign project has as few rows as one that is not there."""
        caller = cast(Principal, self.request.user) if self.request else None
        found = scopes.project_named(caller, value) if caller else None
        return self.of_project(queryset, found) if found else queryset.none()

    def of_project(self, queryset: QuerySet[Any], project_id: Any) -> QuerySet[Any]:
        return queryset.filter(project_id=project_id)


class AccessFilter(TrailFilter):
    indexed = ("actor", "target", "request_id")

    operation = Text(help_text="An operation of the API, such as `bugs_list`.")
    outcome = django_filters.ChoiceFilter(choices=[(one, one) for one in OUTCOMES])
    status = django_filters.NumberFilter(min_value=100, max_value=STATUS_MAX, help_text="A status of HTTP.")
    channel = django_filters.ChoiceFilter(choices=[(one, one) for one in CHANNELS])
    target = Text(help_text="What it was about: `bug:<uuid>`, `export:<uuid>`.")
    data_class = django_filters.ChoiceFilter(choices=[("raw", "raw")], help_text="Reads of personal data.")
    request_id = Text(help_text="As the header `X-Request-ID` has it.")

    class Meta:
        model = AccessRecord
        fields: list[str] = []

    def of_project(self, queryset: QuerySet[Any], project_id: Any) -> QuerySet[Any]:
        return queryset.filter(project_ids__overlap=[project_id])


class EventFilter(TrailFilter):
    indexed = ("actor", "subject")

    type = Text(method="of_type", help_text="`bug.created`, or a family: `bug.*`.")
    subject = Text(help_text="`bug:<uuid>`.")

    class Meta:
        model = Event
        fields: list[str] = []

    def of_type(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value.endswith(".*"):
            return queryset.filter(type__startswith=value[:-1])
        return queryset.filter(type=value)


class SealFilter(django_filters.FilterSet):
    chain = django_filters.ChoiceFilter(choices=[(one, one) for one in chains.CHAINS])

    class Meta:
        model = Seal
        fields: list[str] = []


def _has_id(moment: datetime) -> bool:
    """Ids are in time order and have an index, so a moment is a bound of ids too; what is beyond is none."""
    return _EARLIEST <= moment.year <= _LATEST
