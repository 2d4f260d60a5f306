"""Monthly partitions of tables keyed by UUIDv7: made ahead, dropped whole. SQL only; migrations use it too."""

from datetime import UTC, datetime

from audit.identifiers import first_of

MONTHS_AHEAD = 2


def month_start(moment: datetime, offset: int = 0) -> datetime:
    """The first instant (UTC) of the month `offset` months after the one of `moment`."""
    months = moment.year * 12 + moment.month - 1 + offset
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def create_month(table: str, start: datetime) -> str:
    """SQL that makes the partition of one month; `table` is a name of ours, never a user's."""
    end = month_start(start, 1)
    return (
        f"CREATE TABLE IF NOT EXISTS {table}_{start:%Y_%m} PARTITION OF {table} "
        f"FOR VALUES FROM ('{first_of(start)}') TO ('{first_of(end)}')"
    )


def months_ahead(table: str, now: datetime) -> list[str]:
    """SQL for the present month and the next ones, so that no row waits for a partition."""
    return [create_month(table, month_start(now, offset)) for offset in range(MONTHS_AHEAD + 1)]


def partition_by_id(table: str, indexes: dict[str, str], now: datetime) -> list[str]:
    """SQL that turns a table that was just created, and is empty, into one partitioned by its UUIDv7 id.

    indexes: name -> columns. Rows that no month takes (beat was away for months) go to a default partition.
    """
    return [
        f"ALTER TABLE {table} RENAME TO {table}_plain",
        f"CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)",
        f"DROP TABLE {table}_plain",
        f"ALTER TABLE {table} ADD PRIMARY KEY (id)",
        *(f"CREATE INDEX {name} ON {table} ({columns})" for name, columns in indexes.items()),
        f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT",
        *months_ahead(table, now),
    ]


# A trigger for rows holds for every partition; one for TRUNCATE has to be made for each.
GUARD = """
    DO $$ DECLARE part regclass; BEGIN
        FOR part IN SELECT relid FROM pg_partition_tree('audit_accessrecord') t WHERE NOT EXISTS (
            SELECT FROM pg_trigger g WHERE g.tgrelid = t.relid AND g.tgname = 'audit_access_no_truncate'
        ) LOOP
            EXECUTE format('CREATE TRIGGER audit_access_no_truncate BEFORE TRUNCATE ON %s '
                'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', part);
        END LOOP;
    END $$
"""

# Every month that there is, also one that was detached and not dropped: (name, whether it is attached, rows, bytes).
MONTHS = """
    SELECT relname, relispartition, greatest(reltuples, 0)::bigint, pg_total_relation_size(oid)
    FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname ~ ('^' || %s || '_[0-9]{4}_[0-9]{2}$')
    ORDER BY relname
"""


def month_of(table: str, name: str) -> datetime:
    """The first instant of the month that a partition of `table` holds, by its name."""
    year, month = name.removeprefix(f"{table}_").split("_")
    return datetime(int(year), int(month), 1, tzinfo=UTC)


def detach(table: str, name: str) -> str:
    """SQL that takes a partition out of its table. Everybody who uses the table waits for it, so it is not to wait."""
    return f"ALTER TABLE {table} DETACH PARTITION {name}"


def drop(name: str) -> str:
    """SQL that drops a partition that was detached before."""
    return f"DROP TABLE {name}"
