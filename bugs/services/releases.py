"""Every write to releases and to the commits that they are made of.

A commit of a project is there once. It waits until a release names it, or takes what waits: that is everything up to
its head when its head is known, else everything that was pushed until then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from audit.identifiers import uuid7
from bugs import events, policy
from bugs.commits import Commit
from bugs.models import CodeChange, Release
from bugs.selectors import privacy
from bugs.services import code_changes
from bugs.services.rows import NotThere

VERSION_MAX = 200
WAITING_MAX = 5_000  # commits of a project that no release has; the oldest are forgotten
_LOCK = 7_003_003  # advisory, beside a number made from the project's id

_BEGIN = """
    INSERT INTO bugs_release (id, project_id, version, created_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT DO NOTHING RETURNING id
"""
_WRITE = """
    INSERT INTO bugs_codechange AS c
        (id, project_id, release_id, is_named, commit, message, author, files, committed_at)
    SELECT id, %s, %s, %s, commit, message, author, files::jsonb, committed_at
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
        AS told(id, commit, message, author, files, committed_at)
    ON CONFLICT (project_id, commit) DO UPDATE SET
        {mine}
        message = coalesce(nullif(c.message, ''), excluded.message),
        author = coalesce(nullif(c.author, ''), excluded.author),
        files = CASE WHEN c.files = '[]' THEN excluded.files ELSE c.files END,
        committed_at = coalesce(c.committed_at, excluded.committed_at)
    WHERE {wanted} (c.files = '[]' AND excluded.files <> '[]' AND {same})
"""
# A release that names a commit has it, unless another one has named it before.
_NAME = _WRITE.format(
    mine="release_id = excluded.release_id, is_named = true,",
    wanted="NOT c.is_named OR",
    same="c.release_id = excluded.release_id",
)
_PUSH = _WRITE.format(mine="", wanted="", same="true")
_TAKE = """
    UPDATE bugs_codechange SET release_id = %s
    WHERE project_id = %s AND release_id IS NULL AND (%s::uuid IS NULL OR id <= %s)
"""
_FORGET = """
    DELETE FROM bugs_codechange WHERE project_id = %s AND release_id IS NULL AND id <= (
        SELECT id FROM bugs_codechange WHERE project_id = %s AND release_id IS NULL ORDER BY id DESC OFFSET %s LIMIT 1
    )
"""


@transaction.atomic
def publish(
    *,
    project_id: UUID,
    version: str,
    by: Principal,
    released_at: datetime | None = None,
    commit: str = "",
    commits: Sequence[Commit] = (),
) -> tuple[Release, bool]:
    """A release and what is in it; whether it is new. One that is there gets what it does not have yet.

    Personal data goes out of its texts. commit: the last one in it. Raises policy.Refused.
    """
    policy.check(by, "release.write", project_id)
    commits = code_changes.clean(project_id, commits)
    release, is_new = _begun(project_id, privacy.clean_label(project_id, version, VERSION_MAX))
    _hold(project_id)
    told = {"commit": commit or release.commit, "released_at": released_at or release.released_at}
    fields = [name for name, value in told.items() if getattr(release, name) != value]
    for name in fields:
        setattr(release, name, told[name])
    if fields:
        release.save(update_fields=fields)
    added = _write(_NAME, project_id, commits, release.pk) if commits else 0
    if is_new or commit:
        added += _take(release)
    _tell(release, is_new=is_new, added=added, fields=fields, by=by)
    return release, is_new


@transaction.atomic
def change(release_id: UUID, *, released_at: datetime | None, by: Principal) -> Release:
    """Say when it was released. Raises NotThere or policy.Refused."""
    release = Release.objects.select_for_update(no_key=True).filter(pk=release_id).first()
    if release is None or not policy.allows(by, "error.read", release.project_id):
        raise NotThere(release_id)
    policy.check(by, "release.write", release.project_id)
    if release.released_at != released_at:
        release.released_at = released_at
        release.save(update_fields=["released_at"])
        _tell(release, is_new=False, added=0, fields=["released_at"], by=by)
    return release


@transaction.atomic
def push(project_id: UUID, *, commits: Sequence[Commit], by: Principal) -> int:
    """Commits of the default branch, oldest first; how many are new. Releases that waited for theirs get them.

    Raises policy.Refused.
    """
    policy.check(by, "release.write", project_id)
    commits = code_changes.clean(project_id, commits)
    _hold(project_id)
    names = [commit.id for commit in commits]
    known = CodeChange.objects.filter(project_id=project_id, commit__in=names).count()
    _write(_PUSH, project_id, commits, None)
    waiting = Release.objects.filter(project_id=project_id, commit__in=names).exclude(commit="")
    for release in waiting.order_by("created_at", "id"):
        _tell(release, is_new=False, added=_take(release), fields=[], by=by)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [project_id, project_id, WAITING_MAX])
    return len(set(names)) - known


@transaction.atomic
def adopt(project_id: UUID, version: str) -> None:
    """A release that a program named and that was made just now, in this transaction, takes what waits."""
    release = Release.objects.get(project_id=project_id, version=version)
    _hold(project_id)
    _tell(release, is_new=True, added=_take(release), fields=[], by=SYSTEM)


def _hold(project_id: UUID) -> None:
    """One writer of a project's commits at a time, until its transaction ends; taken after the row of its release."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, str(project_id)])


def _begun(project_id: UUID, version: str) -> tuple[Release, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [uuid7(), project_id, version, timezone.now()])
        is_new = cursor.fetchone() is not None
    return Release.objects.select_for_update(no_key=True).get(project_id=project_id, version=version), is_new


def _write(statement: str, project_id: UUID, commits: Sequence[Commit], release_id: UUID | None) -> int:
    """How many were written. Their ids are in the order in which they came."""
    once = list({commit.id: commit for commit in commits}.values())
    columns: list[list[Any]] = [
        [uuid7() for _ in once],
        [commit.id for commit in once],
        [commit.message for commit in once],
        [commit.author for commit in once],
        [orjson.dumps(commit.files).decode() for commit in once],
        [commit.committed_at for commit in once],
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [project_id, release_id, release_id is not None, *columns])
        written: int = cursor.rowcount
    return written


def _take(release: Release) -> int:
    """What waits, for a release that has not named its commits; up to its head, or nothing while that is not known."""
    if release.changes.filter(is_named=True).exists():
        return 0
    head = None
    if release.commit:
        head = CodeChange.objects.filter(project_id=release.project_id, commit=release.commit).first()
        if head is None:
            return 0
    until = head.pk if head else None
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [release.pk, release.project_id, until, until])
        taken: int = cursor.rowcount
    return taken


def _tell(release: Release, *, is_new: bool, added: int, fields: list[str], by: Principal) -> None:
    if is_new:
        events.release_created(release, commits=added, by=by)
    elif added or fields:
        events.release_updated(release, commits=added, fields=fields, by=by)
