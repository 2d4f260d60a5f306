"""Months go while others use the table: nobody waits long, and what is in use is tried again."""

from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from bugs.services import retention

OLD = datetime(2024, 11, 3, tzinfo=UTC)
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def another():
    """Another connection."""
    second = connections.create_connection("default")
    with second.cursor() as cursor:
        yield cursor
    second.close()


@pytest.fixture(autouse=True)
def rules(monkeypatch):
    monkeypatch.setattr(retention, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.01)
    yield
    with connection.cursor() as cursor:  # until the end of this connection, which follows the flush
        cursor.execute("DROP TABLE IF EXISTS bugs_errorreport_2024_11; SET session_replication_role = replica")


def keep_one(came):
    with transaction.atomic():
        came(OLD)


def test_a_month_that_somebody_reads_is_left_for_the_next_run(came, another):
    keep_one(came)
    another.execute("BEGIN; SELECT count(*) FROM bugs_errorreport")
    assert not retention.retain(NOW).is_complete
    another.execute("COMMIT")
    assert retention.retain(NOW).is_complete


def test_others_go_on_writing_meanwhile(came, another):
    keep_one(came)
    another.execute("BEGIN; SELECT count(*) FROM bugs_errorreport")
    retention.retain(NOW)
    another.execute("ROLLBACK")
    another.execute("SELECT count(*) FROM bugs_errorreport_2024_11")
    assert another.fetchone() == (1,)
