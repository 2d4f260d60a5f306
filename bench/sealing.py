"""What sealing costs, and how long it takes to verify a million sealed rows, on one core."""

import time
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test import override_settings

from audit import access, chains, eras, persons, sealing, signing, verification
from audit.actors import Principal
from audit.identifiers import uuid7
from audit.models import Seal
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World

ROWS = 1_000_000
LIMIT_SECONDS = 60.0  # promised for a million
ENCRYPTED = 20_000  # personal fields
_FILL = """
    INSERT INTO audit_accessrecord (id, era, occurred_at, channel, actor, person, operation, method, path, status,
        outcome, code, target, targets, data_class, request_id, project_ids, duration_ms, rows, size, count, sealed)
    SELECT overlay(gen_random_uuid()::text placing left(%s::text, 14) from 1 for 14)::uuid, %s, now(), 'rest',
        'key:' || %s, %s, 'bugs_retrieve', 'GET', '/api/v1/bugs/{{pk}}/', 200, 'allowed', '', 'bug:' || %s, 1, '',
        md5(n::text), ARRAY[%s::uuid], 12, NULL, 2345, 1, %s
    FROM generate_series(1, %s) n
"""


def measure(world: World, scale: Scale) -> list[Figure]:
    with override_settings(AUDIT_SEAL_LOG=str(Path(settings.DATA_DIR) / "bench-seals.log")):
        began = time.perf_counter()
        missing = ROWS - _sealed_rows()
        if missing > 0:
            _fill(missing)
        filled = time.perf_counter() - began
        rows, took = _seal()
        report, seconds = _verify()
    note = f"{report.rows:,} rows in {report.seals:,} seals: rows, roots, links, signatures, log"
    per_row = (
        [Figure("sealing", "a row is sealed", "µs", took / rows * 1e6, None, None, "1,000 to a seal")] if rows else []
    )
    return [
        Figure("sealing", "verify 1,000,000 rows", "s", seconds / report.rows * ROWS, None, LIMIT_SECONDS, note),
        *per_row,
        Figure(
            "sealing", "personal fields of a record are encrypted", "µs", _encrypted(), None, None, "in the process"
        ),
        Figure("sealing", "filling", "s", filled),
    ]


def _sealed_rows() -> int:
    return sum(Seal.objects.filter(chain="access").values_list("count", flat=True))


def _fill(count: int) -> None:
    """Rows of the size that calls leave, of one person."""
    blob = persons.seal("user:1", uuid4(), _fields())[1]
    key, one = uuid4(), uuid4()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for start in range(0, count, 100_000):
            values = [
                str(uuid7()),
                eras.current().number,
                str(key),
                one,
                str(one),
                one,
                blob,
                min(100_000, count - start),
            ]
            cursor.execute(_FILL.replace("{{pk}}", "{pk}"), values)
        cursor.execute("ANALYZE audit_accessrecord")


def _seal() -> tuple[int, float]:
    began, before = time.perf_counter(), _sealed_rows()
    while sealing.seal_all():
        pass
    return _sealed_rows() - before, time.perf_counter() - began


def _verify() -> tuple[verification.Report, float]:
    began = time.perf_counter()
    report = verification.verify(chains.ACCESS, keys=signing.trusted(), log=Path(settings.AUDIT_SEAL_LOG))
    if report.fault:
        raise RuntimeError(f"{report.fault}")
    return report, time.perf_counter() - began


def _encrypted() -> float:
    """The fastest tenth."""
    source = access.Source(ip="203.0.113.7", user_agent="curl/8.5.0", path="/api/v1/bugs/WEB-1/", query="q=is:open")
    note, record_id, taken = access.Access(principal=Principal("user:1", user_id=1)), uuid4(), []
    for _ in range(ENCRYPTED):
        began = time.perf_counter()
        persons.seal("user:1", record_id, access._fields(source, note))
        taken.append((time.perf_counter() - began) * 1e6)
    return sorted(taken)[ENCRYPTED // 20]


def _fields() -> dict[str, str]:
    return {"ip": "203.0.113.7", "user_agent": "curl/8.5.0 (a usual one is longer)", "path": "/api/v1/bugs/WEB-1/"}
