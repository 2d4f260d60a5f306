"""How PostgreSQL reads what the measured requests ask: plans in a file, scans of the whole table as figures."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import questions
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World

NOTE = "statements of each request under EXPLAIN; the plans are in plans.txt beside the data"
BIG = ("bugs_bug", "bugs_errorreport", "bugs_errorgroup", "bugs_comment", "audit_event")


def measure(world: World, scale: Scale) -> list[Figure]:
    texts, figures = [], []
    for question in questions.all_of(world, 0):
        status, statements = _statements(question)
        scans, cost = 0, 0.0
        texts.append(f"== {question.name}\n   GET {question.path}")
        for sql in statements:
            text, plan = explain(sql)
            scans += len(list(whole_scans(plan)))
            cost += plan["Total Cost"]
            texts.append(f"{' '.join(sql.split())}\n{text}")
        figures.append(
            Figure(
                "plans", f"{question.name}: {status}, {len(statements)} statements", "whole scans", scans, None, 0, NOTE
            )
        )
    (world.directory / "plans.txt").write_text("\n\n".join(texts) + "\n")
    return figures


def _statements(question: questions.Question) -> tuple[int, list[str]]:
    """How the request is answered, and what it asks of the big tables."""
    caller = Client(headers={"authorization": f"Bearer {question.key}"}, raise_request_exception=False)
    with CaptureQueriesContext(connection) as queries:
        status = caller.get(question.path, SERVER_NAME="127.0.0.1").status_code
    asked = [one["sql"].lstrip() for one in queries.captured_queries]
    reads = [sql for sql in asked if sql.upper().startswith(("SELECT", "WITH")) and "INSERT" not in sql]
    return status, [sql for sql in reads if any(table in sql for table in BIG)]


def explain(sql: str) -> tuple[str, dict[str, Any]]:
    """The plan for people and as nodes."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        text = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("EXPLAIN (FORMAT json) " + sql)
        found = cursor.fetchone()[0]
    return text, (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def whole_scans(plan: dict[str, Any]) -> Iterator[str]:
    """Tables of the big ones that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan" and plan.get("Relation Name", "").startswith(BIG):
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from whole_scans(inner)
