"""The house rules that no linter knows."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, TEST_LINES = 300, 400
VAGUE = {"utils", "helpers", "common", "base", "manager"}
SENDS = {"delay", "apply_async", "send_task"}
# Locked requirements name no registry either: whoever installs chooses.
FORBIDDEN = ("../" + "shared", "pypi" + ".org", "python" + "hosted", "npm" + "js")
NOT_OURS = {"__pycache__", "node_modules", "migrations"}


def _files(*suffixes: str) -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and (name[0] != "." or name == ".ci")]
        for name in names:
            if not suffixes or name.endswith(suffixes):
                yield Path(folder, name)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_short() -> None:
    """Tests are lists of facts and may be longer."""
    long = {}
    for path in _files(".py"):
        lines = len(path.read_text().splitlines())
        if lines > (TEST_LINES if "tests" in path.relative_to(ROOT).parts else FILE_LINES):
            long[_shown(path)] = lines
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    found = [_shown(path) for path in _files() if path.stem in VAGUE and path.suffix != ".txt"]
    assert found == ["config/postgres/base.py"]  # the name that Django looks for in a database backend
    assert [_shown(path) for path in _files(".py") if path.parent.name in VAGUE] == []


def test_only_the_outbox_and_tasks_send_messages() -> None:
    """Everything else leaves a row or an event, which no broker can lose."""
    found = []
    for path in _files(".py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] == "tests" or parts[-1] == "tasks.py" or parts == ("audit", "outbox.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in SENDS:
                found.append(f"{_shown(path)}:{node.lineno}")
    assert found == []


def test_every_module_says_why_it_exists() -> None:
    """Empty `__init__.py` files have nothing to say."""
    silent = []
    for path in _files(".py"):
        text = path.read_text()
        if text.strip() and ast.get_docstring(ast.parse(text)) is None:
            silent.append(_shown(path))
    assert silent == []


def test_no_file_names_places_outside_of_the_repository() -> None:
    found = []
    for path in _files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{_shown(path)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []
