"""Sessions become rows: what was said of each in one statement, what servers counted in another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.identifiers import uuid7
from bugs.ingest.digest import announcing, redacting, surroundings
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import ACCEPTED, INVALID, Fate
from bugs.ingest.reading import sessions
from bugs.ingest.reading.sessions import COUNT_MAX, COUNTED, MALFORMED, ORDER, Place, Unfit, Update
from bugs.ingest.wire import envelope, kinds, lenient_json
from bugs.services import releases

# The same rules as `sessions.latest`. What only errors had told of a session gives way to what its SDK says.
_LATER = """(
    NOT s.is_tracked OR (excluded.sequence, array_position(%(order)s::text[], excluded.state::text))
        > (s.sequence, array_position(%(order)s::text[], s.state::text))
)"""
_TRACK = f"""
    INSERT INTO bugs_session AS s (id, project_id, key, user_key, state, environment, release, errors, sequence,
        duration, started_at, last_seen_at, is_tracked)
    SELECT id, %(project)s, key, user_key, state, environment, release, errors, sequence, duration, started_at,
        last_seen_at, true
    FROM unnest(%(id)s::uuid[], %(key)s::text[], %(user_key)s::text[], %(state)s::text[], %(environment)s::text[],
        %(release)s::text[], %(errors)s::int[], %(sequence)s::bigint[], %(duration)s::float[],
        %(started_at)s::timestamptz[], %(last_seen_at)s::timestamptz[])
        AS told(id, key, user_key, state, environment, release, errors, sequence, duration, started_at, last_seen_at)
    ON CONFLICT (project_id, key) DO UPDATE SET
        state = CASE WHEN s.state = 'crashed' THEN s.state
            WHEN excluded.state = 'crashed' OR {_LATER} THEN excluded.state ELSE s.state END,
        duration = CASE WHEN {_LATER} THEN coalesce(excluded.duration, s.duration)
            ELSE coalesce(s.duration, excluded.duration) END,
        user_key = coalesce(nullif(s.user_key, ''), excluded.user_key),
        environment = coalesce(nullif(excluded.environment, ''), s.environment),
        release = coalesce(nullif(excluded.release, ''), s.release),
        errors = greatest(s.errors, excluded.errors),
        sequence = greatest(s.sequence, excluded.sequence),
        started_at = least(s.started_at, excluded.started_at),
        last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at),
        is_tracked = true
    RETURNING id, state
"""  # noqa: S608
_SUMS = ", ".join(f"{name} = least(c.{name}::bigint + excluded.{name}, {COUNT_MAX})" for name in COUNTED)
_TALLY = f"""
    INSERT INTO bugs_sessioncount AS c (project_id, release, environment, hour, {", ".join(COUNTED)})
    SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::int[])
    ON CONFLICT (project_id, release, environment, hour) DO UPDATE SET {_SUMS}
"""  # noqa: S608


@transaction.atomic(savepoint=False)  # what is announced of them belongs to one
def keep(project_id: UUID, items: Sequence[Item]) -> list[Fate]:
    """Sessions as they were told of, in any order and any number of times; counts added to what was counted."""
    said: list[Update] = []
    tallied: list[tuple[Place, Counter[str]]] = []
    fates = [_read(item, said, tallied) for item in items]
    told, counts = _clean(project_id, said, tallied)
    named = {*(update.release for update in told.values()), *(release for release, _, _ in counts)}
    for version in surroundings.exist(project_id, named - {""}):
        releases.adopt(project_id, version)
    if told:
        _track(project_id, told)
    if counts:
        _tally(project_id, counts)  # last, since every server writes to the same rows
    return fates


def _clean(
    project_id: UUID, said: Sequence[Update], tallied: Sequence[tuple[Place, Counter[str]]]
) -> tuple[dict[str, Update], dict[Place, Counter[str]]]:
    """What was said of each session and counted at each place, together; their names redacted."""
    told: dict[str, Update] = {}
    counts: dict[Place, Counter[str]] = {}
    for raw in said:
        update = redacting.session(project_id, raw)
        told[update.key] = sessions.latest(told[update.key], update) if update.key in told else update
    for (release, environment, hour), counted in tallied:
        place = (*redacting.place(project_id, release, environment), hour)
        counts.setdefault(place, Counter()).update(counted)
    return told, counts


def _read(item: Item, said: list[Update], tallied: list[tuple[Place, Counter[str]]]) -> Fate:
    """What an item says, added to what others have said; its fate."""
    if len(item.payload) > envelope.JSON_MAX:
        return Fate(INVALID, "body_too_large")
    when: dict[str, Any] = {"received_at": item.received_at, "sent_at": item.sent_at}
    try:
        value = lenient_json.load(item.payload)
        if item.type == kinds.SESSION:
            said.append(sessions.update(value, **when))
        else:
            tallied += sessions.tallies(value, **when).items()
    except lenient_json.Malformed:
        return MALFORMED
    except Unfit as unfit:
        return unfit.fate
    return Fate(ACCEPTED)


def _track(project_id: UUID, told: Mapping[str, Update]) -> None:
    """In the order of their keys, as whoever else writes sessions."""
    updates = [told[key] for key in sorted(told)]
    columns: dict[str, Any] = {name: [getattr(update, name) for update in updates] for name in _FIELDS}
    columns["id"] = [uuid7() for _ in updates]
    columns["user_key"] = [surroundings.user_key(project_id, {"id": update.user}) for update in updates]
    with connection.cursor() as cursor:
        cursor.execute(_TRACK, {"project": project_id, "order": list(ORDER), **columns})
        touched = cursor.fetchall()
    announcing.sessions(project_id, touched, set(columns["id"]))


_FIELDS = ("key", "state", "environment", "release", "errors", "sequence", "duration", "started_at", "last_seen_at")


def _tally(project_id: UUID, counts: Mapping[Place, Counter[str]]) -> None:
    places = sorted(counts)
    numbers = [[min(counts[place][name], COUNT_MAX) for place in places] for name in COUNTED]
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, [project_id, *map(list, zip(*places, strict=True)), *numbers])
