"""The plain list parameters of bugs: one set for lists, exports, webhooks and streams."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from bugs.choices import BugType, Level, Severity, Status
from bugs.models import Bug


class NamesField(forms.MultipleChoiceField):
    """Any user names: whether one exists is not for a filter to tell."""

    def valid_value(self, value: str) -> bool:
        return len(value) <= 150 and "\x00" not in value


class Names(django_filters.MultipleChoiceFilter):
    field_class = NamesField

    def filter(self, queryset: QuerySet[Bug], value: list[str]) -> QuerySet[Bug]:
        return queryset.filter(assignee__username__in=value) if value else queryset


class BugFilter(django_filters.FilterSet):
    """BugFilters of the specification; repeatable ones mean any of."""

    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices)
    bug_type = django_filters.MultipleChoiceFilter(choices=BugType.choices)
    error_level = django_filters.MultipleChoiceFilter(choices=Level.choices)
    assigned_to = Names(field_name="assignee__username", label="user names")
    component_name = django_filters.CharFilter(field_name="component")
    project = django_filters.CharFilter(field_name="project__key")
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gt")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    has_errors = django_filters.BooleanFilter(method="by_errors")

    class Meta:
        model = Bug
        fields: list[str] = []

    def by_errors(self, queryset: QuerySet[Bug], name: str, value: bool) -> QuerySet[Bug]:
        return queryset.filter(error_count__gt=0) if value else queryset.filter(error_count=0)


class BadFilter(ValueError):
    """A parameter that is not known or not as it must be; `name` says which."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def clean(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values of those parameters that were given; raises BadFilter. For filters outside a URL."""
    for name in parameters:
        if name not in BugFilter.base_filters:
            raise BadFilter(str(name), f"There is no filter {str(name)[:40]!r}.")
    form = BugFilter({name: _text(value) for name, value in parameters.items()}, queryset=Bug.objects.none()).form
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadFilter(name, str(errors[0]))
    return {name: value for name, value in form.cleaned_data.items() if name in parameters}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def apply(queryset: QuerySet[Bug], parameters: Mapping[str, Any]) -> QuerySet[Bug]:
    """The queryset under parameters that `clean` has accepted."""
    return BugFilter({name: _text(value) for name, value in parameters.items()}, queryset=queryset).qs
