"""What one caller may read of the trail: its projects, or all. Who may what is decided upstairs."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet

from audit.actors import Principal
from audit.models import AccessRecord, Event

_M = TypeVar("_M", bound=Model)


@dataclass(frozen=True, slots=True)
class Scope:
    """projects: those whose rows are shown. is_all: rows of no project, and of all others, too."""

    projects: Collection[UUID]
    is_all: bool

    def records(self) -> QuerySet[AccessRecord]:
        """Calls that touched any of the projects."""
        return AccessRecord.objects.all() if self.is_all else self._of(AccessRecord, "project_ids__overlap")

    def events(self) -> QuerySet[Event]:
        return Event.objects.all() if self.is_all else self._of(Event, "project_id__in")

    def covers(self, project_ids: Collection[UUID]) -> bool:
        """Whether everything that a row names may be known."""
        return self.is_all or set(project_ids) <= set(self.projects)

    def known(self, project_ids: Collection[UUID]) -> list[UUID]:
        """Of the projects that a row names, those that may be told."""
        return [one for one in project_ids if self.is_all or one in self.projects]

    def _of(self, model: type[_M], condition: str) -> QuerySet[_M]:
        return model._default_manager.filter(**{condition: list(self.projects)})


def of(principal: Principal, *, personal: bool = False) -> Scope:
    """personal: of what may be read with personal fields."""
    upstairs = _upstairs()
    return Scope(
        frozenset(upstairs.projects(principal, personal=personal)), upstairs.sees_all(principal, personal=personal)
    )


def project_named(principal: Principal, key: str) -> UUID | None:
    """A project whose trail this principal may read."""
    found: UUID | None = _upstairs().project_named(principal, key)
    return found


def _upstairs() -> Any:
    return import_module(settings.AUDIT_SCOPE)
