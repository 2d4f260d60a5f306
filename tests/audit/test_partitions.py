"""Partitions are made ahead, whatever the default partition holds."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from audit import partitions, tasks
from audit.identifiers import first_of

TABLE = "bugs_errorreport"
pytestmark = pytest.mark.django_db


def months():
    with connection.cursor() as cursor:
        cursor.execute(partitions.MONTHS, [TABLE])
        return [partitions.month_of(TABLE, row[0]) for row in cursor.fetchall()]


def drop(month):
    with connection.cursor() as cursor:
        name = f"{TABLE}_{month:%Y_%m}"
        cursor.execute(partitions.detach(TABLE, name))
        cursor.execute(partitions.drop(name))


def test_the_present_month_and_the_next_two_have_a_partition():
    tasks.make_partitions()
    assert {partitions.month_start(timezone.now(), offset) for offset in range(3)} <= set(months())


def test_a_month_that_has_rows_elsewhere_does_not_keep_the_next_ones_from_being_made():
    tasks.make_partitions()
    first, second = (partitions.month_start(timezone.now(), offset) for offset in range(2))
    drop(first), drop(second)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bugs_errorreport SELECT %s, %s, %s, %s, now(), now(), 'error', '', '', '', '', '', ''",
            [first_of(first + timedelta(hours=1)), *[UUID(int=1)] * 3],
        )
    tasks.make_partitions()
    assert first not in months() and second in months()


def test_the_name_of_a_partition_tells_its_month():
    assert partitions.month_of(TABLE, "bugs_errorreport_2026_05") == datetime(2026, 5, 1, tzinfo=UTC)
