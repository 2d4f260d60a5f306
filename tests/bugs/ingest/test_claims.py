"""Who reads which envelope: each one once, the projects in turn, and one that cannot be read is never thrown away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bugs.ingest.digest import claims
from bugs.models import Arrival, Project


def arrive(project, count=1, size=10):
    now = timezone.now()
    rows = [Arrival(project_id=project.pk, received_at=now, size=size, body=b"x") for _ in range(count)]
    return [row.pk for row in Arrival.objects.bulk_create(rows)]


def lease_ends():
    Arrival.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def claimed(project, **more):
    return [one.id for one in claims.claim(project.pk, **more)]


def test_the_oldest_come_first_and_nobody_gets_them_again(project):
    ids = arrive(project, 3)
    assert claimed(project, at_most=2) == ids[:2]
    assert claimed(project) == ids[2:]
    assert claimed(project) == []


def test_a_batch_has_so_many_bytes_and_one_envelope_at_least(project):
    half = claims.BYTES_AT_ONCE // 2
    ids = arrive(project, 3, size=half)
    assert claimed(project) == ids[:2]
    large = arrive(project, 1, size=2 * claims.BYTES_AT_ONCE)
    assert claimed(project) == ids[2:]
    assert claimed(project) == large


def test_every_project_that_waits_is_named_once(project):
    other = Project.objects.create(number=8, key="APP", name="App")
    Project.objects.create(number=9, key="IDLE", name="Idle")
    for one in (project, other, project):
        arrive(one)
    assert sorted(claims.waiting()) == sorted([project.pk, other.pk])


def test_a_claim_counts_before_the_work_and_ends_with_its_lease(project):
    (one,) = arrive(project)
    assert [found.attempts for found in claims.claim(project.pk)] == [1]
    lease_ends()
    assert [found.attempts for found in claims.claim(project.pk)] == [2]
    assert Arrival.objects.get(pk=one).attempts == 2


def test_each_attempt_waits_longer(project):
    arrive(project)
    waits = []
    for _ in range(3):
        claims.claim(project.pk)
        waits.append(Arrival.objects.get().leased_until - timezone.now())
        lease_ends()
    assert [round(wait / claims.LEASE) for wait in waits] == [1, 4, 16]


def test_only_the_last_claim_may_finish(project):
    arrive(project)
    first = claims.claim(project.pk)
    lease_ends()
    second = claims.claim(project.pk)
    with pytest.raises(claims.LostLease):
        claims.finish(first)
    claims.finish(second)
    assert not Arrival.objects.exists()


def test_after_the_last_attempt_it_is_set_aside_until_somebody_asks_for_it(project):
    (one,) = arrive(project)
    Arrival.objects.update(attempts=claims.ATTEMPTS_MAX - 1)
    assert claimed(project) == [one]
    lease_ends()
    assert claimed(project) == [one]
    with connection.cursor() as cursor:
        cursor.execute("SELECT leased_until = 'infinity' FROM bugs_arrival")
        assert cursor.fetchone() == (True,)
    assert claimed(project) == []
    assert claims.again() == 1
    assert claimed(project) == [one]
