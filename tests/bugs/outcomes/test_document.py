"""Every reason that the code gives is explained, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = (ROOT / "docs" / "outcomes.md").read_text().partition("## Reasons")[2].partition("\n## ")[0]
NOT_COUNTED = {"unavailable", "method_not_allowed", "unknown_project", "not_allowed"}  # nothing was taken in


def reasons() -> set[str]:
    """What `Fate`, `Refusal` and `Invalid` are given, and what has a name of its own."""
    found = {"rule", "over_rate", "over_backlog", "not_an_object", "empty"}
    for path in (ROOT / "bugs" / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                place = {"Fate": 1, "Refusal": 1, "Invalid": 0}.get(node.func.id)
                if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    found.add(str(node.args[place].value))
    return found - NOT_COUNTED - {""}


def test_the_table_has_exactly_the_reasons_of_the_code() -> None:
    assert set(re.findall(r"^\| `([^`]+)`", TABLE, re.MULTILINE)) == reasons()
