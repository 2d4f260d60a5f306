"""Ingest puts a new group behind one with a similar stack; people can take it out."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from audit.actors import SYSTEM
from audit.models import Event
from bugs.models import Bug, ErrorGroup, GroupMove
from bugs.services import grouping


@pytest.fixture
def fresh(web: Any) -> Any:
    """A group as ingest has just made it."""

    def make(name: str = "f" * 32, level: str = "error") -> Any:
        now = timezone.now()
        return ErrorGroup.objects.create(
            project=web,
            fingerprint=name,
            grouping="v2:in_app",
            title=f"{name[:3]} happened",
            level=level,
            reports=1,
            first_seen_at=now,
            last_seen_at=now + timedelta(seconds=1),
        )

    return make


def test_it_takes_the_bug_of_the_one_it_stands_behind(crash: Any, fresh: Any) -> None:
    head, group = crash("KeyError"), fresh()
    found = grouping.attach(group.pk, into=head.pk, similarity=0.83, by=SYSTEM)
    group.refresh_from_db()
    assert found is not None and found.pk == head.pk == group.merged_into_id
    assert group.bug_id == head.bug_id
    move = GroupMove.objects.get(group=group)
    assert (move.kind, move.similarity, move.actor) == ("attach", 0.83, "system")
    event = Event.objects.get(type="error_group.merged")
    assert (event.data["into"], event.data["similarity"]) == (str(head.pk), 0.83)


def test_it_counts_nothing_in_the_bug(crash: Any, fresh: Any) -> None:
    head = crash("KeyError", times=2)
    grouping.attach(fresh().pk, into=head.pk, similarity=0.83, by=SYSTEM)
    assert Bug.objects.get(pk=head.bug_id).error_count == 2


def test_behind_one_that_stands_behind_another_it_goes_to_that(crash: Any, do: Any, fresh: Any) -> None:
    one, two, group = crash("KeyError"), crash("ValueError"), fresh()
    do(one, "merge", {"into": str(two.pk)})
    found = grouping.attach(group.pk, into=one.pk, similarity=0.9, by=SYSTEM)
    assert found is not None and found.pk == two.pk


def test_it_stays_alone_where_as_many_are_as_may_be(crash: Any, fresh: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(grouping, "MEMBERS_MAX", 0)
    group = fresh()
    assert grouping.attach(group.pk, into=crash("KeyError").pk, similarity=0.9, by=SYSTEM) is None
    group.refresh_from_db()
    assert group.merged_into_id is None


def test_taken_out_it_has_a_bug_of_its_own(crash: Any, do: Any, fresh: Any) -> None:
    head, group = crash("KeyError"), fresh()
    grouping.attach(group.pk, into=head.pk, similarity=0.9, by=SYSTEM)
    do(group, "undo")
    group.refresh_from_db()
    assert group.merged_into_id is None and group.bug_id not in (None, head.bug_id)
    bug = Bug.objects.get(pk=group.bug_id)
    assert (bug.title, bug.error_count) == (group.title, 1)


@pytest.mark.parametrize(("setting", "level"), [("none", "fatal"), ("fatal", "error"), ("error", "warning")])
def test_taken_out_it_has_no_bug_where_the_project_wants_none(
    crash: Any, do: Any, fresh: Any, web: Any, setting: str, level: str
) -> None:
    head, group = crash("KeyError"), fresh(level=level)
    grouping.attach(group.pk, into=head.pk, similarity=0.9, by=SYSTEM)
    web.bugs_from = setting
    web.save()
    do(group, "split")
    group.refresh_from_db()
    assert group.bug_id is None


def test_the_head_shows_how_alike_they_are(crash: Any, fresh: Any, read: Any) -> None:
    head, group = crash("KeyError"), fresh()
    grouping.attach(group.pk, into=head.pk, similarity=0.83, by=SYSTEM)
    (member,) = read(head)["members"]
    assert (member["id"], member["similarity"], member["reports"]) == (str(group.pk), 0.83, 1)


@pytest.mark.django_db(transaction=True)
def test_it_never_waits_for_one_that_is_being_moved(crash: Any, fresh: Any) -> None:
    head, group = crash("KeyError"), fresh()
    mover = connections.create_connection("default")
    try:
        with mover.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM bugs_errorgroup WHERE id = %s FOR UPDATE", [head.pk])
            with transaction.atomic():
                assert grouping.attach(group.pk, into=head.pk, similarity=0.9, by=SYSTEM) is None
            cursor.execute("ROLLBACK")
    finally:
        mover.close()


@pytest.mark.django_db(transaction=True)
def test_it_does_not_wait_for_one_that_is_being_counted(crash: Any, fresh: Any) -> None:
    head, group = crash("KeyError"), fresh()
    counter = connections.create_connection("default")
    try:
        with counter.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE bugs_errorgroup SET reports = reports + 1 WHERE id = %s", [head.pk])
            with transaction.atomic():
                assert grouping.attach(group.pk, into=head.pk, similarity=0.9, by=SYSTEM) is not None
            cursor.execute("ROLLBACK")
    finally:
        counter.close()
