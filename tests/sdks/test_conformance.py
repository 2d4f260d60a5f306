"""Unmodified SDKs against running processes: what arrives is what docs/ingest.md says."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdks import conformance, document, javascript_cases, python_cases
from tests.sdks.cases import Case

CASES = [*python_cases.CASES, *javascript_cases.CASES]
MODULES = Path(__file__).parent / "node_modules"


def node_major() -> int:
    if not shutil.which("node"):
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").split(".")[0])


def why_not(case: Case) -> str:
    """Why this case cannot be tried on this machine, if it cannot."""
    runtime, major = case.program.runtime, node_major()
    if runtime == "python":
        return ""
    if not major or not MODULES.exists():
        return "needs node, and its packages: cd tests/sdks && npm ci"
    if runtime == "browser" and not shutil.which("chromium"):
        return "needs Debian's chromium"
    return "needs node 20" if case.program.major == "11" and major < 20 else ""


@pytest.mark.parametrize("runtime", ["python", "node", "browser"])
def test_what_arrives_is_what_the_document_says(runtime: str, projects: Any, reader: Any) -> None:
    reasons = {case.name: why_not(case) for case in CASES if case.program.runtime == runtime}
    cases = [case for case in CASES if case.program.runtime == runtime and not why_not(case)]
    if not cases:
        pytest.skip(next(iter(reasons.values())))
    rows = conformance.run(cases, projects(len(cases)), reader)
    if os.environ.get(document.WRITE):
        conformance.write(rows, CASES)
    keys = {row.key for row in rows}
    assert rows == [row for row in conformance.documented() if row.key in keys]


def test_the_table_has_every_case_and_no_other() -> None:
    said = {(row.name, row.what_arrives) for row in conformance.documented()}
    assert said == {(case.name, case.what_arrives) for case in CASES}
