"""How PostgreSQL reads what the measured requests ask: plans in a file, scans of the whole table as figures."""

import json
import re
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
# What the generator fills; a table with a few rows is rightly read whole.
BIG = ("bugs_bug", "bugs_errorreport", "bugs_errorgroup", "bugs_comment")
_BIG = re.compile(rf"({'|'.join(BIG)})(_\d+_\d+)?$")


def measure(world: World, scale: Scale) -> list[Figure]:
    texts, figures = [], []
    for question in questions.all_of(world):
        scanned: list[str] = []
        texts.append(f"== {question.name}\n   GET {question.path}")
        for sql in _statements(question):
            text, plan = explain(sql)
            scanned += whole_scans(plan)
            texts.append(f"{' '.join(sql.split())}\n{text}")
        case = f"{question.name}: {', '.join(scanned)}" if scanned else question.name
        figures.append(Figure("plans", case, "whole scans", len(scanned), None, 0, NOTE))
    (world.directory / "plans.txt").write_text("\n\n".join(texts) + "\n")
    return figures


def _statements(question: questions.Question) -> list[str]:
    """What the request asks of the big tables; an answer that is no 200 stops the benchmark."""
    caller = Client(headers={"authorization": f"Bearer {question.key}"}, raise_request_exception=False)
    with CaptureQueriesContext(connection) as queries:
        answer = caller.get(question.path, SERVER_NAME="127.0.0.1")
    if answer.status_code != 200:
        raise RuntimeError(f"{question.name}: {answer.status_code} {answer.content[:500]!r}")
    asked = [one["sql"].lstrip() for one in queries.captured_queries]
    reads = [sql for sql in asked if sql.upper().startswith(("SELECT", "WITH")) and "INSERT" not in sql]
    return [sql for sql in reads if any(table in sql for table in BIG)]


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
    if plan["Node Type"] == "Seq Scan" and _BIG.match(plan.get("Relation Name", "")):
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from whole_scans(inner)
