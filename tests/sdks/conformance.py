"""Runs the cases and keeps their table in docs/ingest.md: `python -m tests.sdks.conformance` writes it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.sdks import document
from tests.sdks.arrived import Arrived
from tests.sdks.cases import Case

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/ingest.md"
TESTS = ["tests/sdks/test_conformance.py", "tests/bugs/ingest/test_bad_input.py"]
TABLE, HEAD = "conformance", ["SDK", "What the program does", "What arrives", "Result"]
AT_ONCE = 3  # programs, which wait most of the time
PATIENCE = 30.0


class Row(NamedTuple):
    """One line of the table."""

    sdk: str
    name: str
    what_arrives: str
    result: str

    @property
    def key(self) -> tuple[str, str]:
        return key(self.sdk, self.name)


def key(sdk: str, name: str) -> tuple[str, str]:
    """What names a row: the SDK with its major version alone, and the case."""
    return re.sub(r"(\d+)\..*", r"\1", sdk), name


def run(cases: Iterable[Case], dsns: Mapping[str, str], client: httpx.Client) -> list[Row]:
    """Each case in a project of its own, by its key; in the order of the cases."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda case, project: _row(case, project, dsns[project], client), cases, dsns))


def documented() -> list[Row]:
    return [Row(*row) for row in document.read(TABLE)]


def write(rows: Iterable[Row], cases: Iterable[Case]) -> None:
    """In the order of all cases; what did not run keeps its row, and what is no case any more loses it."""
    known = {row.key: row for row in (*documented(), *rows)}
    places = [key(case.sdk, case.name) for case in cases]
    document.write(TABLE, HEAD, [known[place] for place in places if place in known])


def _row(case: Case, project: str, dsn: str, client: httpx.Client) -> Row:
    arrived = Arrived(client, project, case.program.run(dsn))
    end = time.monotonic() + PATIENCE
    while (missing := _missing(case, arrived)) and time.monotonic() < end:
        time.sleep(0.3)
    return Row(case.sdk, case.name, case.what_arrives, "missing: " + ", ".join(missing) if missing else "all")


def _missing(case: Case, arrived: Arrived) -> list[str]:
    missing = []
    for name, check in case.checks.items():
        try:
            is_there = check(arrived)
        except (LookupError, TypeError, ValueError, AssertionError, httpx.HTTPError):
            is_there = False
        missing += [] if is_there else [name]
    return missing


if __name__ == "__main__":
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *TESTS, *sys.argv[1:]]
    sys.exit(subprocess.run(command, cwd=ROOT, env={**os.environ, document.WRITE: "1"}, check=False).returncode)
