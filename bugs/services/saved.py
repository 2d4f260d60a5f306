"""Saved views: filters with names, of one person or shared with a project."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from bugs import events, policy, query
from bugs.models import Bug, SavedView, User
from bugs.selectors import privacy
from bugs.services import rows

NAME_MAX = 100
MAX_VIEWS = 200  # of one owner


class NameTaken(ValueError):
    """The owner has another view of that name."""


class SharedNowhere(ValueError):
    """Only views of a project are shared: with those who see it."""


class TooMany(ValueError):
    """The owner has as many views as one may have."""


@transaction.atomic
def create(
    *, name: str, by: Principal, q: str = "", ordering: str, project_id: UUID | None = None, is_shared: bool = False
) -> SavedView:
    """Keep a filter under a name; a key keeps it for its owner. Personal data goes out of both.

    Raises NameTaken, SharedNowhere, TooMany, query.BadQuery or policy.Refused.
    """
    if by.user_id is None:
        raise policy.Refused("view.write")
    now, texts = timezone.now(), _clean(project_id, {"name": name, "q": q})
    view = SavedView(
        owner_id=by.user_id,
        project_id=project_id,
        name=texts["name"],
        q=texts["q"],
        ordering=ordering,
        is_shared=is_shared,
        created_at=now,
        updated_at=now,
    )
    _hold(by.user_id)
    if SavedView.objects.filter(owner_id=by.user_id).count() >= MAX_VIEWS:
        raise TooMany
    _check(view, by)
    view.save(force_insert=True)
    events.view_created(view, by=by)
    return view


@transaction.atomic
def update(view_id: UUID, *, changes: Mapping[str, Any], by: Principal, version: int | None = None) -> SavedView:
    """Change what was given. By its owner, or by those who run the project it is shared with.

    Raises what `create` raises, StaleVersion or rows.NotThere.
    """
    view = _locked(view_id, by=by, version=version)
    wanted = _clean(changes.get("project_id", view.project_id), changes)
    changed = sorted(name for name, value in wanted.items() if getattr(view, name) != value)
    if not changed:
        return view
    for name in changed:
        setattr(view, name, wanted[name])
    _hold(view.owner_id)
    _check(view, by)
    view.version += 1
    view.updated_at = timezone.now()
    view.save(update_fields=[*changed, "version", "updated_at"])
    events.view_updated(view, fields=[name.removesuffix("_id") for name in changed], by=by)
    return view


@transaction.atomic
def delete(view_id: UUID, *, by: Principal, version: int | None = None) -> None:
    """Raises policy.Refused, StaleVersion or rows.NotThere."""
    view = _locked(view_id, by=by, version=version)
    events.view_deleted(view, by=by)
    view.delete()


def _clean(project_id: UUID | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """By the rules of its project; those of nobody for a view of no project."""
    where, clean = project_id or UUID(int=0), dict(fields)
    if "name" in clean:
        clean["name"] = privacy.clean(where, clean["name"], NAME_MAX)
    if "q" in clean:
        clean["q"] = privacy.clean_filter(where, clean["q"])
    return clean


def _locked(view_id: UUID, *, by: Principal, version: int | None) -> SavedView:
    view = SavedView.objects.select_for_update(no_key=True).filter(pk=view_id).first()
    if view is None:
        raise rows.NotThere(view_id)
    if by.user_id is None or view.owner_id != by.user_id:
        if not (view.is_shared and view.project_id and policy.allows(by, "view.read", view.project_id)):
            raise rows.NotThere(view_id)
        policy.check(by, "project.manage", view.project_id)
    if version is not None and version != view.version:
        raise rows.StaleVersion(view_id)
    return view


def _hold(owner_id: int) -> None:
    """One owner's views are made and named one at a time."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=owner_id)


def _check(view: SavedView, by: Principal) -> None:
    if view.is_shared and view.project_id is None:
        raise SharedNowhere
    if view.project_id:
        policy.check(by, "view.share" if view.is_shared else "view.write", view.project_id)
    query.apply(Bug.objects.none(), view.q, principal=by)
    if SavedView.objects.filter(owner_id=view.owner_id, name=view.name).exclude(pk=view.pk).exists():
        raise NameTaken
