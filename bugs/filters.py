"""The list parameters of bugs: one set for lists, exports, webhooks and streams."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from audit.actors import Principal
from bugs import query
from bugs.choices import BugType, Level, Priority, Resolution, Severity, Status
from bugs.models import Bug
from bugs.query import conditions, sql, times
from config.api.problems import Problem

MAX_NAME = 200


class Choices(django_filters.MultipleChoiceFilter):
    """Any of the values, by IN: no join that could repeat a row, so no DISTINCT that would sort them all."""

    def filter(self, queryset: QuerySet[Bug], value: list[str]) -> QuerySet[Bug]:
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


class NamesField(forms.MultipleChoiceField):
    """Any names: whether one exists is not for a filter to tell."""

    def valid_value(self, value: str) -> bool:
        return len(value) <= MAX_NAME and "\x00" not in value


class Names(django_filters.MultipleChoiceFilter):
    """Bugs whose column is any of the names, asked as the filter language asks it: without joins."""

    field_class = NamesField

    def filter(self, queryset: QuerySet[Bug], value: list[str]) -> QuerySet[Bug]:
        if not value:
            return queryset
        wanted = conditions.Any(tuple(self._condition(name) for name in value))
        return queryset.filter(sql.compiled(wanted, user_id=None, now=timezone.now()))

    def _condition(self, name: str) -> conditions.Condition:
        if self.field_name == "project":
            return conditions.Reference("project", name)
        if self.field_name in ("assignee", "reporter"):
            return conditions.Person(self.field_name, name)
        return conditions.OneOf(str(self.field_name), (name,))


class TruthField(forms.NullBooleanField):
    """Django's own takes what it does not know for nothing asked, and would list everything."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        try:
            return {"true": True, "1": True, "false": False, "0": False, "": None}[str(value or "").lower()]
        except KeyError:
            raise forms.ValidationError("Give true or false.") from None


class MomentField(forms.Field):
    """A time of RFC 3339, a day, or one counted from now: `-7d`, `today`."""

    def to_python(self, value: Any) -> datetime | None:
        if value in (None, "") or isinstance(value, datetime):
            return value or None
        try:
            return times.moment(str(value)).at(timezone.now())[0]
        except times.NoTime:
            raise forms.ValidationError("Give a time such as 2026-05-01T12:00:00Z, 2026-05-01 or -7d.") from None


class Moments(django_filters.Filter):
    field_class = MomentField


class Truth(django_filters.BooleanFilter):
    field_class = TruthField


class BugFilter(django_filters.FilterSet):
    """BugFilters of the specification; repeatable ones mean any of."""

    q = django_filters.CharFilter(method="by_query", strip=False, label="The filter language: docs/filters.md.")
    status = Choices(choices=Status.choices)
    severity = Choices(choices=Severity.choices)
    priority = Choices(choices=Priority.choices)
    bug_type = Choices(choices=BugType.choices)
    resolution = Choices(choices=Resolution.choices)
    error_level = Choices(choices=Level.choices)
    assigned_to = Names(field_name="assignee", label="user names")
    reporter = Names(field_name="reporter", label="user names")
    component_name = Names(field_name="component", label="components")
    environment = Names(field_name="environment", label="environments")
    release = Names(field_name="release", label="versions")
    project = Names(field_name="project", label="keys of projects")
    created_after = Moments(field_name="created_at", lookup_expr="gt")
    created_before = Moments(field_name="created_at", lookup_expr="lt")
    updated_after = Moments(field_name="updated_at", lookup_expr="gt")
    updated_before = Moments(field_name="updated_at", lookup_expr="lt")
    has_errors = Truth(field_name="error_count", method="by_count")
    has_attachments = Truth(field_name="attachment_count", method="by_count")

    class Meta:
        model = Bug
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, principal: Principal | None = None, **more: Any) -> None:
        # A FilterSet copies all filters it has, deeply: half of what a list cost. These are the ones in use.
        self.base_filters = OrderedDict(pair for pair in self.base_filters.items() if pair[0] in (data or {}))
        super().__init__(data, *args, **more)
        self.principal: Any = principal or getattr(self.request, "user", None)

    def is_valid(self) -> bool:
        """In a view a filter that cannot be understood is a problem with its place."""
        text = (self.data or {}).get("q") if self.request is not None else None
        if text:
            try:
                query.condition(text, principal=self.principal)
            except query.BadQuery as error:
                raise refusal(error) from None
        return super().is_valid()

    def by_query(self, queryset: QuerySet[Bug], name: str, value: str) -> QuerySet[Bug]:
        return query.apply(queryset, value, principal=self.principal)

    def by_count(self, queryset: QuerySet[Bug], name: str, value: bool) -> QuerySet[Bug]:
        counted = queryset.filter(**{f"{name}__gt": 0} if value else {name: 0})
        if value and name == "error_count":
            # What counts errors has their level. An index can know that; the count itself moves with every error, and
            # an index of it would make each of these writes dear.
            return counted.exclude(error_level="")
        return counted


def refusal(error: query.BadQuery, pointer: str = "/q") -> Problem:
    """A filter that cannot be understood, as a problem that points at the place in it."""
    problem = Problem(400, "invalid_query", error.detail, pointer=pointer)
    place: dict[str, Any] = {"reason": error.code, "position": error.position, "length": error.length}
    for each in problem.errors:
        each.update(place)
    return problem


class BadFilter(ValueError):
    """A parameter that is not known or not as it must be; `name` says which."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def clean(parameters: Mapping[str, Any], *, is_live: bool = False) -> dict[str, Any]:
    """Checked values of those parameters that were given; raises BadFilter. For filters outside a URL.

    is_live: for streams, which see changes alone; the others list bugs.
    """
    for name in parameters:
        if name not in BugFilter.base_filters:
            raise BadFilter(str(name), f"There is no filter {str(name)[:40]!r}.")
    form = BugFilter({name: _text(value) for name, value in parameters.items()}, queryset=Bug.objects.none()).form
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadFilter(name, str(errors[0]))
    cleaned = {name: value for name, value in form.cleaned_data.items() if name in parameters}
    if cleaned.get("q"):
        _check(cleaned["q"], is_live=is_live)
    return cleaned


def check_list(text: str) -> None:
    """Raises BadFilter for a query that only events can answer, such as `changed:status`."""
    _check(text, is_live=False)


def _check(text: str, *, is_live: bool) -> None:
    try:
        (query.check_live if is_live else query.check_list)(text)
    except query.BadQuery as error:
        raise BadFilter("q", f"{error.detail} (character {error.position + 1})") from None


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def apply(queryset: QuerySet[Bug], parameters: Mapping[str, Any], *, principal: Principal) -> QuerySet[Bug]:
    """The queryset under parameters that `clean` has accepted."""
    given = {name: _text(value) for name, value in parameters.items()}
    return BugFilter(given, queryset=queryset, principal=principal).qs
